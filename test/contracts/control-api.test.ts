/** The HTTP API through real HTTP, on both databases. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Validator } from '@seriousme/openapi-schema-validator';
import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startDue } from '../../src/portal/start-due.ts';
import { setNotes } from '../../src/state/database/account-notes.ts';
import { appendEvent, pruneEvents } from '../../src/state/database/events.ts';
import { putMailbox, putRefused } from '../../src/state/database/journal-rows.ts';
import { acquireLease } from '../../src/state/database/leases.ts';
import { setMailboxProblems } from '../../src/state/database/mailbox-problems.ts';
import { dueAccounts } from '../../src/state/database/plans.ts';
import { mailboxRow } from './journal-rows.ts';
import { describeOnBoth } from './database-env.ts';
import { openStream } from './event-stream.ts';
import { type ControlEnv, operatorToken, startControlFor } from './control-env.ts';

const canary = 'canary-Kennwort-91';
const inGerman = { 'accept-language': 'de-DE, en;q=0.5' };
const list = 'address,team,aliases,old_password\n';

describeOnBoth('the API', (env) => {
  let control: ControlEnv;
  beforeEach(async () => {
    control = await startControlFor(env.database);
  });
  afterEach(() => control.close());
  const get = (path: string, token?: string | null) =>
    control.call('GET', `/api/v1${path}`, undefined, token === undefined ? {} : { token });
  const post = (path: string, body: unknown, token?: string) =>
    control.call('POST', `/api/v1${path}`, body, token === undefined ? {} : { token });
  const take = (text: string, query = '') => post(`/accounts/import${query}`, text);
  const idOf = async (address: string) => String((await get(`/accounts/${address}`)).body.id);
  const makeToken = async (...scopes: string[]) => {
    const made = await post('/tokens', { name: 'script', scopes });
    expect(made.status).toBe(201);
    return made.body as { id: string; token: string };
  };

  test('takes in a list, shows it page by page, and tells what a second one changes', async () => {
    const rows = [
      'anna@example.org,T,info@example.org,x',
      'bert@example.org,T,,',
      'carl@example.net,,,',
    ].join('\n');
    expect((await take(list + rows, '?dryRun=true')).body).toMatchObject({ dryRun: true, added: 3 });
    expect((await get('/accounts')).body).toEqual({ accounts: [], next: null });
    expect((await take(list + rows)).body).toEqual({
      dryRun: false,
      added: 3,
      updated: 0,
      unchanged: 0,
      updates: [],
    });
    expect((await take(list + rows)).body).toMatchObject({ added: 0, updated: 0, unchanged: 3 });
    const page = await get('/accounts?limit=2&team=T');
    expect(page.body).toMatchObject({
      accounts: [{ address: 'anna@example.org', secrets: ['old'], phase: 'old', progress: null }, {}],
      next: null,
    });
    const first = await get('/accounts?limit=2');
    const second = await get(`/accounts?limit=2&cursor=${String(first.body.next)}`);
    expect(second.body).toMatchObject({ accounts: [{ address: 'carl@example.net' }], next: null });
    expect((await get('/accounts?team=none')).body).toEqual({ accounts: [], next: null });
    expect((await get('/accounts?search=BERT')).body).toMatchObject({
      accounts: [{ address: 'bert@example.org' }],
    });
    expect((await get('/accounts?domain=EXAMPLE.net')).body.accounts).toHaveLength(1);
    expect((await get('/accounts/Info@Example.ORG')).body).toMatchObject({
      address: 'anna@example.org',
      team: 'T',
    });
    expect((await get('/teams')).body).toMatchObject({ teams: [{ name: 'T', accounts: 2 }], next: null });
    expect((await get('/domains?limit=1')).body).toMatchObject({ domains: [{ name: 'example.net' }] });
    const json = await post('/accounts/import', [{ address: 'carl@example.net', team: 'U' }]);
    expect(json.body).toMatchObject({ updates: [{ account: 'carl@example.net', columns: ['team'] }] });
  });

  test('refuses a list with faults, each with its line, and takes in nothing of it', async () => {
    await take('address,aliases\nanna@example.org,info@example.org\n');
    const bad = await take('address,quota,old_login\nnew@example.org,,\nx,much,\n');
    expect([bad.status, bad.headers.get('content-type')]).toEqual([422, 'application/problem+json']);
    expect(bad.body).toMatchObject({
      code: 'import-refused',
      faults: [
        { line: 3, column: 'address', text: 'is not a mail address' },
        { line: 3, column: 'quota', allowed: expect.stringContaining('5GB') },
      ],
    });
    const listBody = 'address,quota\nx,much\n';
    const german = await control.call('POST', '/api/v1/accounts/import', listBody, { headers: inGerman });
    expect(german.body.faults).toEqual([
      {
        line: 2,
        column: 'address',
        text: 'ist keine Mailadresse',
        allowed: expect.stringMatching(/^eine Mailadresse wie anna@example\.org, höchstens \d+ Zeichen$/),
      },
      { line: 2, column: 'quota', text: 'ist keine Größe', allowed: expect.stringContaining('mit Einheit') },
    ]);
    const both = await take('address\nnew@example.org\nx\ninfo@example.org\n');
    expect((both.body.faults as { line: number }[]).map(({ line }) => line)).toEqual([3, 4]);
    const taken = await take('address\nnew@example.org\ninfo@example.org\n');
    expect(taken.body.faults).toMatchObject([
      { line: 3, text: 'info@example.org belongs to another account' },
    ]);
    expect((await get('/accounts')).body.accounts).toHaveLength(1);
  });

  test('starts, pauses, resumes and retries what is selected, and says of the rest why not', async () => {
    await take('address,team\na@b.org,T\nb@b.org,\nc@d.org,\n');
    const dry = await post('/sync/start', { domains: ['B.org'], dryRun: true });
    expect(dry.body).toMatchObject({ dryRun: true, selected: 2, changed: 2 });
    const started = await post('/sync/start', { accounts: ['A@b.org', 'no@b.org'], teams: ['none'] });
    expect(started.body).toEqual({
      dryRun: false,
      selected: 1,
      changed: 1,
      unchanged: 0,
      reasons: [],
      changedAccounts: ['a@b.org'],
      unchangedAccounts: [],
      unknown: ['no@b.org', 'none'],
    });
    expect((await post('/sync/start', { all: true })).body).toMatchObject({
      changed: 2,
      unchangedAccounts: [
        { account: 'a@b.org', code: 'started', why: 'it was started before and is copying' },
      ],
    });
    expect((await post('/sync/pause', { teams: ['T'], why: 'holiday' })).body).toMatchObject({ changed: 1 });
    expect((await get('/accounts?paused=true')).body).toMatchObject({
      accounts: [{ address: 'a@b.org', paused: { by: 'operator', why: 'holiday' } }],
      next: null,
    });
    expect((await post('/sync/resume', { all: true })).body).toMatchObject({ changed: 1, unchanged: 2 });
    const attention = { code: 'login-refused', reason: 'NO', action: 'Check.', sinceMs: 5 } as const;
    await setNotes(env.database.db, await idOf('b@b.org'), { attention }, { actor: 'worker:1' });
    expect((await get('/accounts?trouble=any')).body).toMatchObject({ accounts: [{ address: 'b@b.org' }] });
    expect((await get('/accounts?troubleClass=wrong-password')).body).toMatchObject({
      accounts: [{ address: 'b@b.org' }],
    });
    expect((await get('/accounts?troubleClass=defect')).body).toMatchObject({ accounts: [] });
    expect((await get('/sync/status')).body).toMatchObject({
      accounts: 3,
      paused: 0,
      phases: { copying: 3 },
      trouble: { 'login-refused': 1 },
      troubleClasses: { 'wrong-password': 1 },
    });
    expect((await post('/sync/retry', { all: true, confirmDeletions: true })).body).toMatchObject({
      changed: 0,
    });
    expect((await post('/sync/retry', { all: true })).body).toMatchObject({
      changed: 1,
    });
    expect((await get('/sync/status')).body).toMatchObject({ trouble: {} });
    expect((await post('/sync/start', {})).status).toBe(400);
  });

  test('does not start what is paused, and counts why accounts were not changed', async () => {
    await take('address\na@b.org\nb@b.org\nc@b.org\nd@b.org\n');
    await post('/sync/start', { accounts: ['c@b.org', 'd@b.org'] });
    await post('/sync/pause', { accounts: ['a@b.org', 'd@b.org'] });
    const all = await post('/sync/start', { all: true });
    expect(all.body).toMatchObject({ changed: 1, unchanged: 3, changedAccounts: ['b@b.org'] });
    expect(all.body.reasons).toEqual(
      expect.arrayContaining([
        { code: 'paused', why: 'it is paused: resume it first, then start it', accounts: 1 },
        { code: 'started', why: 'it was started before and is copying', accounts: 1 },
        {
          code: 'started-and-paused',
          why: 'it was started before, is copying, and is paused until it is resumed',
          accounts: 1,
        },
      ]),
    );
    const again = await post('/sync/start', { all: true });
    expect((again.body.reasons as unknown[])[0]).toEqual({
      code: 'started',
      why: 'it was started before and is copying',
      accounts: 2,
    });
    const german = await control.call('POST', '/api/v1/sync/start', { all: true }, { headers: inGerman });
    expect(german.body.reasons).toEqual([
      { code: 'started', why: 'hat schon begonnen und wird kopiert', accounts: 2 },
      { code: 'paused', why: 'pausiert; erst fortsetzen, dann beginnen', accounts: 1 },
      {
        code: 'started-and-paused',
        why: 'hat schon begonnen, wird kopiert und ist pausiert, bis jemand es fortsetzt',
        accounts: 1,
      },
    ]);
    expect((await get('/accounts/a@b.org')).body).toMatchObject({ phase: 'old' });
  });

  test('a planned start waits while the account is paused, and holds up no other', async () => {
    await take('address\na@b.org\nb@b.org\n');
    await env.database.db.updateTable('account').set({ scheduled_for: 1 }).execute();
    await post('/sync/pause', { accounts: ['a@b.org'] });
    await startDue(env.database.db);
    expect(await dueAccounts(env.database.db, 1)).toEqual([]);
    await expect.poll(async () => (await get('/sync/status')).body.phases).toEqual({ old: 1, copying: 1 });
    await post('/sync/resume', { all: true });
    await expect
      .poll(async () => (await get('/sync/status')).body.phases, { timeout: 8_000 })
      .toEqual({ copying: 2 });
  });

  test('reports on one account, lists refused messages and has them tried again', async () => {
    await take('address\na@b.org\nc@d.org\n');
    const id = await idOf('a@b.org');
    const message = { code: 'over-quota', reason: 'full', sizeBytes: 3, date: null, from: 'x', attempts: 1 };
    for (const oldUid of [4, 5]) {
      const row = { ...message, mailboxId: 1, oldUid, subject: 's', atMs: 5 };
      await putRefused(env.database.db, id, row);
    }
    await putMailbox(
      env.database.db,
      id,
      mailboxRow(1, { oldName: 'INBOX', newName: 'INBOX', newMark: null }),
    );
    const lease = await acquireLease(env.database.db, 'shard/1', 'w', 60_000);
    if (lease === null) throw new Error('somebody holds the lease');
    const problem = { mailbox: 'Entw&APw-rfe', code: 'mailbox-not-created', reason: 'NO no' } as const;
    await setMailboxProblems(env.database.db, id, [problem], lease);
    const report = await get('/accounts/a@b.org/report');
    expect(report.body).toMatchObject({
      account: { id, address: 'a@b.org' },
      mailboxes: [{ mailbox: 'INBOX', complete: true, messagesOnOld: 3, messagesOnNew: null, refused: 2 }],
      problems: [
        {
          mailbox: 'Entwürfe',
          code: 'mailbox-not-created',
          reason: 'NO no',
          action: expect.stringContaining('follows by itself'),
          since: expect.any(String),
        },
      ],
      refused: [{ account: 'a@b.org', uid: 4, code: 'over-quota', reason: 'full' }, { uid: 5 }],
      history: [{ actor: 'operator', action: 'account.add', address: 'a@b.org' }],
    });
    const headers = inGerman;
    const german = await control.call('GET', '/api/v1/accounts/a@b.org/report', undefined, { headers });
    expect(german.body.problems).toMatchObject([{ action: expect.stringContaining('von selbst nach') }]);
    const attention = { code: 'secret-missing', reason: 'none', action: 'Give it one.', sinceMs: 5 } as const;
    await setNotes(env.database.db, id, { attention }, { actor: 'worker:1' });
    expect((await get('/accounts/a@b.org')).body.attention).toMatchObject({ action: 'Give it one.' });
    for (const path of ['', '/report', '/crossing']
      .map((rest) => `/accounts/a@b.org${rest}`)
      .concat('/accounts?trouble=any')) {
      const answer = await control.call('GET', `/api/v1${path}`, undefined, { headers });
      expect(answer.text).toContain('Hinterlegen Sie das Passwort');
    }
    await setNotes(env.database.db, id, { attention: null }, { actor: 'worker:1' });
    expect((await get('/sync/status')).body).toMatchObject({ mailboxProblems: 1 });
    const first = await get('/refused?limit=1&domain=b.org');
    expect(first.body).toMatchObject({ refused: [{ uid: 4, lastTriedAt: '1970-01-01T00:00:00.005Z' }] });
    const second = await get(`/refused?limit=1&account=a@b.org&cursor=${String(first.body.next)}`);
    expect(second.body).toMatchObject({ refused: [{ uid: 5 }], next: null });
    expect((await post('/refused/retry', { all: true })).body).toMatchObject({ changed: 1, unchanged: 1 });
    expect((await get('/audit?subject=a@b.org&limit=1')).body).toMatchObject({
      audit: [{ actor: 'operator', action: 'account.request', detail: { kind: 'retry-refused' } }],
    });
  });

  test('lets in who has a token in force, and to what its scopes say', async () => {
    expect((await get('/accounts', null)).status).toBe(401);
    const wrong = await get('/accounts', `${operatorToken}x`);
    expect([wrong.status, wrong.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    expect(wrong.body).toMatchObject({ code: 'api-token-refused', status: 401, action: expect.any(String) });
    const { id, token } = await makeToken('accounts:read', 'tokens:write');
    expect((await get('/accounts', token)).status).toBe(200);
    expect((await get('/accounts', `mf1.${id}.${'A'.repeat(43)}`)).status).toBe(401);
    const audit = await get('/audit', token);
    expect([audit.status, audit.body.code]).toEqual([403, 'scope-missing']);
    expect((await post('/sync/start', { all: true }, token)).status).toBe(403);
    expect((await post('/accounts/import', 'address\n', token)).status).toBe(403);
    expect((await post('/tokens', { name: 'more', scopes: ['admin'] }, token)).status).toBe(403);
    expect((await post('/tokens', { name: 'same', scopes: ['accounts:read'] }, token)).status).toBe(201);
    const shown = await get('/tokens');
    expect(shown.body.tokens).toMatchObject([
      { name: 'same' },
      { id, name: 'script', lastUsedAt: expect.any(String) },
    ]);
    expect(shown.text).not.toContain(token.slice(-43));
    expect((await control.call('DELETE', `/api/v1/tokens/${id}`)).status).toBe(204);
    expect((await get('/accounts', token)).status).toBe(401);
    expect((await control.call('DELETE', '/api/v1/tokens/x')).body).toMatchObject({ code: 'token-unknown' });
    const past = { name: 'x', scopes: ['admin'], expiresAt: '2020-01-01T00:00:00Z' };
    expect((await post('/tokens', past)).status).toBe(400);
    expect((await get('/audit?subject=' + id)).body.audit).toMatchObject([
      { action: 'token.revoke', actor: 'operator' },
      { action: 'token.create' },
    ]);
  });

  test('names the master user of a side, never its password, and leaves the configuration its own', async () => {
    const path = '/api/v1/servers/old/master-user';
    const set = await control.call('PUT', path, { login: 'ferry', password: 'master-canary' });
    expect([set.status, set.text]).toEqual([204, '']);
    const { text, body } = await get('/servers/master-users');
    expect(body.masterUsers).toEqual([
      { side: 'old', login: 'ferry', from: 'database' },
      { side: 'new', login: null, from: null },
    ]);
    const audit = await get('/audit?subject=server');
    expect(audit.body.audit).toMatchObject([{ action: 'credential.set', actor: 'operator' }]);
    expect(text + audit.text).not.toContain('master-canary');
    expect((await control.call('DELETE', path)).status).toBe(204);
    expect((await get('/servers/master-users')).body.masterUsers).toMatchObject([{ login: null }, {}]);
    expect((await control.call('PUT', path, { login: '', password: 'x' })).status).toBe(400);
  });

  test('slows down who tries tokens, and nobody else', async () => {
    const tried = [];
    for (let n = 0; n < 11; n += 1) tried.push(await get('/accounts', `guess${n}`));
    expect(tried.slice(0, 10).every(({ status }) => status === 401)).toBe(true);
    expect([tried[10]?.status, tried[10]?.body.code]).toEqual([429, 'too-many-attempts']);
    expect(Number(tried[10]?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await get('/accounts')).status).toBe(200);
  });

  test('streams what happens, from where a viewer was, and without what is not for it', async () => {
    await take('address\na@b.org\n');
    const { token } = await makeToken('accounts:read');
    const lines = await openStream(`${control.url}/api/v1/events`, {
      authorization: `Bearer ${token}`,
      'last-event-id': '2',
    });
    await lines.until('event: accounts.import');
    await post('/sync/start', { all: true });
    await lines.until('event: account.phase');
    expect(lines.text()).toContain('"from":"old","to":"copying"');
    expect(lines.text()).not.toContain('token.create');
    await pruneEvents(env.database.db, -3_600_000);
    const late = await openStream(`${control.url}/api/v1/events?since=1`, {
      authorization: `Bearer ${operatorToken}`,
    });
    await late.until('event: reset');
    await env.database.db
      .transaction()
      .execute((inside) => appendEvent(inside, { kind: 'x', subject: 'y', detail: {} }));
    await late.until('event: x');
    const started = performance.now();
    await control.close();
    expect(performance.now() - started).toBeLessThan(5_000);
    await lines.ended;
    control = await startControlFor(env.database);
  });

  test('is described whole by OpenAPI 3.1', async () => {
    const served = await control.call('GET', '/api/openapi.json', undefined, { token: null });
    expect(served.status).toBe(200);
    const judged = await new Validator().validate(structuredClone(served.body));
    expect(judged).toMatchObject({ valid: true });
    expect(served.body.openapi).toBe('3.1.0');
    const paths = served.body.paths as Record<string, Record<string, { readonly summary?: string }>>;
    // Which they are, and for whom: portal-policies.test.ts.
    for (const methods of Object.values(paths)) {
      for (const { summary } of Object.values(methods)) expect(summary).toBeTruthy();
    }
  });

  test('shows the servers as configured, and its health to everybody', async () => {
    expect((await get('/servers')).body).toMatchObject({
      servers: [
        { side: 'old', host: 'old.example.org', port: 993, limits: { connections: 50 }, seenAt: null },
        { side: 'new', host: 'new.example.org' },
      ],
    });
    expect((await get('/health/live', null)).body).toEqual({ status: 'ok' });
    const ready = await get('/health/ready', null);
    expect([ready.status, ready.body]).toEqual([200, { status: 'ok' }]);
    expect(ready.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(ready.headers.get('x-content-type-options')).toBe('nosniff');
  });

  test('answers what it does not understand with a problem, and no more than that', async () => {
    expect((await get('/nothing', null)).body).toMatchObject({ status: 404, code: 'route-unknown' });
    expect((await get('/accounts/none@b.org')).body).toMatchObject({ status: 404, code: 'account-unknown' });
    expect((await get('/accounts?limit=0')).body).toMatchObject({
      code: 'request-invalid',
      detail: expect.stringContaining('limit'),
    });
    const told = async (answer: Promise<{ status: number; body: Record<string, unknown> }>) => {
      const { status, body } = await answer;
      expect(status).toBe(400);
      expect(body.detail).not.toMatch(/querystring|Invalid|expected|FST_|zod|body\./);
      return body.detail;
    };
    expect(await told(get('/accounts?limit=0'))).toBe('limit: has to be 1 or more');
    expect(await told(get('/accounts?colour=red'))).toBe('colour: is not known here');
    expect(await told(get('/accounts?cursor=nonsense'))).toContain('cursor: is not one of this list');
    expect(await told(get('/accounts?trouble=nonsense'))).toMatch(
      /^trouble: is no error code; use any for all, or one of login-refused, .*internal$/,
    );
    expect((await get('/accounts?trouble=secret-missing')).status).toBe(200);
    expect(await told(post('/tokens', 'a,b'))).toContain('send JSON as application/json');
    expect(await told(post('/sync/start', {}))).toBe(
      'the body: names nothing: give accounts, teams, domains, or all',
    );
    const headers = { 'content-type': 'application/json' };
    expect(await told(control.call('POST', '/api/v1/tokens', '{', { headers }))).toBe('the body is not JSON');
    const large = { accounts: ['x'.repeat(5_000_000)] };
    expect((await post('/sync/start', large)).body).toMatchObject({ status: 413, code: 'request-too-large' });
    await sql`drop table team`.execute(env.database.db);
    const broken = await get('/teams');
    expect([broken.status, broken.body.code]).toEqual([500, 'internal']);
    expect(broken.text).not.toMatch(/team"|no such table|at .*\.ts/);
    expect(control.log.some((line) => line.includes('"code":"internal"'))).toBe(true);
  });

  test('lets no secret out: not into an answer, an error, the log or the database', async () => {
    const { token } = await makeToken('admin');
    const rows = `${list}a@b.org,,,${canary}\n`;
    const heard = await openStream(`${control.url}/api/v1/events?since=0`, {
      authorization: `Bearer ${operatorToken}`,
    });
    const answers = [
      await take(rows),
      await take(rows),
      await take(`${list}a@b.org,,,${canary}x\n`),
      await take(`address,old_password\n${canary},\n"${canary}`),
      await take(`${list}${canary},,,${canary},${canary}\n`),
      await post('/accounts/import', [{ address: canary, [canary]: canary, team: 5 }]),
      await post('/accounts/import', { old_password: canary }),
      await control.call('POST', '/api/v1/accounts/import', `[{"old_password":"${canary}"`, {
        headers: { 'content-type': 'application/json' },
      }),
      await post('/sync/start', { all: true }, token),
      await get('/accounts', token),
      await get('/accounts/a@b.org/report'),
      await get('/audit'),
      await get('/tokens'),
      await get('/accounts', `${token}x`),
    ];
    await heard.until('account.phase');
    const told = [
      heard.text(),
      ...control.log,
      ...answers.map(({ text, headers }) => text + JSON.stringify([...headers])),
    ];
    const stored = await dumped();
    for (const secret of [canary, token.slice(-43), operatorToken]) {
      for (const text of told) expect(text).not.toContain(secret);
      expect(stored).not.toContain(secret);
    }
  });

  /** Everything that the database holds: the file itself, or all tables of PostgreSQL. */
  async function dumped(): Promise<string> {
    if (env.url.startsWith('sqlite:')) {
      const file = env.url.slice('sqlite:'.length);
      return readdirSync(dirname(file))
        .map((name) => readFileSync(join(dirname(file), name), 'latin1'))
        .join('');
    }
    const { db } = env.database;
    const tables = await db.introspection.getTables();
    const all = await Promise.all(
      tables.map(({ name }) => sql`select * from ${sql.table(name)}`.execute(db)),
    );
    return JSON.stringify(all.map(({ rows }) => rows));
  }
});
