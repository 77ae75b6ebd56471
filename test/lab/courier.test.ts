import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { RawImap, readAccount } from '../judge/imap-raw.ts';
import { startCourier } from './courier.ts';
import { descendants } from './server-process.ts';

const anna = { name: 'anna@example.org', password: 'ge"heim' };

test('a real Courier stores, restarts, and leaves nothing behind', async () => {
  const before = descendants(process.pid).length;
  const courier = await startCourier({ users: [anna] });
  const login = { port: courier.imapPort, user: anna.name, password: anna.password };
  const client = await RawImap.login(login);
  await client.create('INBOX.Entw&APw-rfe');
  const uid = await client.append('INBOX.Entw&APw-rfe', 'Subject: Entwurf\r\n\r\n', {
    flags: ['\\Seen', 'wichtig'],
  });
  await courier.restart();
  await expect(client.ok('NOOP')).rejects.toThrow();
  const drafts = (await readAccount(login)).get('INBOX.Entw&APw-rfe');
  expect(drafts).toMatchObject({ messages: [{ uid, flags: ['\\seen', 'wichtig'], sizeBytes: 20 }] });
  await expect(RawImap.login({ ...login, password: 'falsch' })).rejects.toThrow(/NO/);
  const open = await RawImap.login(login);
  await courier.stop();
  open.destroy();
  expect(descendants(process.pid)).toHaveLength(before);
  expect(existsSync(courier.dir)).toBe(false);
});
