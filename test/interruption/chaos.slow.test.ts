import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { copyAccount } from '../../src/sync/index.ts';
import { MemoryJournal } from '../fakes/memory-journal.ts';
import { type AccountSnapshot, readAccount } from '../judge/imap-raw.ts';
import { judge } from '../judge/invariants.ts';
import { type ChaosRule, startChaosProxy } from '../lab/chaos-proxy.ts';
import { type Dovecot, dovecotIsInstalled, startDovecot } from '../lab/dovecot.ts';
import { fillWorkload, workloadUsers } from '../lab/workload.ts';
import { realDeps, realOptions } from './real-copy.ts';

interface Chaos {
  readonly title: string;
  readonly side: 'old' | 'new';
  readonly rules: readonly ChaosRule[];
}

const toClient = (afterBytes: number) => ({ direction: 'to-client', afterBytes }) as const;
const toServer = (afterBytes: number) => ({ direction: 'to-server', afterBytes }) as const;

/** The first three connections are cut, each after more octets than the one before. */
const cutOften = (
  side: Chaos['side'],
  title: string,
  direction: typeof toClient | typeof toServer,
  bytes: number,
): Chaos => ({
  title,
  side,
  rules: [1, 2, 3].map((connection) => ({
    connection,
    when: direction(bytes * connection),
    action: { kind: 'cut' },
  })),
});

/** The run's first connection is number 1; what it opens after a failure comes through whole. */
const cases: readonly Chaos[] = [
  ...[900, 12_000, 61_003, 150_001].map((bytes) =>
    cutOften('old', `old is cut after ${bytes} octets towards us`, toClient, bytes),
  ),
  {
    title: 'old resets in the middle of bodies',
    side: 'old',
    rules: [1, 2].map((connection) => ({ connection, when: toClient(33_333), action: { kind: 'reset' } })),
  },
  {
    title: 'old falls silent in the middle of bodies',
    side: 'old',
    rules: [{ connection: 1, when: toClient(40_000), action: { kind: 'stall' } }],
  },
  {
    title: 'old drips',
    side: 'old',
    rules: [{ connection: 1, when: toClient(40_000), action: { kind: 'drip', bytesPerSecond: 200 } }],
  },
  ...[700, 20_000, 80_000].map((bytes) =>
    cutOften('new', `new is cut after ${bytes} octets of uploads`, toServer, bytes),
  ),
  {
    title: 'new resets in the middle of an upload',
    side: 'new',
    rules: [{ connection: 1, when: toServer(30_000), action: { kind: 'reset' } }],
  },
  ...[1, 2, 3].map(
    (occurrence): Chaos => ({
      title: `new is cut between the end of upload ${occurrence} and its OK`,
      side: 'new',
      rules: [
        {
          when: { direction: 'to-client', seen: '[APPENDUID', occurrence },
          connection: 1,
          action: { kind: 'cut' },
        },
      ],
    }),
  ),
  {
    title: 'new falls silent before the OK of an upload',
    side: 'new',
    rules: [
      { connection: 1, when: { direction: 'to-client', seen: '[APPENDUID' }, action: { kind: 'stall' } },
    ],
  },
  {
    title: 'new is cut right after the OK of an upload',
    side: 'new',
    rules: [
      {
        connection: 1,
        when: { direction: 'to-client', seen: '[APPENDUID', pass: true },
        action: { kind: 'cut' },
      },
    ],
  },
  {
    title: 'new is cut at CREATE',
    side: 'new',
    rules: [
      {
        connection: 1,
        when: { direction: 'to-server', seen: 'CREATE', pass: true },
        action: { kind: 'cut' },
      },
    ],
  },
];

describe.skipIf(!dovecotIsInstalled())('a copy through a network that breaks (needs Dovecot)', () => {
  let old: Dovecot;
  let fresh: Dovecot;
  let oldBefore: AccountSnapshot;
  const anna = workloadUsers('W1')[0] ?? { name: '', password: '' };
  const targets = cases.map((_, i) => ({ name: `ziel${i}`, password: 'geheim' }));

  beforeAll(async () => {
    [old, fresh] = await Promise.all([
      startDovecot({ users: [anna], tls: false }),
      startDovecot({ users: targets, tls: false }),
    ]);
    fillWorkload(old, { name: 'W1', scale: 0.02, corpora: false });
    oldBefore = await readAccount({ port: old.imapPort, user: anna.name, password: anna.password });
  });

  afterAll(async () => {
    await Promise.all([old?.stop(), fresh?.stop()]);
  });

  it.each(cases.map((chaos, i) => ({ ...chaos, i })))('$title', async ({ side, rules, i }) => {
    await using proxy = await startChaosProxy({
      target: { port: side === 'old' ? old.imapPort : fresh.imapPort },
      rules,
    });
    const target = targets[i] ?? anna;
    const order = {
      old: { port: side === 'old' ? proxy.port : old.imapPort, user: anna.name, password: anna.password },
      fresh: {
        port: side === 'new' ? proxy.port : fresh.imapPort,
        user: target.name,
        password: target.password,
      },
      settleGraceMs: 500,
      idleTimeoutMs: 1500,
      dripWindowMs: 1000,
      tuning: { batchMessages: 15, windowMessages: 50, streamAboveBytes: 8 * 1024 },
    };
    const journal = new MemoryJournal();
    const result = await copyAccount(realDeps(order, journal), realOptions(order));
    expect(proxy.connections.some((c) => c.fired.length > 0)).toBe(true);
    proxy.setRules([]);
    expect(result.problems).toEqual([]);
    const facts = {
      oldBefore,
      oldAfter: await readAccount({ port: old.imapPort, user: anna.name, password: anna.password }),
      newAfter: await readAccount({ port: fresh.imapPort, user: target.name, password: target.password }),
      ignoredFlags: ['\\deleted'],
      keepsZone: false,
      ...(side === 'old' ? { commandsToOld: proxy.connections.flatMap((c) => c.commands) } : {}),
    };
    expect(judge(facts)).toEqual([]);
    const again = await copyAccount(realDeps(order, journal), realOptions(order));
    expect(again.messages.copied).toBe(0);
  });
});
