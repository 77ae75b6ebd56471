/** Logging in to the portal, sessions, second factors, lock-outs and foreign pages, on both databases. */
import * as OTPAuth from 'otpauth';
import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { LockOut } from '../../src/portal/login/lock-out.ts';
import { addAccount } from '../../src/state/database/accounts.ts';
import { type Answer, type ControlEnv, startControlFor } from './control-env.ts';
import { describeOnBoth } from './database-env.ts';

const secretPassword = 'correct horse battery';

describeOnBoth('the portal', (env) => {
  let control: ControlEnv;
  let annaId: string;
  beforeEach(async () => {
    control = await startControlFor(env.database);
    const anna = { address: 'anna@example.org', oldLogin: 'anna', newLogin: 'anna' };
    annaId = await addAccount(env.database.db, anna, 'test', systemClock.now());
  });
  afterEach(() => control.close());
  const logIn = (login: string, password: string, more: object = {}) =>
    control.call('POST', '/api/v1/session', { login, password, ...more }, { token: null });
  const call = (method: string, path: string, cookie: string, body?: unknown): Promise<Answer> =>
    control.call(method, `/api/v1${path}`, body, { cookie });
  const addOperator = (login: string, enrol: boolean) =>
    control.call('POST', '/api/v1/operators', { login, password: secretPassword, enrol });
  const code = (secret: string, steps = 0) =>
    new OTPAuth.TOTP({ secret }).generate({ timestamp: Date.now() + steps * 30_000 });

  test('the owner of a mailbox logs in with its password, sees who they are, and logs out', async () => {
    const answer = await logIn('Anna@Example.org ', 'right', { locale: 'de' });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      person: {
        login: 'anna@example.org',
        locale: 'de',
        roles: { account: { id: annaId, address: 'anna@example.org' }, teams: [], operator: false },
      },
      needsTotp: false,
    });
    const line = answer.headers.get('set-cookie') ?? '';
    expect(line).toMatch(
      /^__Host-mailferry=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Strict; Max-Age=\d+$/,
    );
    const cookie = line.split(';')[0] ?? '';
    expect((await call('PATCH', '/session', cookie, { locale: 'en' })).body).toMatchObject({
      person: { locale: 'en' },
    });
    expect((await call('GET', '/session', cookie)).body).toMatchObject({ person: { locale: 'en' } });
    expect((await call('DELETE', '/session', cookie)).status).toBe(204);
    expect((await call('GET', '/session', cookie)).body).toMatchObject({ code: 'session-missing' });
    const { rows } = await sql<{ action: string }>`select action from audit where subject = ${annaId}
      and action like 'session%' order by id`.execute(env.database.db);
    expect(rows.map(({ action }) => action)).toEqual(['session.begin', 'session.end']);
  });

  test('a wrong password and an unknown login get the same answer; a server that is away gets another', async () => {
    const wrong = await logIn('anna@example.org', 'wrong');
    const unknown = await logIn('nobody@example.org', 'right');
    expect([wrong.status, wrong.body.code]).toEqual([401, 'login-refused']);
    expect(unknown.text).toBe(wrong.text);
    const away = await logIn('anna@example.org', 'away');
    expect([away.status, away.body.code]).toEqual([503, 'old-unreachable']);
    expect(away.headers.get('retry-after')).toBe('60');
  });

  test('a password may have as many signs as the fields of the pages take, and no more', async () => {
    expect((await logIn('anna@example.org', 'x'.repeat(1_024))).status).toBe(401);
    expect((await logIn('anna@example.org', 'x'.repeat(1_025))).status).toBe(400);
  });

  test('refusals leave at multiples of one step, however fast they were decided', async () => {
    const slow = await startControlFor(env.database, { refusalStepMs: 400 });
    try {
      for (const login of ['anna@example.org', 'nobody@example.org']) {
        const began = performance.now();
        const body = { login, password: 'wrong' };
        await slow.call('POST', '/api/v1/session', body, { token: null });
        expect(performance.now() - began).toBeGreaterThanOrEqual(390);
      }
    } finally {
      await slow.close();
    }
  });

  test('five wrong passwords lock out this login from this address; a server that is away locks nobody out', async () => {
    for (let n = 0; n < 8; n++) expect((await logIn('anna@example.org', 'away')).status).toBe(503);
    for (let n = 0; n < 5; n++) expect((await logIn('anna@example.org', 'wrong')).status).toBe(401);
    const locked = await logIn('anna@example.org', 'right');
    expect([locked.status, locked.body.code]).toEqual([429, 'too-many-attempts']);
    expect(Number(locked.headers.get('retry-after'))).toBeGreaterThan(60);
    expect((await logIn('bert@example.org', 'wrong')).status).toBe(401);
  });

  test('attempts are counted for all controls together, and for one that starts anew', async () => {
    const other = await startControlFor(env.database);
    const tryThere = (login: string, password: string) =>
      other.call('POST', '/api/v1/session', { login, password }, { token: null });
    for (let n = 0; n < 3; n++) expect((await logIn('anna@example.org', 'wrong')).status).toBe(401);
    for (let n = 0; n < 2; n++) expect((await tryThere('anna@example.org', 'wrong')).status).toBe(401);
    for (const one of [logIn, tryThere]) expect((await one('anna@example.org', 'right')).status).toBe(429);
    await other.close();
    const third = await startControlFor(env.database);
    const body = { login: 'anna@example.org', password: 'right' };
    expect((await third.call('POST', '/api/v1/session', body, { token: null })).status).toBe(429);
    await third.close();
    const { rows } = await sql`select * from login_attempt`.execute(env.database.db);
    expect(JSON.stringify(rows)).not.toMatch(/anna|127\.0\.0\.1/);
  });

  test('thirty at once are not all tried, and a right password takes its own count back', async () => {
    const answers = await Promise.all(Array.from({ length: 30 }, () => logIn('anna@example.org', 'wrong')));
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(5);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(25);
    const bert = { address: 'bert@example.org', oldLogin: 'bert', newLogin: 'bert' };
    await addAccount(env.database.db, bert, 'test', systemClock.now());
    for (let n = 0; n < 8; n++) expect((await logIn('bert@example.org', 'right')).status).toBe(200);
  });

  test('while old is away an operator with a wrong password or code is told what an unknown login is', {
    timeout: 60_000,
  }, async () => {
    const made = await addOperator('olga', true);
    const { secret } = made.body.totp as { secret: string };
    const steps: number[] = [];
    // As it is by default: a hash takes longer on a busy machine than on a quiet one, but not so long.
    const stepMs = 3_000;
    const away = await startControlFor(env.database, {
      checkMailbox: async () => ({ kind: 'unknown', reason: 'unreachable' }),
      refusalStepMs: stepMs,
    });
    const ask = async (body: object): Promise<Answer> => {
      const began = performance.now();
      const answer = await away.call('POST', '/api/v1/session', body, { token: null });
      steps.push(Math.round((performance.now() - began) / stepMs));
      return answer;
    };
    const nobody = await ask({ login: 'nobody@example.org', password: 'wrong' });
    expect(nobody.status).toBe(503);
    const wrongCode = code(secret) === '000000' ? '000001' : '000000';
    for (const body of [
      { login: 'olga', password: 'wrong password' },
      { login: 'olga', password: secretPassword, code: wrongCode },
      { login: 'anna@example.org', password: 'right' },
    ]) {
      expect((await ask(body)).text).toBe(nobody.text);
    }
    // All in the same step of time, and none at once.
    expect(new Set(steps).size).toBe(1);
    expect(steps[0]).toBeGreaterThan(0);
    const right = { login: 'olga', password: secretPassword, code: code(secret) };
    expect((await ask(right)).status).toBe(200);
    await away.close();
  });

  test('while old is away nobody is locked out soon, and nobody may guess for ever', async () => {
    const lockOut = new LockOut(env.database.db);
    for (let n = 0; n < 20; n++) await (await lockOut.attempt('olga', '192.0.2.1'))('unanswered');
    await expect(lockOut.attempt('olga', '192.0.2.1')).rejects.toMatchObject({ code: 'too-many-attempts' });
    await (await lockOut.attempt('olga', '192.0.2.2'))('unanswered');
  });

  test('an operator needs a code, each is good once, and without a second factor there is nothing but setting one up', {
    timeout: 30_000,
  }, async () => {
    await addOperator('olga', false);
    const bare = await control.logIn('olga', secretPassword);
    expect((await call('GET', '/session', bare)).body).toMatchObject({
      needsTotp: true,
      person: { roles: { operator: true } },
    });
    expect((await call('GET', '/accounts', bare)).body).toMatchObject({ code: 'code-enrolment-required' });
    const begun = await call('POST', '/operator/totp', bare);
    const secret = String(begun.body.secret);
    expect(begun.body.uri).toContain('otpauth://totp/Mailferry:olga?');
    const wrong = code(secret) === '000000' ? '000001' : '000000';
    expect((await call('PUT', '/operator/totp', bare, { code: wrong })).body).toMatchObject({
      code: 'code-refused',
    });
    expect((await call('PUT', '/operator/totp', bare, { code: code(secret, -1) })).status).toBe(200);
    expect((await call('GET', '/accounts', bare)).status).toBe(200);
    expect((await call('POST', '/operator/totp', bare)).status).toBe(400);

    expect((await logIn('olga', secretPassword)).body).toMatchObject({ code: 'code-required' });
    expect((await logIn('olga', 'wrong', { code: code(secret) })).body).toMatchObject({
      code: 'login-refused',
    });
    const now = code(secret);
    expect((await logIn('olga', secretPassword, { code: now })).status).toBe(200);
    expect((await logIn('olga', secretPassword, { code: now })).body).toMatchObject({
      code: 'login-refused',
    });
  });

  test('an operator that is removed, or gets another password, is logged out at once', {
    timeout: 30_000,
  }, async () => {
    const made = await addOperator('olga', true);
    const { secret } = made.body.totp as { secret: string };
    const cookie = await control.logIn('olga', secretPassword, code(secret, -1));
    expect((await call('GET', '/operators', cookie)).body).toMatchObject({
      operators: [{ login: 'olga', totp: 'confirmed' }],
    });
    expect((await addOperator('Olga', true)).status).toBe(409);
    const other = { password: 'another long password' };
    expect((await control.call('PUT', '/api/v1/operators/olga/password', other)).status).toBe(204);
    expect((await call('GET', '/session', cookie)).status).toBe(401);
    const again = await control.logIn('olga', other.password, code(secret));
    expect((await control.call('DELETE', '/api/v1/operators/olga')).status).toBe(204);
    expect((await call('GET', '/session', again)).status).toBe(401);
    expect((await logIn('olga', other.password, { code: code(secret, 1) })).status).toBe(401);
    expect((await control.call('DELETE', '/api/v1/operators/olga')).status).toBe(404);
  });

  test('a person sees and ends their own sessions, and nobody else’s', async () => {
    const bert = { address: 'bert@example.org', oldLogin: 'bert', newLogin: 'bert' };
    await addAccount(env.database.db, bert, 'test', systemClock.now());
    const [first, second] = [
      await control.logIn('anna@example.org', 'right'),
      await control.logIn('anna@example.org', 'right'),
    ];
    const other = await control.logIn('bert@example.org', 'right');
    const listed = (await call('GET', '/sessions', second)).body.sessions as {
      id: string;
      current: boolean;
    }[];
    expect(listed.map(({ current }) => current)).toEqual([true, false]);
    const firstId = listed[1]?.id ?? '';
    expect((await call('DELETE', `/sessions/${firstId}`, other)).status).toBe(404);
    expect((await call('DELETE', `/sessions/${firstId}`, second)).status).toBe(204);
    expect((await call('GET', '/session', first)).status).toBe(401);
    expect((await call('GET', '/session', second)).status).toBe(200);
  });

  test('a password is nowhere once it was tried: not in an answer, the log or the database', {
    timeout: 30_000,
  }, async () => {
    const canary = 'canary-Passwort-27';
    const own = await startControlFor(env.database, {
      checkMailbox: async (_login, password) => ({
        kind: password.reveal() === canary ? 'right' : 'wrong',
        count: null,
      }),
    });
    const send = (body: unknown) => own.call('POST', '/api/v1/session', body, { token: null });
    const answers = [
      await send({ login: 'anna@example.org', password: canary }),
      await send({ login: 'anna@example.org', password: `${canary}x` }),
      await send({ login: 'nobody@example.org', password: canary }),
      await send({ login: 'anna@example.org', password: canary, colour: 1 }),
      await send({ login: 'anna@example.org', password: { a: canary } }),
      await send({ login: '', password: canary }),
      await own.call('POST', '/api/v1/operators', { login: 'olga', password: canary }),
      await own.call('POST', '/api/v1/operators', { login: 'no login', password: canary }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 401, 401, 400, 400, 400, 201, 400]);
    const cookie = (answers[0]?.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    const wanted = { kind: 'copy', keepPassword: true, password: canary };
    answers.push(await own.call('POST', `/api/v1/accounts/${annaId}/plan`, wanted, { cookie }));
    expect(answers.at(-1)?.status).toBe(200);
    const { rows: tables } = await sql<{ name: string }>`${sql.raw(
      env.url.startsWith('postgres')
        ? "select table_name as name from information_schema.tables where table_schema = 'public'"
        : "select name from sqlite_master where type = 'table' and name not like 'sqlite%'",
    )}`.execute(env.database.db);
    const kept = [];
    for (const { name } of tables)
      kept.push((await sql`select * from ${sql.table(name)}`.execute(env.database.db)).rows);
    await own.close();
    const all = { answers: answers.map(({ text }) => text), kept, log: own.log };
    const text = JSON.stringify(all);
    expect(text).toContain('anna@example.org');
    expect(text).not.toContain(canary);
  });

  test('what another site makes a browser send is refused, with a cookie and without', async () => {
    const cookie = await control.logIn('anna@example.org', 'right');
    const send = (headers: Record<string, string>, method = 'DELETE') =>
      control.call(method, '/api/v1/session', undefined, { token: null, headers: { cookie, ...headers } });
    const foreign = { status: 403, body: { code: 'request-foreign' } };
    expect(await send({ 'sec-fetch-site': 'cross-site' })).toMatchObject(foreign);
    expect(await send({ 'sec-fetch-site': 'same-site' })).toMatchObject(foreign);
    expect(await send({ origin: 'https://evil.example' })).toMatchObject(foreign);
    expect(await send({})).toMatchObject(foreign);
    expect(await send({ 'sec-fetch-site': 'cross-site' }, 'GET')).toMatchObject(foreign);
    expect((await send({}, 'GET')).status).toBe(200);
    const body = { login: 'anna@example.org', password: 'right' };
    const headers = { origin: 'https://evil.example' };
    expect(await control.call('POST', '/api/v1/session', body, { token: null, headers })).toMatchObject(
      foreign,
    );
    expect((await send({ origin: control.url })).status).toBe(204);
  });
});
