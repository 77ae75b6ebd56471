/**
 * How long after its delivery on old a message is on new while a daemon keeps many accounts in step.
 *
 *   node test/bench/daemon-delay.ts [--accounts 200] [--rate 10] [--seconds 60] [--floor]
 *
 * Two real Dovecots; mail comes to old by LMTP, at random accounts. From the reply to the LMTP DATA to the moment its
 * file is in the Maildir on new; Dovecot itself waits 500 ms before it tells of a change, which is in the figure. Our own
 * share is what the worker logs: from the server's untagged response to the tagged OK of the APPEND. With `--floor` old
 * offers neither NOTIFY nor IDLE, and the clock has to do.
 */
import { mkdirSync, watch } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { createConnection, type Socket } from 'node:net';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startDovecot } from '../lab/dovecot.ts';
import { seededRandom } from '../lab/messages.ts';
import { makeDaemonPlace } from '../scenarios/daemon-env.ts';

const { values } = parseArgs({
  options: {
    accounts: { type: 'string', default: '200' },
    rate: { type: 'string', default: '10' },
    seconds: { type: 'string', default: '60' },
    floor: { type: 'boolean', default: false },
  },
});
const accounts = Number(values.accounts);
const gapMs = 1000 / Number(values.rate);
const messages = Math.round((Number(values.seconds) * 1000) / gapMs);
const users = Array.from({ length: accounts }, (_, i) => ({ name: `u${i}`, password: 'lab-geheim' }));
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const common = { users, tls: false, spreadUids: true } as const;
const hideCapabilities = values.floor ? ['NOTIFY', 'IDLE'] : [];
const old = await startDovecot({ ...common, lmtp: true, hideCapabilities });
const fresh = await startDovecot(common);
const tables = [
  '[log]\nlevel = "debug"',
  '[old.limits]\nconnections = 1000',
  '[new.limits]\nconnections = 1000',
];
const place = await makeDaemonPlace({ old, fresh, more: tables.join('\n') });
try {
  const ids = [];
  for (const user of users) ids.push(await place.add(user));
  for (const id of ids) await place.begin(id);
  await place.closeDatabase();
  const own: number[] = [];
  let missing = accounts;
  let allInStep = () => {};
  const inStep = new Promise<void>((resolve) => {
    allInStep = resolve;
  });
  const daemon = await place.start('worker', (line) => {
    const { msg, ms } = JSON.parse(line) as { msg: string; ms?: number };
    if (msg === 'carried over' && ms !== undefined) own.push(ms);
    if (msg === 'in step' && --missing === 0) allInStep();
  });
  await inStep;
  await pause(5_000);

  const sentAt = new Map<string, number>();
  const delays: number[] = [];
  const watchers = users.flatMap(({ name }) =>
    ['new', 'cur'].map((part) => {
      const dir = join(fresh.mailDir(name), part);
      mkdirSync(dir, { recursive: true });
      return watch(dir, (_, file) => void arrived(join(dir, String(file))));
    }),
  );
  async function arrived(file: string): Promise<void> {
    const at = performance.now();
    const text = await readFile(file, 'latin1').catch(() => '');
    const id = /^X-Bench: (\S+)/m.exec(text)?.[1];
    const sent = id === undefined ? undefined : sentAt.get(id);
    if (id === undefined || sent === undefined) return;
    sentAt.delete(id);
    delays.push(at - sent);
  }
  own.length = 0;
  const lmtp = await openLmtp(old.lmtpPort ?? 0);
  const random = seededRandom(1);
  const begun = performance.now();
  for (let i = 0; i < messages; i++) {
    const { name } = users[random.below(accounts)] ?? { name: '' };
    await lmtp.deliver(name, `X-Bench: m${i}\r\nSubject: ${i}\r\n\r\n${'text '.repeat(400)}\r\n`);
    sentAt.set(`m${i}`, performance.now());
    await pause(Math.max(0, begun + (i + 1) * gapMs - performance.now()));
  }
  for (let i = 0; i < 600 && sentAt.size > 0; i++) await pause(100);
  for (const one of watchers) one.close();
  let there = 0;
  for (const { name } of users) {
    for (const part of ['new', 'cur']) there += (await readdir(join(fresh.mailDir(name), part))).length;
  }
  lmtp.close();
  daemon.kill('SIGTERM');
  await daemon.done;
  const line = { accounts, messages, arrived: there, delayMs: quantiles(delays), ownShareMs: quantiles(own) };
  process.stdout.write(`${JSON.stringify(line)}\n`);
} finally {
  await place.remove();
  await Promise.all([old.stop(), fresh.stop()]);
}

function quantiles(list: readonly number[]): object {
  const sorted = [...list].sort((a, b) => a - b);
  const at = (share: number) =>
    Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN);
  return { count: sorted.length, p50: at(0.5), p90: at(0.9), p99: at(0.99), most: at(1) };
}

/** As much of LMTP (RFC 2033) as one delivery after the other needs. */
async function openLmtp(port: number) {
  const socket: Socket = createConnection(port, '127.0.0.1');
  let text = '';
  let wake = () => {};
  socket.setEncoding('latin1').on('data', (more: string) => {
    text += more;
    wake();
  });
  const reply = async (): Promise<void> => {
    for (;;) {
      const match = /^(?:\d{3}-.*\r\n)*(\d{3}) .*\r\n/.exec(text);
      if (match !== null) {
        text = text.slice(match[0].length);
        if (!match[1]?.startsWith('2') && !match[1]?.startsWith('3')) throw new Error(match[0]);
        return;
      }
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  const say = async (line: string) => {
    socket.write(`${line}\r\n`);
    await reply();
  };
  await reply();
  await say('LHLO bench');
  return {
    deliver: async (user: string, body: string) => {
      await say('MAIL FROM:<bench@example.org>');
      await say(`RCPT TO:<${user}>`);
      await say('DATA');
      await say(`${body}.`);
    },
    close: () => socket.destroy(),
  };
}
