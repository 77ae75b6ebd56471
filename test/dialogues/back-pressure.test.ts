/** A message of 50 MB into a sink that is slower than the network: the server has to wait, our memory does not grow. */
import { createHash } from 'node:crypto';
import net from 'node:net';
import { expect, test } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { Secret } from '../../src/base/secret.ts';
import { systemTrust } from '../../src/net/tls-trust.ts';
import { openImapStore } from '../../src/remote/imap/index.ts';

const megabyte = 1024 * 1024;
const sizeBytes = 50 * megabyte;
const block = Buffer.from(Array.from({ length: 65_536 }, (_, i) => (i * 31 + (i >> 8)) & 0xff));

function serve(socket: net.Socket): void {
  socket.on('error', () => undefined);
  socket.write('* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] ready\r\n');
  socket.on('data', (bytes) => {
    const [tag = '', verb] = bytes.toString('latin1').split(' ');
    if (verb !== 'UID') {
      socket.write(`${tag} OK [CAPABILITY IMAP4rev1] done\r\n`);
      return;
    }
    socket.write(`* 1 FETCH (UID 1 BODY[] {${sizeBytes}}\r\n`);
    for (let sent = 0; sent < sizeBytes; sent += block.length) socket.write(block);
    socket.write(`)\r\n${tag} OK done\r\n`);
  });
}

test('a sink that returns promises is never handed more than a megabyte ahead', async () => {
  const server = net.createServer(serve);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const session = await openImapStore({
    side: 'old',
    host: '127.0.0.1',
    port: (server.address() as net.AddressInfo).port,
    security: 'starttls',
    allowPlaintext: true,
    trust: systemTrust,
    credentials: { kind: 'password', user: 'anna', authUser: null, password: new Secret('secret') },
    authMechanism: null,
    clock: systemClock,
    connectTimeoutMs: 5_000,
    idleTimeoutMs: 5_000,
  }).openSession();
  const digest = createHash('sha256');
  let ahead = 0;
  let most = 0;
  let last = Promise.resolve();
  const told: string[] = [];
  await session.fetchBodies([1], {
    begin: (uid, size) => told.push(`begin ${uid} ${size}`),
    chunk: (bytes) => {
      ahead += bytes.length;
      most = Math.max(most, ahead);
      last = last.then(async () => {
        await new Promise((resolve) => setImmediate(resolve));
        digest.update(bytes);
        ahead -= bytes.length;
      });
      return last;
    },
    end: async (uid) => {
      await last;
      told.push(`end ${uid}`);
    },
    missing: (uid) => told.push(`missing ${uid}`),
  });
  await last;
  const whole = createHash('sha256');
  for (let at = 0; at < sizeBytes; at += block.length) whole.update(block);
  expect(told).toEqual([`begin 1 ${sizeBytes}`, 'end 1']);
  expect(digest.digest('hex')).toBe(whole.digest('hex'));
  expect(most).toBeLessThan(megabyte);
  await session.close();
  server.close();
});
