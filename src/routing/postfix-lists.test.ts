import { expect, it } from 'vitest';
import { elementsOf, withOurs, withoutOurs } from './postfix-lists.ts';

const ours = 'check_client_access cidr:/m/peer, check_recipient_access pipemap:{lmdb:t,regexp:/m/verify}';

it('splits at commas and blanks, not within braces', () => {
  expect(elementsOf('a, b c,{d, e} ${x ? {y, z} : {}}')).toEqual([
    'a',
    'b',
    'c',
    '{d, e}',
    '${x ? {y, z} : {}}',
  ]);
});

it('puts ours at one end, once', () => {
  const once = withOurs('permit_mynetworks reject', ours, 'front');
  expect(once).toBe(`${ours}, permit_mynetworks, reject`);
  expect(withOurs(once, ours, 'front')).toBe(once);
  expect(withOurs('a', 'b', 'back')).toBe('a, b');
});

it.each([
  ['as they were put', `${ours}, permit_mynetworks`, 'permit_mynetworks'],
  [
    'with something in between',
    ours.replace(', ', ', permit_mynetworks, check_client_access hash:/site, '),
    'permit_mynetworks, check_client_access hash:/site',
  ],
  ['the other way round, and one of them gone', 'reject, check_client_access cidr:/m/peer', 'reject'],
])('takes ours out: %s', (_, value, rest) => {
  expect(withoutOurs(value, ours)).toBe(rest);
});

it('leaves what is not ours: the same table for another question', () => {
  expect(withoutOurs('check_sender_access cidr:/m/peer', ours)).toBeNull();
});
