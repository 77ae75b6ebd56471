import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maxAliases, maxRows } from './limits.ts';
import { domainForm, idOrAddressForm, readAddress } from '../../state/database/address-form.ts';
import { readQuota } from './read-fields.ts';
import { type ReadList, readCsv, readJson } from './read-list.ts';

const octets = (text: string) => new TextEncoder().encode(text);
const csv = (text: string) => readCsv(octets(text));
const json = (value: unknown) => readJson(octets(JSON.stringify(value)));
const told = ({ faults }: ReadList) =>
  faults.map(({ line, column, text }) => `${line} ${column}: ${text.en}`);
const plain = (read: ReadList) => {
  expect(read.faults).toEqual([]);
  return read.rows.map(({ oldPassword, newPassword, ...row }) => ({
    ...row,
    oldPassword: oldPassword?.reveal() ?? null,
    newPassword: newPassword?.reveal() ?? null,
  }));
};
const anna = {
  line: 2,
  address: 'anna@example.org',
  team: 'Müller, GmbH',
  oldLogin: 'anna',
  newLogin: null,
  quotaBytes: 5_000_000_000,
  aliases: ['info@example.org', 'a@xn--mller-kva.example'],
  oldPassword: ' a;b"c ',
  newPassword: null,
  teamAdmin: null,
};

describe('a list of accounts', () => {
  it('needs only addresses', () => {
    expect(plain(csv('address\nanna@example.org\n'))).toMatchObject([
      { address: 'anna@example.org', team: null, oldLogin: null, aliases: [], oldPassword: null },
    ]);
  });

  it('is read with all columns, quotes, another separator, a BOM and CRLF', () => {
    const text =
      '\uFEFFAddress;Team;old_login;quota;aliases;old_password\r\nAnna@Example.ORG;"Müller, GmbH";anna;5 GB;info@example.org  a@müller.example;" a;b""c "\r\n\r\n';
    expect(plain(csv(text))).toEqual([anna]);
  });

  it('is the same as JSON', () => {
    const list = [
      {
        address: 'anna@example.org',
        team: 'Müller, GmbH',
        old_login: 'anna',
        new_login: null,
        quota: 5_000_000_000,
        aliases: ['info@example.org', 'a@müller.example'],
        old_password: ' a;b"c ',
      },
    ];
    expect(plain(json(list))).toEqual([{ ...anna, line: 1 }]);
  });

  it('tells every fault with its line and column, and no content of a field', () => {
    const list = [
      'address,quota,aliases,old_password',
      'anna@example.org,much,,geheim1',
      '"two',
      'lines",5,,geheim2',
      ',,,geheim3',
      'bert@example.org,1,x y@z.org,geheim4',
      'anna@example.org,,bert@example.org,geheim5',
      'a@b.org,1,,geheim6,geheim7',
    ].join('\n');
    const read = csv(list);
    expect(told(read)).toEqual([
      '2 quota: is not a size',
      '3 address: is not a mail address',
      '5 address: is missing',
      '6 aliases: holds what is not a mail address',
      '8 : has 5 fields',
    ]);
    expect(read.faults.map(({ text }) => text.de)).toEqual([
      'ist keine Größe',
      'ist keine Mailadresse',
      'fehlt',
      'enthält etwas, das keine Mailadresse ist',
      'hat 5 Felder',
    ]);
    expect(JSON.stringify(read.faults)).not.toContain('geheim');
    expect(read.faults.every(({ allowed }) => allowed.en.length > 10 && allowed.de.length > 10)).toBe(true);
  });

  it('holds each address once', () => {
    expect(told(csv('address,aliases\na@b.org,c@b.org\nA@B.org,\nd@b.org,c@b.org\n'))).toEqual([
      '3 address: a@b.org stands in line 2 already',
      '4 aliases: c@b.org stands in line 2 already',
    ]);
  });

  it.each([
    ['nothing', csv(''), ['1 : holds nothing']],
    ['a header without address', csv('team\nx\n'), ['1 address: is missing']],
    [
      'an unknown column',
      csv('address,pasword,\n'),
      [
        '1 : has a column that is not known: "pasword"',
        '1 : has a column that is not known: one without a name',
      ],
    ],
    [
      'no header',
      csv('anna@example.org,geheim\n'),
      ['1 : has a column that is not known', '1 : has a column that is not known', '1 address: is missing'],
    ],
    ['a column twice', csv('address,team,team\n'), ['1 team: stands there twice']],
    ['an open quote', csv('address\n"a@b.org\n'), ['2 : is not CSV']],
    ['Latin-1', readCsv(Uint8Array.of(0xe4, 0x0a)), ['1 : is not UTF-8']],
    [
      'Latin-1 further down',
      readCsv(Uint8Array.of(...octets('address\nü@b.org\n'), 0xe4)),
      ['3 : is not UTF-8'],
    ],
    [
      'a character cut at a line end',
      readCsv(Uint8Array.of(...octets('address\n'), 0xc3, 0x0a, 0xa4)),
      ['2 : is not UTF-8'],
    ],
    ['JSON that is no array', json({ address: 'a@b.org' }), ['1 : is not a list']],
    ['what is no JSON', readJson(octets('[\n{"old_password":"geheim"')), ['1 : is not JSON in line 2']],
    ['nothing as JSON', readJson(octets('')), ['1 : is not JSON']],
    [
      'Latin-1 in JSON',
      readJson(Uint8Array.of(...octets('[{"team":"\n'), 0xe4, ...octets('"}]'))),
      ['1 : is not UTF-8 in line 2'],
    ],
    [
      'entries that are none',
      json([1, { address: 2 }]),
      ['1 : is not an object', '2 address: is not a text', '2 address: is missing'],
    ],
    [
      'a name that is not known',
      json([{ address: 'a@b.org', x: 1 }]),
      ['1 : has a name that is not known: "x"'],
    ],
    [
      'a name that could be a password',
      json([{ address: 'a@b.org', 'geheim-1': 'x' }]),
      ['1 : has a name that is not known'],
    ],
    [
      'a slip in the name of the column that has to be there',
      csv('adress,old_password\n'),
      ['1 : has a column that is not known: "adress"', '1 address: is missing'],
    ],
    [
      'no header, with a password like a name',
      csv('anna@example.org,team,geheim\n'),
      ['1 : has a column that is not known', '1 : has a column that is not known', '1 address: is missing'],
    ],
  ])('is refused with %s', (_what, read, faults) => {
    expect(told(read)).toEqual(faults);
  });

  it('may be as long as the limits, and not longer by one', () => {
    const list = (n: number) => json(Array.from({ length: n }, (_, i) => ({ address: `u${i}@example.org` })));
    expect(told(list(maxRows))).toEqual([]);
    expect(told(list(maxRows + 1))).toHaveLength(1);
    const aliases = (n: number) =>
      json([{ address: 'a@b.org', aliases: Array.from({ length: n }, (_, i) => `a${i}@b.org`) }]);
    expect(told(aliases(maxAliases))).toEqual([]);
    expect(told(aliases(maxAliases + 1))).toHaveLength(1);
    expect(told(json([{ address: 'a@b.org', old_password: 'x'.repeat(1_025) }]))).toHaveLength(1);
    expect(told(json([{ address: 'a@b.org', team: 'x'.repeat(201) }]))).toHaveLength(1);
  });

  it('never throws, and has rows or faults, whatever octets come', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (some, isJson) => {
        const read = isJson ? readJson(some) : readCsv(Uint8Array.of(...octets('address,team\n'), ...some));
        expect(read.rows.every(({ address }) => address !== '')).toBe(true);
      }),
    );
  });
});

