/** A refused message straight from a real Dovecot: every octet, nothing changed there, and a plain word where it fails. */
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { Secret } from '../../src/base/secret.ts';
import { readConfiguration } from '../../src/services/configuration/read.ts';
import { oldMessageReader } from '../../src/services/old-message.ts';
import { type Dovecot, startDovecot } from '../lab/dovecot.ts';

const user = { name: 'anna', password: 'the password of the mailbox' };
/** Larger than all that sockets on this machine hold, so that it cannot be whole before somebody takes it. */
const large = Buffer.concat([
  Buffer.from('From: a@example.net\r\nSubject: gro\u00df\r\n\r\n', 'latin1'),
  ...Array.from({ length: 250_000 }, () => Buffer.from(`${randomBytes(60).toString('base64')}\r\n`)),
]);
const small = Buffer.from('From: a@example.net\r\nSubject: small\r\n\r\nhello\r\n');

let dovecot: Dovecot;
beforeAll(async () => {
  dovecot = await startDovecot({ users: [user] });
  await dovecot.doveadm(['mailbox', 'create', '-u', 'anna', 'Entwürfe']);
  for (const message of [small, large])
    await dovecot.doveadm(['save', '-u', 'anna', '-m', 'Entwürfe'], message);
});
afterAll(() => dovecot?.stop());

const account = { id: '1', address: 'anna@example.org', oldLogin: 'anna', newLogin: 'anna' };

function reader(password = user.password, port = dovecot.imapPort) {
  const toml = `[old]\nhost = "127.0.0.1"\nport = ${port}\ntls = "none"\n[new]\nhost = "n"\n`;
  const read = readConfiguration(toml, {}, () => '');
  if (!read.ok) throw new Error('the configuration of the test is wrong');
  return oldMessageReader({
    configuration: read.value.configuration,
    secrets: new Map(),
    secretOf: async () => ({ login: 'anna', secret: new Secret(password) }),
    appPasswordOf: async () => null,
    accessTokenOf: () => null,
    masterOf: async () => null,
    trust: { caPem: null, fingerprintsSha256: [] },
    clock: systemClock,
  });
}

const wanted = (uid: number, more: object = {}) => ({
  account,
  mailbox: 'Entw&APw-rfe',
  uidValidity: null,
  uid,
  ...more,
});
const most = 200_000_000;
const whole = async (body: Readable) => Buffer.concat(await body.toArray());
const status = (what: string) =>
  dovecot.doveadm(['-f', 'flow', 'mailbox', 'status', '-u', 'anna', what, 'Entwürfe']);
const sessions = async () => (await dovecot.doveadm(['who', '-1', 'anna'])).trim().split('\n').length - 1;

test('every octet comes, in the size that was announced, and the message stays unread', async () => {
  const read = reader();
  for (const [uid, message] of [
    [1, small],
    [2, large],
  ] as const) {
    const { sizeBytes, body } = await read(wanted(uid), most);
    expect(sizeBytes).toBe(message.length);
    expect((await whole(body)).equals(message)).toBe(true);
  }
  expect(await status('unseen')).toContain('unseen=2');
});

test('a mailbox that was made anew, a message that is gone, one that is too large: each is told by its code', async () => {
  const read = reader();
  const uidValidity = Number(/uidvalidity=(\d+)/.exec(await status('uidvalidity'))?.[1]);
  const { body } = await read(wanted(1, { uidValidity }), most);
  expect((await whole(body)).equals(small)).toBe(true);
  await expect(read(wanted(1, { uidValidity: uidValidity + 1 }), most)).rejects.toMatchObject({
    code: 'message-unreadable',
  });
  await expect(read(wanted(99), most)).rejects.toMatchObject({ code: 'message-unreadable' });
  await expect(read(wanted(1, { mailbox: 'Nowhere' }), most)).rejects.toMatchObject({
    code: 'message-unreadable',
  });
  await expect(read(wanted(2), large.length - 1)).rejects.toMatchObject({ code: 'download-too-large' });
  await whole((await read(wanted(2), large.length)).body);
});

test('a refused login is no word about the owner’s password, and a server that is away is told as that', async () => {
  await expect(reader('another')(wanted(1), most)).rejects.toMatchObject({ code: 'message-unreadable' });
  await expect(reader(user.password, 1)(wanted(1), most)).rejects.toMatchObject({ code: 'old-unreachable' });
});

test('whoever stops taking it holds no connection, and only four are read at once', async () => {
  const read = reader();
  const open = await Promise.all([1, 2, 3, 4].map(() => read(wanted(2), most)));
  await expect(read(wanted(1), most)).rejects.toMatchObject({ code: 'too-many-attempts' });
  expect(await sessions()).toBe(4);
  for (const { body } of open) body.destroy();
  await expect.poll(sessions, { timeout: 10_000 }).toBe(0);
  await whole((await read(wanted(1), most)).body);
});

test('where the server ends in the middle the body breaks off with an error, and does not end as if it were whole', async () => {
  const { body } = await reader()(wanted(2), most);
  await dovecot.kick('anna');
  await expect.poll(sessions, { timeout: 10_000 }).toBe(0);
  await expect(whole(body)).rejects.toMatchObject({ code: 'connection-lost' });
});
