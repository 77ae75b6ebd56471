import { expect, test } from 'vitest';
import { decideAbsences, listLookup, listOnce } from './discovery-decision.ts';
import type { ListedAddress } from './address-source.ts';

const listed = (address: string, more: Partial<ListedAddress> = {}): ListedAddress => ({
  address,
  login: address,
  quotaBytes: null,
  aliases: [],
  team: null,
  ...more,
});
const account = (n: number) => ({ id: `id${n}`, address: `u${n}@example.org`, oldLogin: `u${n}` });
const accounts = (count: number) => Array.from({ length: count }, (_, n) => account(n));
const nobody = new Map();

test('an account is in the list by its address or by its login', async () => {
  const has = await listLookup([listed('a@example.org'), listed('other@example.org', { login: 'U7' })]);
  expect(has(account(7))).toBe(true);
  expect(has({ id: '', address: 'a@example.org', oldLogin: 'x' })).toBe(true);
  expect(has(account(8))).toBe(false);
});

test('who is missing once is suspected, twice has vanished, and afterwards is told no more', () => {
  const [gone] = accounts(1);
  if (gone === undefined) throw new Error('no account');
  expect(decideAbsences([gone], 100, 99, nobody)).toEqual({ missing: [gone], vanished: [], returned: [] });
  const suspected = new Map([[gone.id, 'missing' as const]]);
  expect(decideAbsences([gone], 100, 99, suspected)).toEqual({ missing: [], vanished: [gone], returned: [] });
  const told = new Map([[gone.id, 'vanished' as const]]);
  expect(decideAbsences([gone], 100, 99, told)).toEqual({ missing: [], vanished: [], returned: [] });
  expect(decideAbsences([], 100, 99, told)).toEqual({ missing: [], vanished: [], returned: [gone.id] });
});

test.each([
  [3, 4, false],
  [4, 4, true],
  [5, 100, false],
  [6, 100, true],
  [50, 1_000, false],
  [51, 1_000, true],
])('%i missing of %i is believed or not', (gone, all, stopped) => {
  const decide = () => decideAbsences(accounts(gone), all, 1, nobody);
  if (stopped) expect(decide).toThrow(/not believed/);
  else expect(decide().missing).toHaveLength(gone);
});

test('what has vanished before does not stop the list; an empty list always does', () => {
  const told = new Map(accounts(50).map(({ id }) => [id, 'vanished' as const]));
  expect(decideAbsences(accounts(50), 60, 10, told).vanished).toEqual([]);
  expect(() => decideAbsences([], 0, 0, nobody)).toThrow(/empty/);
});

test('each address is in the list once, as an own one first', async () => {
  const all = [
    listed('a@example.org', { aliases: ['b@example.org', 'info@example.org', 'info@example.org'] }),
    listed('b@example.org', { aliases: ['info@example.org'] }),
    listed('a@example.org', { login: 'again' }),
  ];
  expect(await listOnce(all)).toEqual([
    listed('a@example.org', { aliases: ['info@example.org'] }),
    listed('b@example.org'),
  ]);
});
