import { expect, it } from 'vitest';
import { candidatesOf, foldAddress, keysOf, nexthopOf } from './transport-table.ts';

it('names the host itself', () => {
  expect(nexthopOf('new.example', 25)).toBe('mailferry:[new.example]:25');
});

it('has a key for each way to write an address', () => {
  expect(keysOf('Anna@Example.org')).toEqual(['anna@example.org']);
  expect(keysOf('nähe@bücher.example')).toEqual(['nähe@bücher.example', 'nähe@xn--bcher-kva.example']);
  expect(keysOf('nähe@xn--bcher-kva.example').sort()).toEqual(keysOf('nähe@bücher.example'));
  expect(keysOf('two words@b.org')).toEqual(['"two words"@b.org']);
  expect(keysOf('"two words"@b.org')).toEqual(['"two words"@b.org']);
  expect(keysOf('"needless"@b.org')).toEqual(['needless@b.org']);
  expect(keysOf('a..b@b.org')).toEqual(['"a..b"@b.org']);
  expect(keysOf('"a\\"b@c"@b.org')).toEqual(['"a\\"b@c"@b.org']);
  expect(keysOf('postmaster')).toEqual([]);
  // Postfix folds these to another's: strasse.de, strasse@.
  expect(keysOf('anna@straße.de')).toEqual(['anna@xn--strae-oqa.de']);
  expect(keysOf('anna@xn--strae-oqa.de')).toEqual(['anna@xn--strae-oqa.de']);
  expect(keysOf('straße@b.org')).toEqual([]);
  // A comment to postmap.
  expect(keysOf('#1@b.org')).toEqual([]);
  expect(candidatesOf('#1@b.org', '+')).toEqual([]);
});

it('looks for what was written, then without extension', () => {
  expect(candidatesOf('Anna+News@Example.ORG', '+')).toEqual(['anna+news@example.org', 'anna@example.org']);
  expect(candidatesOf('anna-a+b@x.org', '+-')).toContain('anna@x.org');
  expect(candidatesOf('+anna@x.org', '+')).toEqual(['+anna@x.org']);
  expect(candidatesOf('anna+x@x.org', '')).toEqual(['anna+x@x.org']);
  expect(candidatesOf('"Two Words"@b.org', '+')).toContain('two words@b.org');
  expect(candidatesOf('a@xn--bcher-kva.example', '+')).toContain('a@bücher.example');
  // Postfix takes a dot at the end off before it asks; a key that has one is nobody's in a table, either.
  expect(candidatesOf('anna@example.org.', '+')).toEqual(['anna@example.org.']);
});

it('looks for nothing where the key is no address', () => {
  for (const key of ['*', 'example.org', '.org', '', '@example.org', 'anna@'])
    expect(candidatesOf(key, '+')).toEqual([]);
});

it('folds to one form', () => {
  expect(foldAddress('NÄHE@B.org')).toBe('nähe@b.org');
});
