/** Each finding from facts that differ from those of a good host in one thing; and words for all of them. */
import { describe, expect, it, test } from 'vitest';
import { longestReportText, reportWordForm } from '../../domain/host-report.ts';
import { examine } from './examine.ts';
import type { DovecotFacts, FileFacts, HostFacts, PeerFacts, PostfixFacts, ReplicaFacts } from './facts.ts';
import { type FindingCode, findingTable, findingWords, leftOutWords } from './finding-table.ts';

type Applied = Extract<PostfixFacts['configured'], { readonly kind: 'applied' }>;
type Told = NonNullable<Applied['told']>;

const told: Told = {
  side: 'old',
  peer: 'new.example',
  tls: 'verify',
  table: 'lmdb:/var/lib/mailferry-edge/transport',
};
const applied: Applied = { kind: 'applied', arguments: ['--side', 'old'], told, changed: [], refused: null };
const postfix: PostfixFacts = {
  tableTypes: ['hash', 'lmdb'],
  sizeLimit: 10_240_000,
  smtpUtf8: true,
  eightBitMime: true,
  bareNewlines: false,
  configured: applied,
};
const greets: Extract<PeerFacts, { readonly kind: 'greets' }> = {
  kind: 'greets',
  extensions: ['PIPELINING', 'SIZE 10240000', 'STARTTLS', '8BITMIME', 'SMTPUTF8'],
  recipient: { address: 'anna@example.org', reply: '250 2.1.5 Ok' },
};
const replica: Extract<ReplicaFacts, { readonly kind: 'there' }> = {
  kind: 'there',
  isComplete: true,
  epoch: 7,
  accounts: 9,
  relayed: 3,
  appPasswords: 2,
  users: 0,
  isHeld: true,
};
const dovecot: DovecotFacts = {
  state: 'applied',
  arguments: [],
  changed: [],
  asksFirst: true,
  knowsUsers: false,
  authCache: null,
};
const file = (what: FileFacts['what'], mode: number, uid = 0): FileFacts => ({
  what,
  path: `/e/${what}`,
  mode,
  uid,
  expectedUid: 0,
  groupMayRead: false,
});
const good: HostFacts = {
  side: 'old',
  peer: 'new.example',
  kept: told.table,
  postfix: { seen: postfix },
  running: { seen: true },
  table: { seen: { name: 'lmdb:t', unreadable: null, missingFile: null } },
  routes: { seen: { asked: 9, differing: [] } },
  toPeer: { seen: greets },
  recipients: { seen: { asked: 3, unknown: [], foreign: [] } },
  queue: { seen: { waiting: 9, oldestMs: 9 * 60_000, reason: 'later' } },
  dovecot: { seen: dovecot },
  sessions: { seen: null },
  replica: { seen: replica },
  control: { seen: { kind: 'answers', latest: 7, epoch: 7 } },
  clockAheadMs: { seen: -9_000 },
  files: { seen: [file('directory', 0o755), file('replica', 0o600), file('table', 0o644)] },
  disk: { seen: { path: '/e', freeBytes: 9e9, neededBytes: 32e6 } },
};

const withPostfix = (change: Partial<PostfixFacts>): Partial<HostFacts> => ({
  postfix: { seen: { ...postfix, ...change } },
});
const withTold = (change: Partial<Told>) =>
  withPostfix({ configured: { ...applied, told: { ...told, ...change } } });
const withPeer = (change: Partial<typeof greets>): Partial<HostFacts> => ({
  toPeer: { seen: { ...greets, ...change } },
});
const without = (word: string) =>
  withPeer({ extensions: greets.extensions.filter((line) => !line.startsWith(word)) });
const withDovecot = (change: Partial<DovecotFacts>): Partial<HostFacts> => ({
  dovecot: { seen: { ...dovecot, ...change } },
});
const withReplica = (change: Partial<typeof replica>): Partial<HostFacts> => ({
  replica: { seen: { ...replica, ...change } },
});
const withFile = (one: FileFacts): Partial<HostFacts> => ({ files: { seen: [one] } });
const notApplied = { configured: { kind: 'not-applied', arguments: [] } } as const;
const queued = (waiting: number, minutes: number): Partial<HostFacts> => ({
  queue: { seen: { waiting, oldestMs: minutes * 60_000, reason: 'connect to new.example: refused' } },
});

