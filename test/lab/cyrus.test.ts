import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { RawImap, readAccount } from '../judge/imap-raw.ts';
import { startCyrus } from './cyrus.ts';
import { descendants } from './server-process.ts';

const anna = { name: 'anna', password: 'geheim' };

test('a real Cyrus stores, restarts, and leaves nothing behind', async () => {
  const before = descendants(process.pid).length;
  const cyrus = await startCyrus({ users: [anna] });
  const login = { port: cyrus.imapPort, user: anna.name, password: anna.password };
  const client = await RawImap.login(login);
  expect(client.greeting).toContain('Cyrus IMAP');
  await client.create('Entw&APw-rfe');
  const uid = await client.append('Entw&APw-rfe', 'Subject: Entwurf\r\n\r\n', {
    flags: ['\\Seen', 'wichtig'],
  });
  await client.logout();
  await cyrus.restart();
  const drafts = (await readAccount(login)).get('Entw&APw-rfe');
  expect(drafts).toMatchObject({ messages: [{ uid, flags: ['\\seen', 'wichtig'], sizeBytes: 20 }] });
  await expect(RawImap.login({ ...login, password: 'falsch' })).rejects.toThrow(/NO/);
  await cyrus.stop();
  expect(descendants(process.pid)).toHaveLength(before);
  expect(existsSync(cyrus.dir)).toBe(false);
});

test('Cyrus refuses what is too large, and has the old kind of names too', async () => {
  await using cyrus = await startCyrus({ users: [anna], altNamespace: false, maxMessageSize: 1_000 });
  const client = await RawImap.login({ port: cyrus.imapPort, user: anna.name, password: anna.password });
  await client.create('INBOX.Sent');
  expect((await client.list()).map(({ name, delimiter }) => [name, delimiter])).toContainEqual([
    'INBOX.Sent',
    '.',
  ]);
  await expect(client.append('INBOX', `Subject: x\r\n\r\n${'x'.repeat(1_000)}\r\n`)).rejects.toThrow(/NO/);
  await client.logout();
});
