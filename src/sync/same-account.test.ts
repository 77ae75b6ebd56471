import { describe, expect, it } from 'vitest';
import { FakeMailStore } from '../../test/fakes/fake-mail-store.ts';
import { FakeServer } from '../../test/fakes/fake-server.ts';
import { openPair } from './open-pair.ts';
import { refuseSameAccount } from './same-account.ts';

async function checked(server: FakeServer, other: FakeServer): Promise<string> {
  const deps = {
    old: new FakeMailStore(server, 'old', { host: 'imap.example' }),
    fresh: new FakeMailStore(other, 'new', { host: 'mail.example' }),
    signal: new AbortController().signal,
    random: () => 0.5,
  };
  const pair = await openPair(deps);
  try {
    await refuseSameAccount(deps, pair);
    return 'two accounts';
  } catch (error) {
    return (error as { code: string }).code;
  } finally {
    await Promise.all([pair.old.close(), pair.fresh.close()]);
  }
}

describe('one account under two names', () => {
  it('is found out by a canary, and the canary is taken away', async () => {
    const server = new FakeServer();
    server.user.append('INBOX', 'Subject: a\r\n\r\n');
    expect(await checked(server, server)).toBe('same-account');
    expect(server.names()).toEqual(['INBOX']);
  });

  it('is found out by the canary that an interrupted run left', async () => {
    const server = new FakeServer();
    server.user.append('INBOX', 'Subject: a\r\n\r\n');
    server.user.create('mailferry-canary-123');
    expect(await checked(server, server)).toBe('same-account');
    expect(server.names()).toEqual(['INBOX']);
  });

  it('is not suspected where the mailboxes differ', async () => {
    const server = new FakeServer();
    server.user.append('INBOX', 'Subject: a\r\n\r\n');
    expect(await checked(server, new FakeServer())).toBe('two accounts');
  });

  it('is told from another account that looks just like it', async () => {
    const server = new FakeServer();
    server.user.append('INBOX', 'Subject: a\r\n\r\n');
    const other = server.clone();
    expect(await checked(server, other)).toBe('two accounts');
    expect(other.names()).toEqual(['INBOX']);
  });
});