const cases: Readonly<Record<FindingCode, Partial<HostFacts>>> = {
  'postfix-not-applied': { ...withPostfix(notApplied), ...withReplica({ relayed: 0 }) },
  'postfix-not-applied-moved': withPostfix(notApplied),
  'postfix-drifted': withPostfix({ configured: { ...applied, changed: ['a', 'b', 'c', 'd', 'e', 'f'] } }),
  'postfix-refused': withPostfix({
    configured: { ...applied, told: { ...told, table: null }, refused: 'virtual_transport is ""' },
  }),
  'postfix-other-side': withTold({ side: 'new' }),
  'postfix-other-peer': withTold({ peer: 'new.example:2525' }),
  'postfix-other-table': withTold({ table: 'lmdb:/elsewhere/transport' }),
  'postfix-stopped': { running: { seen: false } },
  'postfix-bare-newlines': withPostfix({ bareNewlines: true }),
  'lmdb-missing': withPostfix({ tableTypes: ['hash'] }),
  'table-missing': { table: { seen: { name: 'lmdb:t', unreadable: null, missingFile: 't.lmdb' } } },
  'table-unreadable': { table: { seen: { name: 'lmdb:t', unreadable: 'fatal: open', missingFile: null } } },
  'table-disagrees': {
    routes: {
      seen: { asked: 9, differing: [{ key: 'anna@example.org', table: null, replica: 'mailferry:x' }] },
    },
  },
  'peer-unreachable': { toPeer: { seen: { kind: 'unreachable', said: 'ECONNREFUSED' } } },
  'peer-refuses': { toPeer: { seen: { kind: 'refused', said: '554 no' } } },
  'peer-refuses-recipient': withPeer({ recipient: { address: 'a@example.org', reply: '450 4.7.1 no' } }),
  'peer-size': withPeer({ extensions: [...greets.extensions.slice(2), 'SIZE 10239999'] }),
  'peer-8bitmime': without('8BITMIME'),
  'peer-smtputf8': without('SMTPUTF8'),
  'peer-starttls': without('STARTTLS'),
  'recipients-unknown': { recipients: { seen: { asked: 3, unknown: ['anna@example.org'], foreign: [] } } },
  'recipients-foreign': { recipients: { seen: { asked: 3, unknown: [], foreign: ['a@gmail.example'] } } },
  'queue-waits': queued(10, 1),
  'queue-piles-up': queued(1, 240),
  'replica-missing': { replica: { seen: { kind: 'missing', file: '/e/replica.sqlite' } } },
  'replica-unreadable': { replica: { seen: { kind: 'unreadable', file: '/e/r', said: 'malformed' } } },
  'replica-incomplete': withReplica({ isComplete: false }),
  'replica-behind': { control: { seen: { kind: 'answers', latest: 8, epoch: 7 } } },
  'edge-stopped': withReplica({ isHeld: false }),
  'control-away': { control: { seen: { kind: 'away', said: 'ECONNREFUSED' } } },
  'clock-differs': { clockAheadMs: { seen: -10_000 } },
  'clock-wrong': { clockAheadMs: { seen: 300_000 } },
  'directory-writable': withFile(file('directory', 0o775)),
  'table-writable': withFile(file('table', 0o646)),
  'replica-exposed': withFile(file('replica', 0o640)),
  'owner-differs': withFile(file('table', 0o644, 12)),
  'disk-low': { disk: { seen: { path: '/e', freeBytes: 499e6, neededBytes: 32e6 } } },
  'disk-full': { disk: { seen: { path: '/e', freeBytes: 31e6, neededBytes: 32e6 } } },
  'dovecot-not-applied': withDovecot({ state: 'not-applied', asksFirst: false }),
  'dovecot-drifted': withDovecot({ state: 'drifted', changed: ['conf.d/05-mailferry.conf'] }),
  'dovecot-not-first': withDovecot({ asksFirst: false }),
  'dovecot-users-unknown': withReplica({ users: 4 }),
  'dovecot-auth-cache': withDovecot({ authCache: '10M' }),
  'sessions-uncuttable': { sessions: { seen: 'Permission denied' } },
};

const found = (change: Partial<HostFacts>) => examine({ ...good, ...change }, 5).findings;
const codes = (change: Partial<HostFacts>) => found(change).map(({ code }) => code);
const entries = Object.entries(cases) as [FindingCode, Partial<HostFacts>][];

test('on a good host nothing is found, and nothing is left out', () => {
  const report = examine(good, 5);
  expect([report.findings, report.leftOut]).toEqual([[], []]);
  expect(report).toMatchObject({
    lookedAtMs: 5,
    postfix: { state: 'applied', arguments: ['--side', 'old'] },
  });
});

test('every finding of the table has a case', () => {
  expect(Object.keys(cases).sort()).toEqual(Object.keys(findingTable).sort());
});

test.each(entries)('%s is found where that alone is wrong, with words in both languages', (code, change) => {
  const [one, ...more] = found(change);
  expect([one?.code, more]).toEqual([code, []]);
  if (one === undefined) return;
  expect(one.severity).toBe(findingTable[code].severity);
  const names = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  const { what, fix } = findingTable[code];
  for (const text of [what.de, what.en, fix.de, fix.en])
    expect([code, names(text).filter((name) => !(name in one.values))]).toEqual([code, []]);
  // What was seen is told in both.
  expect(names(what.de).sort()).toEqual(names(what.en).sort());
  for (const locale of ['de', 'en'] as const)
    expect(Object.values(findingWords(one, locale)).join()).not.toMatch(/[{}?]/);
  expect(code).toMatch(reportWordForm);
});

