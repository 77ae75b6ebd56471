/** A team's list, its numbers and what its administrator asks of many; budgets and curves of operators. On both databases. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { saveDetails } from '../../src/state/database/account-detail.ts';
import { setNotes } from '../../src/state/database/account-notes.ts';
import { saveProgress } from '../../src/state/database/progress.ts';
import { samplesBetween, takeSample } from '../../src/state/database/samples.ts';
import { budgetChanges } from '../../src/state/database/server-budgets.ts';
import { type ControlEnv, startControlFor } from './control-env.ts';
import { describeOnBoth } from './database-env.ts';

describeOnBoth('a team', (env) => {
  let control: ControlEnv;
  let teamId: string;
  let cookie: string;
  const ids = new Map<string, string>();
  const id = (name: string) => ids.get(name) ?? '';
  const post = (path: string, body: unknown) =>
    control.call('POST', `/api/v1/teams/${teamId}${path}`, body, { cookie });
  const get = (path: string) => control.call('GET', `/api/v1/teams/${teamId}${path}`, undefined, { cookie });
  const addresses = (body: Record<string, unknown>) =>
    (body.accounts as { address: string }[]).map(({ address }) => address.split('@')[0]);

  beforeEach(async () => {
    control = await startControlFor(env.database);
    const names = ['anna', 'bert', 'carl', 'dora', '=emil'];
    const rows = [
      ...names.map((name) => `${name}@example.org,North`),
      'sven@example.org,South',
      'tom@example.org,',
    ];
    const taken = await control.call('POST', '/api/v1/accounts/import', `address,team\n${rows.join('\n')}\n`);
    expect(taken.status).toBe(200);
    for (const name of [...names, 'sven', 'tom']) {
      const { body } = await control.call('GET', `/api/v1/accounts/${encodeURIComponent(name)}@example.org`);
      ids.set(name, String(body.id));
    }
    const { teams } = (await control.call('GET', '/api/v1/teams')).body as {
      teams: { id: string; name: string }[];
    };
    teamId = teams.find(({ name }) => name === 'North')?.id ?? '';
    const rights = { rights: ['move', 'plan'] };
    await control.call('PUT', `/api/v1/teams/${teamId}/people/tom@example.org`, rights);
    cookie = await control.logIn('tom@example.org', 'right');
    await control.call('POST', '/api/v1/sync/start', { accounts: [id('anna'), id('bert'), id('carl')] });
    await control.call('POST', '/api/v1/sync/pause', { accounts: [id('bert')] });
    const attention = { code: 'login-refused', reason: 'NO', action: 'Check.', sinceMs: 5 } as const;
    await setNotes(env.database.db, id('carl'), { attention }, { actor: 'worker:1' });
    const progress = { messagesTotal: 9, messagesDone: 3, messagesRefused: 2, mailboxes: 1, bytesCopied: 50 };
    const rest = { activity: 'copying', heardBy: 'all', lagMs: null, lastPassMs: null } as const;
    await saveProgress(env.database.db, [{ accountId: id('anna'), ...progress, ...rest }]);
  });
  afterEach(() => control.close());

  test('is listed with the state of each account, searched, narrowed, sorted and read on', async () => {
    const all = (await get('/accounts?sort=address')).body;
    expect(all).toMatchObject({ total: 5, next: null });
    expect((all.accounts as { state: string }[]).map(({ state }) => state).toSorted()).toEqual([
      'needs-you',
      'paused',
      'under-way',
      'waiting',
      'waiting',
    ]);
    expect(addresses((await get('/accounts?state=needs-you')).body)).toEqual(['carl']);
    expect(addresses((await get('/accounts?search=R')).body)).toEqual(
      addresses(all).filter((name) => `${name}@example.org`.includes('r')),
    );
    expect(addresses((await get('/accounts?search=_')).body)).toEqual([]);
    expect(addresses((await get('/accounts?sort=-messages&limit=1')).body)).toEqual(['anna']);
    const first = (await get('/accounts?limit=3')).body;
    const second = (await get(`/accounts?limit=3&cursor=${String(first.next)}`)).body;
    expect([...addresses(first), ...addresses(second)]).toEqual(addresses(all));
    expect(second.next).toBeNull();
    expect((await get('/summary')).body).toEqual({
      id: teamId,
      name: 'North',
      accounts: 5,
      states: { across: 0, 'under-way': 1, waiting: 2, 'needs-you': 1, paused: 1 },
      messagesTotal: 9,
      messagesDone: 3,
      bytes: 50,
      bytesCopied: 50,
      refused: 2,
    });
  });

  test('the size of an account is what lies on old, also where another copy brought it; else what was sent', async () => {
    const box = { name: 'INBOX', role: 'inbox', messages: 9, done: 9, complete: true };
    const row = (name: string, bytes: number | null) => ({
      accountId: id(name),
      detail: {
        mailboxes: [
          { ...box, bytes },
          { ...box, bytes: 1 },
        ],
        carried: [],
        rate: null,
        countedMs: 7,
      },
      effort: { ms: 0, messages: 0, bytes: 0 },
    });
    const sizes = async () =>
      ((await get('/accounts?sort=address')).body.accounts as { address: string; bytes: number }[])
        .map(({ address, bytes }) => [address.split('@')[0], bytes])
        .filter(([, bytes]) => bytes !== 0);
    await saveDetails(env.database.db, [row('dora', 2 ** 40)]);
    expect(await sizes()).toEqual([
      ['anna', 50],
      ['dora', 2 ** 40 + 1],
    ]);
    // As it grows; and where old does not say what it holds.
    await saveDetails(env.database.db, [row('dora', 700), row('anna', null)]);
    expect(await sizes()).toEqual([
      ['anna', 50],
      ['dora', 701],
    ]);
    expect((await get('/summary')).body).toMatchObject({ bytes: 751, bytesCopied: 50 });
    expect((await get('/accounts.csv?search=dora')).text).toContain('dora@example.org,old,waiting,0,0,701,');
  });

  test('leaves as CSV that no spreadsheet takes for formulas', async () => {
    const answer = await get('/accounts.csv?sort=address');
    expect(answer.headers.get('content-type')).toContain('text/csv');
    const lines = answer.text.split('\r\n');
    expect(lines[0]).toMatch(/^address,phase,state,/);
    expect(lines).toHaveLength(7);
    expect(answer.text).toContain("'=emil@example.org,old,waiting,0,0");
  });

  test('what its administrator asks of many reaches its own accounts only', async () => {
    const at = new Date(Date.now() + 3_600_000).toISOString();
    const some = { accounts: [id('dora'), 'anna@example.org', id('sven')], kind: 'move', at };
    const dry = await post('/plan', { ...some, dryRun: true });
    expect(dry.body).toMatchObject({ dryRun: true, selected: 2, changed: 1, unknown: [id('sven')] });
    expect((await post('/plan', some)).body).toMatchObject({
      changedAccounts: ['dora@example.org'],
      unchangedAccounts: [
        { account: 'anna@example.org', code: 'started', why: 'it was started before and is copying' },
      ],
    });
    await control.call('PATCH', '/api/v1/session', { locale: 'de' }, { cookie });
    expect((await post('/plan', { ...some, dryRun: true })).body).toMatchObject({
      unchangedAccounts: [{ code: 'started', why: 'hat schon begonnen und wird kopiert' }],
    });
    expect(await get('/accounts?search=dora')).toMatchObject({ body: { accounts: [{ scheduledFor: at }] } });
    expect((await post('/unplan', { accounts: 'all' })).body).toMatchObject({ changed: 1, unchanged: 4 });
    expect((await post('/plan', { accounts: 'all', kind: 'copy' })).body).toMatchObject({ selected: 5 });
    expect((await post('/pause', { accounts: 'all' })).body).toMatchObject({ changed: 4, unchanged: 1 });
    expect((await post('/resume', { accounts: 'all' })).body).toMatchObject({ changed: 5 });
    const sven = await control.call('GET', `/api/v1/accounts/${id('sven')}`);
    expect(sven.body).toMatchObject({ phase: 'old', paused: null });
  });

  test('a server’s budget is changed while it runs, and each change keeps the others', async () => {
    const patch = (body: unknown) => control.call('PATCH', '/api/v1/servers/old/budget', body);
    expect((await patch({ messagesPerSecond: 20 })).body).toEqual({
      side: 'old',
      connections: 50,
      messagesPerSecond: 20,
      bytesPerSecond: null,
      bytesPerDay: null,
      changed: ['messagesPerSecond'],
    });
    expect((await patch({ connections: 4 })).body).toMatchObject({ connections: 4, messagesPerSecond: 20 });
    expect((await patch({ connections: null, messagesPerSecond: null })).body).toMatchObject({
      connections: 50,
      messagesPerSecond: null,
    });
    expect(await budgetChanges(env.database.db)).toEqual({ old: { messagesPerSecond: null }, new: {} });
    expect((await patch({ connections: 0 })).status).toBe(400);
    const { audit } = (await control.call('GET', '/api/v1/audit?subject=old&limit=3')).body as {
      audit: { detail: unknown }[];
    };
    expect(audit.map(({ detail }) => detail)).toEqual([
      {
        before: { connections: 4, messagesPerSecond: 20 },
        after: { connections: 'configured', messagesPerSecond: null },
      },
      { before: { connections: 'configured' }, after: { connections: 4 } },
      { before: { messagesPerSecond: 'configured' }, after: { messagesPerSecond: 20 } },
    ]);
  });

  test('the audit log names the team, and what somebody was allowed before', async () => {
    const path = `/api/v1/teams/${teamId}/people/zoe@example.org`;
    await control.call('PUT', path, { rights: ['view'] });
    await control.call('PUT', path, { rights: ['view', 'plan'] });
    await control.call('DELETE', path);
    const { body } = await control.call('GET', `/api/v1/audit?subject=${teamId}&limit=3`);
    expect(body.audit).toMatchObject([
      { name: 'North', address: null, detail: { before: ['view', 'plan'], rights: [] } },
      { name: 'North', detail: { before: ['view'], rights: ['view', 'plan'] } },
      { name: 'North', detail: { before: [], rights: ['view'] } },
    ]);
  });

  test('a sample a minute becomes a curve; old ones are thinned', async () => {
    const { db } = env.database;
    // The control took one at its start.
    await db.deleteFrom('sample').execute();
    await takeSample(db);
    await takeSample(db);
    const now = Date.now();
    const near = { fromMs: now - 180_000, toMs: now + 60_000, limit: 10 };
    const [newest] = await samplesBetween(db, near);
    expect(newest).toMatchObject({ phases: { copying: 3, old: 4 }, messagesDone: 3, bytesCopied: 50 });
    const minute = 60_000;
    const base = Math.floor((now - 5 * 86_400_000) / 3_600_000) * 3_600_000;
    const old = Array.from({ length: 30 }, (_, i) => ({
      at_ms: base + i * minute,
      detail: JSON.stringify(newest),
    }));
    await db.insertInto('sample').values(old).execute();
    await db
      .deleteFrom('sample')
      .where('at_ms', '>', base + 86_400_000)
      .execute();
    await takeSample(db);
    const kept = await samplesBetween(db, { fromMs: base, toMs: base + 30 * minute, limit: 10 });
    expect(kept.map(({ atMs }) => (atMs - base) / minute)).toEqual([0, 10, 20]);
    const { teams } = (await control.call('GET', '/api/v1/dashboard/fleet')).body as {
      teams: Record<string, unknown>[];
    };
    expect(teams).toMatchObject([
      { id: teamId, name: 'North', accounts: 5, messagesTotal: 9, messagesDone: 3 },
      { name: 'South', accounts: 1, messagesTotal: 0 },
      { id: null, name: null, accounts: 1 },
    ]);
    const shown = await control.call('GET', '/api/v1/dashboard');
    expect(shown.body).toMatchObject({ trouble: { 'login-refused': 1 } });
    expect((shown.body.points as { refused: number }[]).at(-1)).toMatchObject({ refused: 2 });
  });
});
