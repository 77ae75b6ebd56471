/**
 * Routes of 200,000 addresses on one edge: how long the table takes as a whole, how long one change takes until Postfix's table
 * has it and control is told, and how fast lookups are answered at a given rate.
 *
 *   node test/bench/routes.ts [--addresses 200000] [--rate 2000] [--seconds 10] [--connections 20]
 *
 * Control is in memory; the replica, the table (by Postfix's own postmap) and the socketmap server are the edge's. Lookups by
 * socketmap go over so many connections as Postfix would hold, one question at a time on each, at the rate in total;
 * those of the table are asked by `postmap -q -`.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { systemClock } from '../../src/base/clock.ts';
import {
  EdgeFollower,
  nexthopOf,
  PostmapTable,
  routeLookup,
  serveSocketmap,
} from '../../src/routing/index.ts';
import { MemoryControl } from '../fakes/memory-control.ts';

const { values } = parseArgs({
  options: {
    addresses: { type: 'string', default: '200000' },
    rate: { type: 'string', default: '2000' },
    seconds: { type: 'string', default: '10' },
    connections: { type: 'string', default: '20' },
  },
});
const addresses = Number(values.addresses);
const rate = Number(values.rate);
const seconds = Number(values.seconds);
const connections = Number(values.connections);
const changes = 50;
const nexthop = nexthopOf('new.example', 25);
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const addressOf = (n: number) => `u${n}@example.org`;

const dir = mkdtempSync(join(tmpdir(), 'mf-bench-routes-'));
mkdirSync(join(dir, 'etc'));
writeFileSync(join(dir, 'etc/main.cf'), 'compatibility_level = 3.6\nrecipient_delimiter = +\n');
const control = new MemoryControl();
// Every other one has moved.
control.rows = Array.from({ length: addresses }, (_, n) => ({
  id: `id-u${n}`,
  epoch: n + 1,
  phase: n % 2 === 0 ? ('switched' as const) : ('in-step' as const),
  addresses: [addressOf(n)],
  oldLogin: `u${n}`,
  newLogin: `u${n}`,
  appPasswords: [],
}));
control.latest = addresses;
const follower = new EdgeFollower({
  side: 'old',
  control,
  file: join(dir, 'replica'),
  groupReads: false,
  table: new PostmapTable({ file: join(dir, 'transport'), configDirectory: join(dir, 'etc') }),
  nexthop,
  clock: systemClock,
  log: (text, error) => process.stderr.write(`${text} ${String(error)}\n`),
});
const over = new AbortController();
const startedAt = performance.now();
const running = follower.run(over.signal);
const lookup = routeLookup({ side: 'old', replica: () => follower.replica, nexthop, delimiters: '+' });
const server = await serveSocketmap({ host: '127.0.0.1', port: 0 }, lookup, (error) => {
  throw error;
});
try {
  while (control.inForce < addresses) await pause(20);
  const snapshotSeconds = (performance.now() - startedAt) / 1000;
  const acknowledgedMs: number[] = [];
  for (let n = 0; n < changes; n++) {
    const since = performance.now();
    control.put(`u${n * 2 + 1}`, 'switched');
    while (control.inForce < control.latest) await pause(1);
    acknowledgedMs.push(performance.now() - since);
    await pause(50);
  }
  const { port } = server.address as { port: number };
  const asked = await askByRate(port);
  const result = {
    addresses,
    snapshotSeconds: Number(snapshotSeconds.toFixed(1)),
    changeAcknowledgedMs: spread(acknowledgedMs),
    socketmap: { rate, connections, answered: asked.length, ms: spread(asked) },
    lmdb: tableSpeed(),
  };
  process.stdout.write(`${JSON.stringify(result)}\n`);
} finally {
  over.abort();
  await running;
  await server.close();
  follower.close();
  rmSync(dir, { recursive: true });
}

/** Milliseconds from a question's turn to its answer; what has to wait for its connection waits in the figure. */
async function askByRate(port: number): Promise<number[]> {
  const took: number[] = [];
  const askers = await Promise.all(Array.from({ length: connections }, () => connected(port)));
  const each = Math.round((rate * seconds) / connections);
  const gapMs = (1000 * connections) / rate;
  await Promise.all(
    askers.map(async (socket, at) => {
      const begun = performance.now() + (gapMs * at) / connections;
      for (let n = 0; n < each; n++) {
        const due = begun + n * gapMs;
        const wait = due - performance.now();
        if (wait > 0) await pause(wait);
        // A timer is a millisecond late at times: that is ours, not the server's.
        const since = wait > 0 ? performance.now() : due;
        const number = (n * 7919 + at * 104_729) % (addresses * 1.1);
        const answer = await ask(socket, addressOf(Math.floor(number)));
        if (!/^\d+:(OK |NOTFOUND )/.test(answer)) throw new Error(answer);
        took.push(performance.now() - since);
      }
      socket.destroy();
    }),
  );
  return took;
}

function connected(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host: '127.0.0.1', port }, () => resolve(socket));
    socket.setNoDelay(true);
    socket.once('error', reject);
  });
}

function ask(socket: Socket, key: string): Promise<string> {
  const text = `transport ${key}`;
  return new Promise((resolve) => {
    socket.once('data', (bytes: Buffer) => resolve(bytes.toString()));
    socket.write(`${text.length}:${text},`);
  });
}

/** 20,000 lookups by one postmap. */
function tableSpeed() {
  const input = Array.from({ length: 20_000 }, (_, n) => `${addressOf((n * 7919) % addresses)}\n`).join('');
  const since = performance.now();
  const out = execFileSync('postmap', ['-c', join(dir, 'etc'), '-q', '-', `lmdb:${join(dir, 'transport')}`], {
    input,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  return {
    lookups: 20_000,
    found: out.trim().split('\n').length,
    seconds: Number(((performance.now() - since) / 1000).toFixed(3)),
  };
}

function spread(all: number[]) {
  const sorted = all.toSorted((a, b) => a - b);
  const at = (share: number) => Number((sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(2));
  return { p50: at(0.5), p99: at(0.99), most: at(1) };
}