describe('Postfix', () => {
  it('on new is not told yet, whoever is relayed: its mail goes there only when it is', () => {
    expect(codes({ side: 'new', ...withPostfix(notApplied) })).toEqual(['postfix-not-applied']);
  });

  it('that asks the database is not asked to read what the edge keeps', () => {
    expect(codes(withTold({ table: 'proxy:pgsql:/etc/postfix/mailferry/routes.cf' }))).toEqual([]);
  });

  it('that was told by an earlier release is neither applied nor drifted', () => {
    const report = examine({ ...good, ...withPostfix({ configured: { ...applied, told: null } }) }, 5);
    expect([report.postfix?.state, report.findings]).toEqual(['unknown', []]);
  });

  it('that cannot read LMDB is told so once, not what follows from it', () => {
    const unreadable = { seen: { name: 'lmdb:t', unreadable: 'unsupported', missingFile: null } };
    const refused = { ...applied, refused: 'this Postfix reads no LMDB tables' };
    const change = withPostfix({ tableTypes: [], configured: refused });
    expect(codes({ ...change, table: unreadable })).toEqual(['lmdb-missing']);
  });

  it('that asks the edge needs no LMDB', () => {
    const socketmap = 'socketmap:inet:127.0.0.1:1:transport';
    const change = withPostfix({
      tableTypes: [],
      configured: { ...applied, told: { ...told, table: socketmap } },
    });
    expect(codes({ ...change, kept: socketmap })).toEqual([]);
  });

  it('names what has changed, and how much more there is', () => {
    expect(found(cases['postfix-drifted'])[0]?.values).toEqual({ changed: 'a, b, c, d, +2' });
  });
});

describe('the way to the peer', () => {
  it('needs STARTTLS only where it was told to', () => {
    expect(codes({ ...without('STARTTLS'), ...withTold({ tls: 'may' }) })).toEqual([]);
  });

  it('takes mail of any size where the peer tells no limit, and not where this host has none', () => {
    expect(codes(without('SIZE'))).toEqual([]);
    expect(codes(withPostfix({ sizeLimit: 0 }))).toEqual(['peer-size']);
  });

  it('takes what this host does not take itself for nothing that lacks', () => {
    const lacking = withPeer({ extensions: ['SIZE 10240000', 'STARTTLS'] });
    expect(codes({ ...lacking, ...withPostfix({ smtpUtf8: false, eightBitMime: false }) })).toEqual([]);
  });

  it('tells nothing of recipients where the peer wants TLS first', () => {
    expect(codes(withPeer({ recipient: { address: 'a@x.org', reply: '530 5.7.0 STARTTLS' } }))).toEqual([]);
  });

  it.each([
    [0, 500, []],
    [9, 9, []],
    [1, 10, ['queue-waits']],
    [10, 0, ['queue-waits']],
    [100, 0, ['queue-piles-up']],
  ])('of %i recipients that wait since %i minutes says %j', (waiting, minutes, wanted) => {
    expect(codes(queued(waiting, minutes))).toEqual(wanted);
  });
});

describe('Dovecot', () => {
  it('need not be told anything while there are no app passwords', () => {
    expect(codes({ ...cases['dovecot-not-applied'], ...withReplica({ appPasswords: 0 }) })).toEqual([]);
  });
});

test('a replica that its group may read is no finding where the edge was told so', () => {
  expect(codes(withFile({ ...file('replica', 0o640), groupMayRead: true }))).toEqual([]);
  expect(codes(withFile({ ...file('replica', 0o644), groupMayRead: true }))).toEqual(['replica-exposed']);
});

test('the worst comes first', () => {
  const severities = found({
    ...cases['disk-low'],
    ...withPostfix({ bareNewlines: true }),
    running: { seen: false },
  });
  expect(severities.map(({ severity }) => severity)).toEqual(['trouble', 'warning', 'note']);
});

test('what was not looked at is told with the reason, in both languages, and is no finding', () => {
  const left = { leftOut: 'no-postfix' } as const;
  const report = examine(
    { ...good, postfix: left, table: left, queue: { leftOut: 'failed', said: 'no\r\nway' } },
    5,
  );
  expect(report.findings).toEqual([]);
  expect(report.leftOut.map((one) => leftOutWords(one, 'en'))).toEqual([
    'Configuration of Postfix: there is no Postfix here',
    'Table for Postfix: there is no Postfix here',
    'Mail that waits for the peer: it did not work (no way)',
  ]);
  expect(leftOutWords({ check: 'clock', reason: 'inside', said: '' }, 'de')).toBe(
    'Uhr: der Edge läuft in der Zentrale selbst',
  );
});

test('what a server said is one line, and not without end', () => {
  const said = `554 \u001b[31mno\r\n${'x'.repeat(5_000)}`;
  const [one] = found({ toPeer: { seen: { kind: 'refused', said } } });
  expect(one?.values.said).toMatch(/^554 \[31mno x+…$/);
  expect(one?.values.said?.length).toBe(longestReportText);
});

test('a code of another release is told as it is, in both languages', () => {
  const one = { code: 'of-tomorrow', severity: 'warning', values: {} } as const;
  expect(findingWords(one, 'en').what).toContain('of-tomorrow');
  expect(findingWords({ ...one, code: 'toString' }, 'de').what).toContain('toString');
  expect(leftOutWords({ check: 'toString', reason: 'valueOf', said: '' }, 'en')).toBe('toString: valueOf');
});
