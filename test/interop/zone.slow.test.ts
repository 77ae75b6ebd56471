/**
 * What real servers keep of INTERNALDATE: the moment, and never the zone. Each answers in the zone of its own machine, so
 * what comes over a wire is the moment in old's zone, and what new shows is that moment in new's.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { startCourier } from '../lab/courier.ts';
import { startCyrus } from '../lab/cyrus.ts';
import { type DovecotOptions, startDovecot } from '../lab/dovecot.ts';
import { accountOf, actAs, type LabImap, mailferry, pairOptions, passwordsOf } from './mailferry.ts';

const user = { name: 'anna', password: 'lab-geheim' };
const dir = mkdtempSync(join(tmpdir(), 'mf-zone-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

type Start = (zone: string) => Promise<LabImap & { stop(): Promise<void> }>;
const dovecot =
  (mailFormat: NonNullable<DovecotOptions['mailFormat']>): Start =>
  (zone) =>
    startDovecot({ users: [user], tls: false, mailFormat, zone });
const makers: readonly (readonly [string, Start])[] = [
  ['Dovecot with Maildir', dovecot('maildir')],
  ['Dovecot with sdbox', dovecot('sdbox')],
  ['Dovecot with mdbox', dovecot('mdbox')],
  ['Cyrus', (zone) => startCyrus({ users: [user], zone })],
  ['Courier', (zone) => startCourier({ users: [user], env: { TZ: zone } })],
];

/** As given, and as seen from UTC and from Berlin, in summer and in winter. */
const dates = [
  ['31-Jul-2023 23:30:00 -0500', '01-Aug-2023 04:30:00 +0000', '01-Aug-2023 06:30:00 +0200'],
  ['01-Jan-2024 00:30:00 +0530', '31-Dec-2023 19:00:00 +0000', '31-Dec-2023 20:00:00 +0100'],
  ['15-Mar-2024 12:00:00 +0000', '15-Mar-2024 12:00:00 +0000', '15-Mar-2024 13:00:00 +0100'],
] as const;

async function fill(server: LabImap): Promise<void> {
  const imap = await actAs(server, user);
  for (const [date] of dates)
    await imap.append('INBOX', Buffer.from(`Subject: ${date}\r\n\r\n${date}\r\n`), { date });
  await imap.logout();
}

/** Cyrus writes " 1-Jan-2024", as RFC 9051 §9 has it; the others write a zero. */
const datesOn = async (server: LabImap) =>
  ((await accountOf(server, user)).get('INBOX')?.messages ?? []).map(({ internalDate }) =>
    internalDate.replace(/^ /, '0'),
  );

describe.each(makers)('%s', (name, start) => {
  test.each([
    ['UTC', 1],
    ['Europe/Berlin', 2],
  ] as const)('in %s keeps the moment, and tells it in its own zone', async (zone, column) => {
    const server = await start(zone);
    try {
      await fill(server);
      expect(await datesOn(server)).toEqual(dates.map((row) => row[column]));
    } finally {
      await server.stop();
    }
  });

  test('in Berlin gets from a server in UTC what keeps every moment, and verify finds no difference', async () => {
    const [old, fresh] = await Promise.all([
      startDovecot({ users: [user], tls: false }),
      start('Europe/Berlin'),
    ]);
    try {
      await fill(old);
      const args = [...pairOptions(old, fresh, user, join(dir, name)), '--json'];
      const copied = await mailferry(['copy', ...args], passwordsOf(user));
      expect([copied.code, copied.stderr]).toEqual([0, '']);
      expect(await datesOn(fresh)).toEqual(dates.map((row) => row[2]));
      for (const deep of [[], ['--deep']]) {
        const verified = await mailferry(['verify', ...args, ...deep], passwordsOf(user));
        expect([verified.code, verified.lines().filter(({ type }) => type === 'difference')]).toEqual([
          0,
          [],
        ]);
      }
    } finally {
      await Promise.all([old.stop(), fresh.stop()]);
    }
  });
});