it.each([
  ['Anna.M@Example.ORG', 'anna.m@example.org'],
  ['a+b@localhost', 'a+b@localhost'],
  ['ü@müller.example', 'ü@xn--mller-kva.example'],
  ['a@b@c.org', null],
  ['@b.org', null],
  ['a@', null],
  ['a@-b.org', null],
  ['a@b..org', null],
  ['a@b.org/x', null],
  ['a b@c.org', null],
  [`${'x'.repeat(64)}@b.org`, `${'x'.repeat(64)}@b.org`],
  [`${'x'.repeat(65)}@b.org`, null],
])('the address %s is read as %s', (text, address) => {
  expect(readAddress(text)).toBe(address);
});

it.each([
  ['500', 500],
  ['1.5 GB', 1_500_000_000],
  ['2TB', 2_000_000_000_000],
  ['10k', 10_000],
  ['0', null],
  ['-1', null],
  ['5 PB', null],
])('the quota %s is read as %s', (text, bytes) => {
  expect(readQuota(text)).toBe(bytes);
});

it.each([
  ['Anna@Example.ORG', 'anna@example.org'],
  [' anna@Müller.example', 'anna@xn--mller-kva.example'],
  ['0199a0f2-AAAA', '0199a0f2-AAAA'],
  ['no address@', 'no address@'],
])('a person who writes %s means %s', (text, form) => {
  expect(idOrAddressForm(text)).toBe(form);
});

it('takes domains however they are written', () => {
  expect([domainForm('MÜLLER.example'), domainForm('not a domain')]).toEqual([
    'xn--mller-kva.example',
    'not a domain',
  ]);
});
