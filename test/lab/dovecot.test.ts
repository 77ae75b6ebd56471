import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { RawImap, readAccount } from '../judge/imap-raw.ts';
import { type DovecotOptions, dovecotIsInstalled, startDovecot } from './dovecot.ts';
import { descendants } from './server-process.ts';

const anna = { name: 'anna@example.org', password: 'geheim' };
const login = (port: number, user = anna.name, password = anna.password) => ({ port, user, password });
const lab = (title: string, work: () => Promise<void>) =>
  test.skipIf(!dovecotIsInstalled())(`${title} (needs Dovecot)`, work);

lab('keeps mail over a restart and over a power cut', async () => {
  await using dovecot = await startDovecot({ users: [anna] });
  for (const hard of [false, true]) {
    const client = await RawImap.login(login(dovecot.imapPort));
    await client.append('INBOX', `Subject: hard ${hard}\r\n\r\n`);
    await client.logout();
    await dovecot.restart({ hard });
  }
  const account = await readAccount(login(dovecot.imapPort));
  expect(account.get('INBOX')?.messages.map(({ uid }) => uid)).toEqual([1, 2]);
});

lab('leaves no process and no directory behind', async () => {
  const before = descendants(process.pid).length;
  const dovecot = await startDovecot({ users: [anna], lmtp: true });
  const client = await RawImap.login(login(dovecot.imapPort));
  expect(descendants(process.pid).length).toBeGreaterThan(before);
  await dovecot.stop();
  expect(descendants(process.pid)).toHaveLength(before);
  expect(existsSync(dovecot.dir)).toBe(false);
  client.destroy();
});

lab('says what Dovecot said when it cannot start', async () => {
  await expect(startDovecot({ users: [anna], extra: 'no_such_setting = 1' })).rejects.toThrow(
    /no_such_setting/,
  );
});

lab('announces no more than it was told to', async () => {
  const capabilities = async (options: Partial<DovecotOptions>) => {
    await using dovecot = await startDovecot({ users: [anna], ...options });
    const client = await RawImap.login(login(dovecot.imapPort));
    const all = await client.capabilities();
    client.destroy();
    return all;
  };
  expect(await capabilities({})).toEqual(
    expect.arrayContaining(['MULTIAPPEND', 'LITERAL+', 'NOTIFY', 'CONDSTORE']),
  );
  expect(await capabilities({ literal: 'minus' })).toContain('LITERAL-');
  expect(await capabilities({ addCapabilities: ['APPENDLIMIT=1000'] })).toContain('APPENDLIMIT=1000');
  const poor = await capabilities({ literal: 'synchronising', hideCapabilities: ['MULTIAPPEND', 'UIDPLUS'] });
  expect(poor).toContain('IDLE');
  for (const name of ['MULTIAPPEND', 'UIDPLUS', 'LITERAL+', 'LITERAL-']) expect(poor).not.toContain(name);
});

lab('refuses what is too large and what is over quota', async () => {
  await using dovecot = await startDovecot({ users: [anna], maxMailSize: 1_000, quota: { messages: 2 } });
  const client = await RawImap.login(login(dovecot.imapPort));
  await expect(client.append('INBOX', 'x'.repeat(1_001))).rejects.toThrow(/NO .*size/i);
  await client.append('INBOX', 'Subject: 1\r\n\r\n');
  await client.append('INBOX', 'Subject: 2\r\n\r\n');
  await expect(client.append('INBOX', 'Subject: 3\r\n\r\n')).rejects.toThrow(/NO \[OVERQUOTA\]/);
  client.destroy();
});

lab('serves every mail format, prefix and separator', async () => {
  for (const mailFormat of ['maildir', 'maildir-fs', 'sdbox', 'mdbox'] as const) {
    await using dovecot = await startDovecot({
      users: [anna],
      mailFormat,
      namespacePrefix: 'INBOX.',
      separator: '.',
      specialUse: { Entwürfe: '\\Drafts' },
    });
    const client = await RawImap.login(login(dovecot.imapPort));
    await client.create('INBOX.Entw&APw-rfe');
    await client.append('INBOX.Entw&APw-rfe', 'Subject: Entwurf\r\n\r\n');
    await client.logout();
    const drafts = (await readAccount(login(dovecot.imapPort))).get('INBOX.Entw&APw-rfe');
    expect(drafts).toMatchObject({ delimiter: '.', messages: [{ uid: 1 }] });
    expect(drafts?.attributes).toContain('\\drafts');
  }
});

lab('lets a master user in, and kicks', async () => {
  const master = { name: 'ferry', password: 'master' };
  await using dovecot = await startDovecot({ users: [anna], masterUser: master, spreadUids: true });
  const client = await RawImap.login(login(dovecot.imapPort, 'anna@example.org*ferry', 'master'));
  await client.append('INBOX', 'Subject: 1\r\n\r\n');
  // The session is known to `doveadm kick` a moment after its login only, and the kick takes a moment as well.
  await expect(async () => {
    for (let i = 0; i < 100; i++) {
      await dovecot.kick(anna.name);
      await client.command(['NOOP']);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }).rejects.toThrow();
  // Nobody there any more; that is no error.
  await dovecot.kick(anna.name);
});
