/**
 * How long after its arrival on old a message is on new while `copy --follow` runs, on two real Dovecots.
 *
 *   node test/bench/follow.ts [--messages 30] [--mailboxes 10]
 *
 * Counted from the tagged OK of the APPEND on old to the first time that a session on new, which asks every 5 ms, sees
 * it. Dovecot itself waits up to half a second before it tells of a change; that is in the figure.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { actAs } from '../interop/mailferry.ts';
import { startFollowing, startTwoDovecots } from '../interop/two-dovecots.ts';

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '30' },
    mailboxes: { type: 'string', default: '10' },
  },
});
const user = { name: 'anna', password: 'lab-geheim' };
const { old, fresh, dir, stop } = await startTwoDovecots(user);
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
try {
  const there = await actAs(old, user);
  for (let i = 1; i < Number(values.mailboxes); i++) await there.command([`CREATE Box${i}`]);
  const run = await startFollowing([old, fresh], user, join(dir, 'state'));
  const here = await actAs(fresh, user);
  await pause(1000);
  const delays: number[] = [];
  for (let i = 1; i <= Number(values.messages); i++) {
    await there.append('INBOX', Buffer.from(`Subject: ${i}\r\n\r\n${'text '.repeat(200)}\r\n`));
    const sent = performance.now();
    while (!(await messagesIn('INBOX', i))) await pause(5);
    delays.push(performance.now() - sent);
    // Not in step with whatever ticks in the servers.
    await pause(300 + 137 * (i % 7));
  }
  async function messagesIn(name: string, wanted: number): Promise<boolean> {
    const reply = await here.command([`STATUS ${name} (MESSAGES)`]);
    const words = reply.untagged.flat(2).map(String);
    return words[words.indexOf('MESSAGES') + 1] === String(wanted);
  }
  run.kill('SIGINT');
  await run.done;
  delays.sort((a, b) => a - b);
  const at = (share: number) =>
    Math.round(delays[Math.min(delays.length - 1, Math.floor(delays.length * share))] ?? Number.NaN);
  process.stdout.write(
    `${delays.length} messages, ${values.mailboxes} mailboxes; delay in ms: median ${at(0.5)}, 90 % ${at(0.9)}, most ${at(1)}\n`,
  );
} finally {
  await stop();
}
