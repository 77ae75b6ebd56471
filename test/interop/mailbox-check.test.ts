/** Passwords of the portal against a real Dovecot: right, wrong, not there, and a server that is away. */
import { createServer } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Secret } from '../../src/base/secret.ts';
import { readConfiguration } from '../../src/services/configuration/read.ts';
import { mailboxCheck } from '../../src/services/mailbox-check.ts';
import { type Dovecot, startDovecot } from '../lab/dovecot.ts';

let dovecot: Dovecot;
beforeAll(async () => {
  dovecot = await startDovecot({ users: [{ name: 'anna', password: 'rightpw' }] });
});
afterAll(() => dovecot.stop());

function checkAt(port: number) {
  const server = `host = "127.0.0.1"\nport = ${port}\ntls = "none"\n`;
  const read = readConfiguration(`[old]\n${server}[new]\n${server}`, {}, () => '');
  if (!read.ok) throw new Error('the configuration of the test is wrong');
  return mailboxCheck(read.value.configuration.old);
}

test('the right password opens INBOX, and what is there is counted', async () => {
  const message = 'From: a@example.org\r\nSubject: x\r\n\r\nbody\r\n';
  await dovecot.doveadm(['save', '-u', 'anna', '-m', 'INBOX'], message);
  await dovecot.doveadm(['mailbox', 'create', '-u', 'anna', 'Entw&APw-rfe']);
  const verdict = await checkAt(dovecot.imapPort)('anna', new Secret('rightpw'));
  expect(verdict).toMatchObject({
    kind: 'right',
    count: { mailboxes: expect.arrayContaining([expect.objectContaining({ role: 'inbox', messages: 1 })]) },
  });
});

test('a wrong password and an unknown login are wrong', async () => {
  const check = checkAt(dovecot.imapPort);
  expect(await check('anna', new Secret('wrongpw'))).toEqual({ kind: 'wrong' });
  expect(await check('nobody', new Secret('rightpw'))).toEqual({ kind: 'wrong' });
  expect(await check('anna', new Secret('right\r\npw'))).toEqual({ kind: 'wrong' });
});

test('a server that is away, or speaks something else, is no wrong password', async () => {
  expect(await checkAt(1)('anna', new Secret('rightpw'))).toMatchObject({ kind: 'unknown' });
  const deaf = createServer((socket) => socket.end('220 smtp\r\n')).listen(0, '127.0.0.1');
  await new Promise((resolve) => deaf.once('listening', resolve));
  const { port } = deaf.address() as { port: number };
  expect(await checkAt(port)('anna', new Secret('rightpw'))).toMatchObject({ kind: 'unknown' });
  deaf.close();
});

test('a login that is taken, by a server that then refuses INBOX, is no right password', async () => {
  const lines: Record<string, string> = {
    CAPABILITY: '* CAPABILITY IMAP4rev1 AUTH=PLAIN',
    LIST: '* LIST () "/" INBOX',
  };
  const proxy = createServer((socket) => {
    socket.write('* OK [CAPABILITY IMAP4rev1] ready\r\n');
    socket.on('error', () => {});
    socket.on('data', (data) => {
      for (const line of data.toString('latin1').split('\r\n')) {
        const [tag, word = ''] = line.split(' ');
        if (tag === undefined || tag === '') continue;
        const command = word.toUpperCase();
        const said = lines[command] === undefined ? '' : `${lines[command]}\r\n`;
        const refuses = command === 'EXAMINE' || command === 'SELECT';
        socket.write(`${said}${tag} ${refuses ? 'NO [UNAVAILABLE] backend' : 'OK'} done\r\n`);
      }
    });
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => proxy.once('listening', resolve));
  const { port } = proxy.address() as { port: number };
  const verdict = await checkAt(port)('anna', new Secret('any'));
  expect(verdict).toEqual({ kind: 'unknown', reason: 'mailbox-unusable' });
  proxy.close();
});
