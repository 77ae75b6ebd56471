/** Nothing that is sent waits for something else that is not answered. On both databases. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { type OutgoingMail, type SendOptions, sendDue } from '../../src/portal/outbox/send.ts';
import { addAccount, changePhase } from '../../src/state/database/accounts.ts';
import { changeMany } from '../../src/state/database/bulk-changes.ts';
import { key, startControlFor } from './control-env.ts';
import { describeOnBoth } from './database-env.ts';

describeOnBoth('the errands of the outbox', (env) => {
  /** `/silent` is never answered, `/lost` loses its line. */
  let listener: Server;
  let called: string[];
  const ids = new Map<string, string>();
  const id = (name: string) => ids.get(name) ?? '';
  const url = (path: string) => `http://127.0.0.1:${(listener.address() as AddressInfo).port}${path}`;

  beforeEach(async () => {
    called = [];
    listener = createServer((request, response) => {
      called.push(request.url ?? '');
      if (request.url === '/lost') request.socket.destroy();
      else if (request.url !== '/silent') response.writeHead(204).end();
    });
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    for (const name of ['anna', 'bert', 'carl']) {
      const account = { address: `${name}@example.org`, oldLogin: name, newLogin: name };
      ids.set(name, await addAccount(env.database.db, account, 'test', systemClock.now()));
    }
  });
  afterEach(async () => {
    listener.closeAllConnections();
    await new Promise((resolve) => listener.close(resolve));
  });
  const start = (name: string) =>
    changePhase(env.database.db, { accountId: id(name), event: 'start', actor: 'operator' });
  const plan = (name: string) =>
    changeMany(
      env.database.db,
      { ids: [id(name)], teamIds: [], domains: [], all: false },
      { kind: 'plan', plan: { choice: 'copy', atMs: null } },
      { actor: 'customer:x', dryRun: false, named: 0 },
    );
  const log = { info: () => {}, warn: () => {}, error: () => {} };
  const options = (sendMail: SendOptions['sendMail']): SendOptions => ({
    database: env.database,
    key,
    clock: systemClock,
    log,
    locale: 'en',
    publicUrl: null,
    sendMail,
  });

  test('a program that never answers holds up nobody’s mail', async () => {
    const mails: string[] = [];
    const smtp = new SMTPServer({
      disabledCommands: ['STARTTLS', 'AUTH'],
      onData: (stream, session, callback) => {
        stream.resume().on('end', () => {
          mails.push(session.envelope.rcptTo.map(({ address }) => address).join());
          callback();
        });
      },
    });
    await new Promise<void>((resolve) => smtp.listen(0, '127.0.0.1', resolve));
    const { port } = smtp.server.address() as AddressInfo;
    const toml = `[mail]\nhost = "127.0.0.1"\nport = ${port}\ntls = "none"\nfrom = "p@example.org"\n`;
    const control = await startControlFor(env.database, { toml });
    try {
      await control.call('POST', '/api/v1/webhooks', { url: url('/silent') });
      await start('bert');
      await expect.poll(() => called, { timeout: 10_000 }).toEqual(['/silent']);
      // From here on that call waits ten seconds for its answer.
      await plan('anna');
      await expect.poll(() => mails, { timeout: 6_000 }).toEqual(['anna@example.org']);
      expect(called).toEqual(['/silent']);
    } finally {
      listener.closeAllConnections();
      await control.close();
      await new Promise<void>((resolve) => smtp.close(() => resolve()));
    }
  });

  test('nor any other program: one that gives no answer is called once a look', async () => {
    const control = await startControlFor(env.database);
    for (const path of ['/lost', '/well']) await control.call('POST', '/api/v1/webhooks', { url: url(path) });
    await control.close();
    for (const name of ['anna', 'bert', 'carl']) await start(name);
    await sendDue(options(null), 'webhook');
    expect(called.toSorted()).toEqual(['/lost', '/well', '/well', '/well']);
    await sendDue(options(null), 'webhook');
    expect(called.filter((path) => path === '/lost')).toHaveLength(2);
  });

  test('who is slow to send one mail holds no other: the next is anybody’s', async () => {
    await plan('anna');
    await plan('bert');
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    const taken: string[] = [];
    const slow = async (mail: OutgoingMail) => {
      taken.push(mail.to);
      await held;
    };
    const first = sendDue(options(slow), 'mail');
    await expect.poll(() => taken).toHaveLength(1);
    const others: string[] = [];
    await sendDue(
      options(async (mail) => void others.push(mail.to)),
      'mail',
    );
    release();
    await first;
    expect([...taken, ...others].toSorted()).toEqual(['anna@example.org', 'bert@example.org']);
    expect(others).toHaveLength(1);
  });

  test('a control that ends sends no more than what it was at', async () => {
    await plan('anna');
    await plan('bert');
    const over = new AbortController();
    const sent: string[] = [];
    const sendMail = async (mail: OutgoingMail) => {
      sent.push(mail.to);
      over.abort();
    };
    await sendDue(options(sendMail), 'mail', over.signal);
    expect(sent).toHaveLength(1);
  });
});
