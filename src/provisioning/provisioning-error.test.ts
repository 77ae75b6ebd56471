import { expect, test } from 'vitest';
import { Secret } from '../base/secret.ts';
import { quoted } from './provisioning-error.ts';

const hash = new Secret(`{SHA512-CRYPT}$6$salz$${'h'.repeat(40)}`);

test('a hash is taken out whole, without its scheme, and by its last part', () => {
  const bare = hash.reveal().slice('{SHA512-CRYPT}'.length);
  for (const part of [hash.reveal(), bare, 'h'.repeat(40)])
    expect(quoted(`no: ${part} is wrong`, [hash, null])).toBe('no: *** is wrong');
});

test('a part of a hash is taken out as well, also at the end of what was read', () => {
  expect(quoted(`xx ${'h'.repeat(20)} yy`, [hash])).toBe('xx *** yy');
  expect(quoted(`${'x '.repeat(4_090)}${hash.reveal()}`, [hash])).not.toMatch(/h{8}/);
  expect(quoted('SHA512 is a hash', [hash])).toBe('SHA512 is a hash');
});

test('what others wrote is one short line without controls', () => {
  expect(quoted('a\u001b[2J\r\n\tb\u202ec\u2028d', [])).toBe('a [2J b c d');
  expect(quoted('x'.repeat(1_000), [])).toHaveLength(301);
});
