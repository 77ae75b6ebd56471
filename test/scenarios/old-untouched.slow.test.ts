/**
 * Old sees no change at all: its files and its flags, before and after, and every command that was sent to it. New sees
 * none either where nothing happened on old.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { accountOf, actAs } from '../interop/mailferry.ts';
import { judge } from '../judge/invariants.ts';
import { startChaosProxy } from '../lab/chaos-proxy.ts';
import { startDovecot } from '../lab/dovecot.ts';
import { deliverByLmtp } from '../lab/lmtp.ts';
import { fillWorkload, workloadSpecialUse, workloadUsers } from '../lab/workload.ts';
import { lookNow, looksIn, sentFromNow } from './at-rest.ts';
import { openScenarioDatabase } from './scenario-database.ts';
import { makeFleet, until } from './worker-env.ts';

/** What Dovecot writes for whoever reads: it says the same as the mail, and is made again where it is missing. */
const caches: readonly [pattern: RegExp, why: string][] = [
  [
    /(^|\/)dovecot\.index(\.cache|\.log(\.2)?|\.backup)?$/,
    'index of a mailbox, brought up to date by reading',
  ],
  [/\.lock$/, 'held for a moment by who reads or brings a list up to date'],
  [/(^|\/)dovecot\.list\.index(\.log(\.2)?)?$/, 'index of the list of mailboxes'],
];

/** The list of what a copy may send to old. */
const mayBeSent = new Set(
  (
    'STARTTLS LOGIN AUTHENTICATE ID CAPABILITY ENABLE NAMESPACE LIST LSUB STATUS EXAMINE FETCH SEARCH IDLE DONE ' +
    'NOTIFY NOOP UNSELECT GETQUOTA GETQUOTAROOT MYRIGHTS LOGOUT'
  ).split(' '),
);

/** Every file with its digest, owner and mode: names hold the flags of a Maildir. Of a message also its time: that is its date. */
function filesOf(dir: string): Record<string, string> {
  const files: Record<string, string> = {};
  for (const entry of readdirSync(dir, { recursive: true, encoding: 'utf8' })) {
    if (caches.some(([pattern]) => pattern.test(entry))) continue;
    const { mode, uid, mtimeMs } = statSync(join(dir, entry));
    const isDirectory = (mode & 0o170000) === 0o040000;
    const content = isDirectory ? 'directory' : sha256(readFileSync(join(dir, entry)));
    // Dovecot at times writes dovecot-uidlist anew with the same content, whoever reads.
    const isMessage = !isDirectory && /(^|\/)(cur|new)\//.test(entry);
    files[entry] = [content, mode.toString(8), uid, isMessage ? mtimeMs : ''].join(' ');
  }
  return files;
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

test('the old store and what people see of it are the same before and after', {
  timeout: 180_000,
}, async () => {
  const [user] = workloadUsers('demo');
  if (user === undefined) throw new Error('the demo has no account');
  const options = { users: [user], tls: false, specialUse: workloadSpecialUse } as const;
  const [old, fresh] = await Promise.all([startDovecot({ ...options, lmtp: true }), startDovecot(options)]);
  const proxy = await startChaosProxy({ target: { port: old.imapPort } });
  const toNew = await startChaosProxy({ target: { port: fresh.imapPort } });
  const database = await openScenarioDatabase();
  try {
    fillWorkload(old, { name: 'demo', scale: 0.2 });
    const deliver = (subject: string) =>
      deliverByLmtp(old, user.name, `Subject: ${subject}\r\n\r\n${subject}\r\n`);
    for (let i = 0; i < 5; i++) await deliver(`unread ${i}`);
    const oldBefore = await accountOf(old, user);
    const filesBefore = filesOf(old.mailDir(user.name));
    expect(Object.keys(filesBefore).length).toBeGreaterThan(100);

    const [reachedOld, reachedNew] = [proxy, toNew].map(({ port }) => ({ imapPort: port }));
    if (reachedOld === undefined || reachedNew === undefined) throw new Error('no proxies');
    const fleet = await makeFleet({ database, old: reachedOld, fresh: reachedNew, users: [user] });
    let worker = await fleet.startWorker();
    let commandsToNewAtRest: readonly string[];
    let filesDelivered: Record<string, string>;
    let filesAfter: Record<string, string>;
    let oldDelivered: Awaited<ReturnType<typeof accountOf>>;
    try {
      await fleet.begin(user.name);
      await fleet.phase(user.name, 'in-step', 60_000);
      expect(filesOf(old.mailDir(user.name))).toEqual(filesBefore);
      expect(
        judge({ oldBefore, oldAfter: await accountOf(old, user), newAfter: await accountOf(fresh, user) }),
      ).toEqual([]);

      // In step: people get mail and read some, and only that shows.
      for (let i = 0; i < 5; i++) await deliver(`later ${i}`);
      const imap = await actAs(old, user);
      const inbox = (await accountOf(old, user)).get('INBOX')?.messages ?? [];
      await imap.store('INBOX', [inbox.at(-1)?.uid ?? 0], '+', ['\\Seen']);
      await imap.logout();
      oldDelivered = await accountOf(old, user);
      filesDelivered = filesOf(old.mailDir(user.name));
      await until(30_000, async () => {
        const box = (await accountOf(fresh, user)).get('INBOX');
        return (
          box?.messages.length === inbox.length && box.messages.at(-1)?.flags.includes('\\seen') === true
        );
      });
      await lookNow(database, fleet.idOf(user.name));
      // Nothing happens, and it is looked at: by this worker, and by one that knows only what the database holds.
      const sentToNew = sentFromNow(toNew);
      await lookNow(database, fleet.idOf(user.name));
      await new Promise((resolve) => setTimeout(resolve, 2_000));
      await worker.close();
      worker = await fleet.startWorker();
      await lookNow(database, fleet.idOf(user.name));
      commandsToNewAtRest = sentToNew();
      filesAfter = filesOf(old.mailDir(user.name));
    } finally {
      await worker.close();
    }
    expect(filesAfter).toEqual(filesDelivered);
    const oldAfter = await accountOf(old, user);
    const unread = (account: typeof oldAfter) =>
      [...account.values()].flatMap(({ name, messages }) =>
        messages.filter(({ flags }) => !flags.includes('\\seen')).map(({ uid }) => `${name} ${uid}`),
      );
    expect(unread(oldAfter)).toEqual(unread(oldDelivered));
    expect(unread(oldAfter).length).toBeGreaterThan(5);

    const commandsToOld = proxy.connections.flatMap(({ commands }) => commands);
    expect(
      judge({
        oldBefore,
        oldExpected: oldDelivered,
        oldAfter,
        newAfter: await accountOf(fresh, user),
        commandsToOld,
        commandsToNewAtRest,
      }),
    ).toEqual([]);
    expect(looksIn(commandsToNewAtRest)).toBeGreaterThanOrEqual(2);
    const verbs = new Set(
      commandsToOld.map((line) => line.toUpperCase().replace(/^UID /, '').split(' ')[0] ?? ''),
    );
    expect([...verbs].filter((verb) => !mayBeSent.has(verb))).toEqual([]);
    expect([...verbs]).toEqual(expect.arrayContaining(['EXAMINE', 'FETCH', 'NOTIFY']));
    const fetches = commandsToOld.filter((line) => / ?FETCH /i.test(line));
    expect(fetches.filter((line) => /BODY\[|RFC822[ )]|RFC822\.TEXT/i.test(line))).toEqual([]);
  } finally {
    await Promise.all([proxy.stop(), toNew.stop()]);
    await database.close();
    await Promise.all([old.stop(), fresh.stop()]);
  }
});
