/** Mails through a real SMTP server and webhooks to a real HTTP server, from both databases. */
import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sql } from 'kysely';
import { SMTPServer } from 'smtp-server';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Secret } from '../../src/base/secret.ts';
import { systemClock } from '../../src/base/clock.ts';
import { type SendOptions, sendDue } from '../../src/portal/outbox/send.ts';
import { readConfiguration } from '../../src/services/configuration/read.ts';
import { smtpSender } from '../../src/services/send-mail.ts';
import { setNotes } from '../../src/state/database/account-notes.ts';
import { addAccount, changePhase } from '../../src/state/database/accounts.ts';
import { changeMany } from '../../src/state/database/bulk-changes.ts';
import { webhooks } from '../../src/state/database/webhooks.ts';
import { type ControlEnv, key, startControlFor } from './control-env.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { describeOnBoth } from './database-env.ts';

interface Received {
  readonly to: string;
  readonly text: string;
}

describeOnBoth('the outbox', (env) => {
  let smtp: SMTPServer;
  let mails: Received[];
  /** What the server says to the next mails instead of taking them. */
  let refusals: { code: number; text: string }[];
  let listener: Server;
  let calls: { body: string; signature: string }[];
  let answers: number[];
  let options: SendOptions;
  const log: string[] = [];
  const ids = new Map<string, string>();

  beforeEach(async () => {
    mails = [];
    refusals = [];
    calls = [];
    answers = [];
    smtp = new SMTPServer({
      disabledCommands: ['STARTTLS', 'AUTH'],
      onData: (stream, session, callback) => {
        let text = '';
        stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
        stream.on('end', () => {
          const refusal = refusals.shift();
          if (refusal !== undefined) {
            callback(Object.assign(new Error(refusal.text), { responseCode: refusal.code }));
            return;
          }
          mails.push({ to: session.envelope.rcptTo.map(({ address }) => address).join(), text });
          callback();
        });
      },
    });
    await new Promise<void>((resolve) => smtp.listen(0, '127.0.0.1', resolve));
    const { port } = smtp.server.address() as AddressInfo;
    const toml = `[mail]\nhost = "127.0.0.1"\nport = ${port}\ntls = "none"\nfrom = "Post <post@example.org>"\n[old]\nhost = "o"\n[new]\nhost = "n"\n`;
    const read = readConfiguration(toml, {}, () => '');
    if (!read.ok) throw new Error(JSON.stringify(read.faults));
    listener = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        calls.push({ body, signature: String(request.headers['mailferry-signature']) });
        response.writeHead(answers.shift() ?? 204).end();
      });
    });
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    const note = (fields: object, text: string) => void log.push(JSON.stringify({ text, ...fields }));
    options = {
      database: env.database,
      key,
      clock: systemClock,
      log: { info: note, warn: note, error: note },
      sendMail: smtpSender(read.value.configuration.mail, undefined),
      locale: 'de',
      publicUrl: 'https://move.example.org/',
    };
    for (const name of ['anna', 'bert']) {
      const account = { address: `${name}@example.org`, oldLogin: name, newLogin: name };
      ids.set(name, await addAccount(env.database.db, account, 'test', systemClock.now()));
    }
  });
  afterEach(async () => {
    await new Promise<void>((resolve) => smtp.close(() => resolve()));
    listener.closeAllConnections();
    await new Promise((resolve) => listener.close(resolve));
  });
  const id = (name: string) => ids.get(name) ?? '';
  const plan = (name: string) =>
    changeMany(
      env.database.db,
      { ids: [id(name)], teamIds: [], domains: [], all: false },
      { kind: 'plan', plan: { choice: 'copy', atMs: null } },
      { actor: 'customer:x', dryRun: false, named: 0 },
    );
  const state = async () => {
    const { rows } = await sql<{ state: string; attempts: number; last_error: string | null }>`select state,
      attempts, last_error from outbox order by created_at_ms, id`.execute(env.database.db);
    return rows;
  };
  const runOutbox = async (by: SendOptions) => {
    await sendDue(by, 'mail');
    await sendDue(by, 'webhook');
  };
  const makeDue = () => sql`update outbox set due_ms = 0 where state = 'waiting'`.execute(env.database.db);
  const subjects = () => mails.map(({ text }) => decodeSubject(text));

  test('an owner is told at the start, in step, and of trouble once a day; others are not', async () => {
    await plan('anna');
    await changePhase(env.database.db, { accountId: id('bert'), event: 'start', actor: 'operator' });
    await runOutbox(options);
    await runOutbox(options);
    expect(mails.map(({ to }) => to)).toEqual(['anna@example.org']);
    expect(subjects()).toEqual(['Ihr Postfach wird kopiert']);
    expect(mails[0]?.text).toContain('multipart/alternative');
    expect(mails[0]?.text).toContain('https://move.example.org/');
    expect(mails[0]?.text).toMatch(/^Message-ID: <[0-9a-f-]{36}@move\.example\.org>\r?$/im);
    await changePhase(env.database.db, { accountId: id('anna'), event: 'agree', actor: 'worker:1' });
    const attention = { code: 'login-refused', reason: 'NO <b>x', action: 'y', sinceMs: 1 } as const;
    for (const note of [attention, null, attention]) {
      await setNotes(env.database.db, id('anna'), { attention: note }, { actor: 'worker:1' });
    }
    const waiting = { ...attention, code: 'unreachable' } as const;
    await setNotes(env.database.db, id('anna'), { attention: waiting }, { actor: 'worker:1' });
    await runOutbox(options);
    expect(subjects().slice(1)).toEqual(['Beide Server sind auf gleichem Stand', 'Ihr Postfach braucht Sie']);
  });

  test('an owner is written to in the language of their last session', async () => {
    const control = await startControlFor(env.database);
    const cookie = await control.logIn('anna@example.org', 'right');
    await control.call('PATCH', '/api/v1/session', { locale: 'en' }, { cookie });
    // It sends no mails, and would let what happens below pass.
    await control.close();
    await plan('anna');
    await plan('bert');
    await runOutbox(options);
    expect(
      mails.map(({ to }, i) => [to, subjects()[i]]).toSorted((a, b) => String(a).localeCompare(String(b))),
    ).toEqual([
      ['anna@example.org', 'Your mailbox is being copied'],
      ['bert@example.org', 'Ihr Postfach wird kopiert'],
    ]);
  });

  test('several processes at once send each mail once', async () => {
    await plan('anna');
    await plan('bert');
    await Promise.all(Array.from({ length: 4 }, () => runOutbox(options)));
    expect(mails.map(({ to }) => to).toSorted()).toEqual(['anna@example.org', 'bert@example.org']);
  });

  test('what the server refuses for now is tried again later, what it never takes is not', async () => {
    refusals.push({ code: 451, text: 'later' }, { code: 451, text: 'later' });
    await plan('anna');
    await runOutbox(options);
    await runOutbox(options);
    expect(await state()).toMatchObject([
      { state: 'waiting', attempts: 1, last_error: expect.stringContaining('later') },
    ]);
    await makeDue();
    await runOutbox(options);
    await makeDue();
    await runOutbox(options);
    expect(await state()).toMatchObject([{ state: 'sent', attempts: 3 }]);
    expect(mails).toHaveLength(1);
    refusals.push({ code: 550, text: 'no such user' });
    await plan('bert');
    await runOutbox(options);
    await makeDue();
    await runOutbox(options);
    expect((await state())[1]).toMatchObject({ state: 'failed', attempts: 1 });
  });

  test('a login that the mail server refuses is ours to mend: the mail waits', async () => {
    smtp.options.disabledCommands = ['STARTTLS'];
    smtp.options.allowInsecureAuth = true;
    smtp.options.authOptional = true;
    const { port } = smtp.server.address() as AddressInfo;
    const mail = {
      host: '127.0.0.1',
      port,
      tls: 'none',
      user: 'x',
      from: 'p@example.org',
      locale: 'en',
    } as const;
    await plan('anna');
    await runOutbox({ ...options, sendMail: smtpSender(mail, new Secret('canary-9')) });
    expect(await state()).toMatchObject([{ state: 'waiting', attempts: 1 }]);
    expect(JSON.stringify(await state()) + log.join('')).not.toContain('canary-9');
    await makeDue();
    await runOutbox(options);
    expect(mails).toHaveLength(1);
  });

  test('a webhook is signed, and tried again', async () => {
    const control: ControlEnv = await startControlFor(env.database);
    const { port } = listener.address() as AddressInfo;
    const bad = await control.call('POST', '/api/v1/webhooks', { url: 'ftp://example.org/' });
    expect(bad.status).toBe(400);
    const withLogin = await control.call('POST', '/api/v1/webhooks', { url: 'https://a:b@example.org/' });
    expect(withLogin.status).toBe(400);
    const made = await control.call('POST', '/api/v1/webhooks', { url: `http://127.0.0.1:${port}/hook` });
    expect(made.status).toBe(201);
    await control.close();
    const secret = String(made.body.secret);
    answers.push(500);
    await changePhase(env.database.db, { accountId: id('bert'), event: 'start', actor: 'operator' });
    await runOutbox({ ...options, sendMail: null });
    expect(calls).toHaveLength(1);
    await makeDue();
    await runOutbox({ ...options, sendMail: null });
    expect(calls).toHaveLength(2);
    const { body, signature } = calls[1] ?? { body: '', signature: '' };
    expect(JSON.parse(body)).toMatchObject({
      type: 'account.phase',
      account: { id: id('bert'), address: 'bert@example.org' },
      from: 'old',
      to: 'copying',
    });
    const seconds = /^t=(\d+),v1=[0-9a-f]{64}$/.exec(signature)?.[1] ?? '';
    const mac = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
    expect(signature).toBe(`t=${seconds},v1=${mac}`);
    expect(log.join('\n')).not.toContain(secret);
    const kept = await sql<{ sealed: string }>`select sealed from webhook`.execute(env.database.db);
    expect(kept.rows[0]?.sealed).not.toContain(secret);
    expect(await webhooks(env.database.db)).toHaveLength(1);
  });

  test('a webhook that is off is not called and not told later; what waits goes on when it is on again', async () => {
    const control = await startControlFor(env.database);
    const hook = await hookOf(control);
    const path = `/api/v1/webhooks/${hook.id}`;
    answers.push(500);
    await changePhase(env.database.db, { accountId: id('bert'), event: 'start', actor: 'operator' });
    await runOutbox({ ...options, sendMail: null });
    expect((await control.call('PATCH', path, { on: false })).status).toBe(204);
    expect((await control.call('GET', '/api/v1/webhooks')).body).toMatchObject({ webhooks: [{ on: false }] });
    expect(await control.call('POST', `${path}/test`)).toMatchObject({ status: 400 });
    await changePhase(env.database.db, { accountId: id('anna'), event: 'start', actor: 'operator' });
    await makeDue();
    await runOutbox({ ...options, sendMail: null });
    expect(calls).toHaveLength(1);
    await control.call('PATCH', path, { on: true });
    await runOutbox({ ...options, sendMail: null });
    expect(calls.map(({ body }) => JSON.parse(body).account.address)).toEqual([
      'bert@example.org',
      'bert@example.org',
    ]);
    const unknown = '/api/v1/webhooks/01a20d80-4633-7163-ab3d-76a762bd6582';
    expect((await control.call('PATCH', unknown, { on: true })).body).toMatchObject({
      code: 'webhook-unknown',
    });
    await control.close();
  });

  test('another secret signs from the next call on, the tries of before too', async () => {
    const control = await startControlFor(env.database);
    const hook = await hookOf(control);
    answers.push(500);
    await changePhase(env.database.db, { accountId: id('bert'), event: 'start', actor: 'operator' });
    await runOutbox({ ...options, sendMail: null });
    const changed = await control.call('POST', `/api/v1/webhooks/${hook.id}/secret`);
    const secret = String(changed.body.secret);
    expect([changed.status, secret.length, secret === hook.secret]).toEqual([200, 43, false]);
    await makeDue();
    await runOutbox({ ...options, sendMail: null });
    const signs = ({ body, signature }: (typeof calls)[number], by: string) => {
      const [, seconds = '', mac = ''] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(signature) ?? [];
      return createHmac('sha256', by).update(`${seconds}.${body}`).digest('hex') === mac;
    };
    expect(calls.map((one) => [signs(one, hook.secret), signs(one, secret)])).toEqual([
      [true, false],
      [false, true],
    ]);
    const audit = await control.call('GET', '/api/v1/audit?limit=1');
    expect(audit.body).toMatchObject({ audit: [{ action: 'webhook.secret', name: hook.url }] });
    expect(audit.text + control.log.join()).not.toContain(secret);
    await control.close();
  });

  test('what came of each call is told: what it answered, why not, and when it is tried next', async () => {
    // Its own outbox rests: what is sent here, the test sends.
    const clock = new FakeClock();
    const control = await startControlFor(env.database, { clock });
    await expect.poll(() => clock.sleeping).toBeGreaterThanOrEqual(6);
    await allAsleep(clock);
    const hook = await hookOf(control);
    const path = `/api/v1/webhooks/${hook.id}/calls`;
    answers.push(503);
    await changePhase(env.database.db, { accountId: id('bert'), event: 'start', actor: 'operator' });
    await control.call('POST', `/api/v1/webhooks/${hook.id}/test`);
    const first = (await control.call('GET', path)).body as { calls: Record<string, unknown>[] };
    expect(first.calls).toMatchObject([{ event: null, state: 'waiting', attempts: 0, triedAt: null }]);
    await runOutbox({ ...options, sendMail: null });
    const { body } = await control.call('GET', path);
    const event = String(JSON.parse(calls.find((one) => one.body.includes('phase'))?.body ?? '{}').id);
    // Which of the two came first, and got the 503, is the database's business.
    const answer = expect.arrayContaining([
      expect.objectContaining({ state: 'sent', answer: 204, error: null, nextAt: null }),
      expect.objectContaining({
        state: 'waiting',
        answer: 503,
        attempts: 1,
        error: 'it answered 503',
        triedAt: expect.stringMatching(/Z$/),
        nextAt: expect.stringMatching(/Z$/),
      }),
    ]);
    expect(body.calls).toEqual(answer);
    const events = (body.calls as { event: string | null }[]).map((one) => one.event ?? 'a test');
    expect(events.toSorted()).toEqual([event, 'a test'].toSorted());
    listener.closeAllConnections();
    await new Promise((resolve) => listener.close(resolve));
    await makeDue();
    await runOutbox({ ...options, sendMail: null });
    expect((await control.call('GET', `${path}?limit=1`)).body.next).toEqual(expect.any(String));
    expect((await control.call('GET', path)).body.calls).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          state: 'waiting',
          answer: null,
          attempts: 2,
          // As a connection that was kept from before is gone already, or still seems to be there.
          error: expect.stringMatching(/^(Nobody takes the connection there|The connection was lost)\.$/),
        }),
      ]),
    );
    const german = { headers: { 'accept-language': 'de' } };
    expect((await control.call('GET', path, undefined, german)).text).toMatch(
      /Dort nimmt niemand die Verbindung an\.|Die Verbindung brach ab\./,
    );
    await control.close();
  });

  async function hookOf(control: ControlEnv): Promise<{ id: string; secret: string; url: string }> {
    const { port } = listener.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}/hook`;
    const { body } = await control.call('POST', '/api/v1/webhooks', { url });
    return { id: String(body.id), secret: String(body.secret), url };
  }
});

function decodeSubject(text: string): string {
  const line = /^Subject: (.*)\r?$/m.exec(text)?.[1] ?? '';
  return line.replace(/=\?UTF-8\?Q\?(.*?)\?=/g, (_, q: string) => q.replaceAll('_', ' '));
}

/** All loops of the control have come to rest: how many there are is its own business. */
async function allAsleep(clock: FakeClock): Promise<void> {
  for (let before = -1; before !== clock.sleeping; ) {
    before = clock.sleeping;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}
