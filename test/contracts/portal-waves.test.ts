/** Waves, planned by a team's administrator and carried out by control's clock, on both databases. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { runWaves } from '../../src/portal/run-waves.ts';
import { setNotes } from '../../src/state/database/account-notes.ts';
import { type ControlEnv, startControlFor } from './control-env.ts';
import { describeOnBoth } from './database-env.ts';

describeOnBoth('waves', (env) => {
  let control: ControlEnv;
  let north: string;
  let cookie: string;
  const past = new Date(Date.now() - 60_000).toISOString();
  const later = new Date(Date.now() + 3_600_000).toISOString();
  const call = (method: string, path: string, body?: unknown, as = cookie) =>
    control.call(method, `/api/v1/waves${path}`, body, { cookie: as });
  const phases = async () => {
    const rows = await env.database.db.selectFrom('account').select(['address', 'phase', 'choice']).execute();
    return rows.filter(({ phase }) => phase === 'copying').length;
  };

  beforeEach(async () => {
    control = await startControlFor(env.database);
    const names = Array.from({ length: 8 }, (_, i) => `n${i}@example.org,North`);
    const rows = [...names, 's@example.org,South', 'tom@example.org,'];
    await control.call('POST', '/api/v1/accounts/import', `address,team\n${rows.join('\n')}\n`);
    const { teams } = (await control.call('GET', '/api/v1/teams')).body as {
      teams: { id: string; name: string }[];
    };
    north = teams.find(({ name }) => name === 'North')?.id ?? '';
    const rights = { rights: ['plan'] };
    await control.call('PUT', `/api/v1/teams/${north}/people/tom@example.org`, rights);
    cookie = await control.logIn('tom@example.org', 'right');
  });
  afterEach(() => control.close());
  const all = [...Array.from({ length: 8 }, (_, i) => `n${i}@example.org`), 's@example.org'];

  test('a wave starts its accounts when its time has come, once, and is then done', async () => {
    const wave = { team: north, name: 'Monday', at: later, kind: 'move', accounts: all };
    const made = await call('POST', '', wave);
    expect(made.body).toMatchObject({ state: 'planned', accounts: 8, unknown: ['s@example.org'] });
    const id = String(made.body.id);
    await runWaves(env.database.db, systemClock);
    expect(await phases()).toBe(0);
    expect((await call('PATCH', `/${id}`, { at: past })).status).toBe(200);
    await Promise.all([runWaves(env.database.db, systemClock), runWaves(env.database.db, systemClock)]);
    expect(await phases()).toBe(8);
    await runWaves(env.database.db, systemClock);
    expect((await call('GET', `/${id}`)).body).toMatchObject({ state: 'done', started: 8, failed: 0 });
    const [one] = (await control.call('GET', '/api/v1/audit?limit=50')).body.audit as { actor: string }[];
    expect(one?.actor).toBe('wave:Monday');
    expect((await call('PATCH', `/${id}`, { state: 'stopped' })).status).toBe(409);
  });

  test('an account is named by any of its addresses, however it is written', async () => {
    const list = 'address,aliases,team\nanna@xn--mller-kva.example,Leitung@MÜLLER.example,North\n';
    expect((await control.call('POST', '/api/v1/accounts/import', list)).status).toBeLessThan(300);
    const wave = { team: north, name: 'names', at: later, kind: 'copy' };
    const made = async (accounts: readonly string[], as?: Record<string, unknown>) =>
      (await call('POST', '', { ...wave, ...as, accounts })).body;
    expect(await made(['ANNA@Müller.example'])).toMatchObject({ accounts: 1, unknown: [] });
    expect(await made(['leitung@xn--mller-kva.example'])).toMatchObject({ accounts: 1, unknown: [] });
    // Who is named twice is one; who is another team's is nobody here, and is told as it was written.
    expect(await made(['anna@MÜLLER.example', 'leitung@müller.example', 'S@Example.org'])).toMatchObject({
      accounts: 1,
      unknown: ['S@Example.org'],
    });
    const whole = await control.call('POST', '/api/v1/waves', {
      ...wave,
      team: null,
      accounts: ['Anna@Müller.example'],
    });
    expect(whole.body).toMatchObject({ accounts: 1, unknown: [] });
  });

  test('a wave that stops by failures holds, and goes on when somebody says so', async () => {
    const wave = {
      team: north,
      name: 'careful',
      at: later,
      kind: 'copy',
      stopOnFailurePercent: 20,
      accounts: all,
    };
    const id = String((await call('POST', '', wave)).body.id);
    await env.database.db
      .updateTable('wave_account')
      .set({ started: 1 })
      .where('account_id', 'in', (eb) => eb.selectFrom('account').select('id').where('address', '<', 'n5'))
      .execute();
    const failing = (await control.call('GET', '/api/v1/accounts/n0@example.org')).body.id;
    const attention = { code: 'login-refused', reason: 'NO', action: 'x', sinceMs: 1 } as const;
    await setNotes(env.database.db, String(failing), { attention }, { actor: 'worker:1' });
    await call('PATCH', `/${id}`, { at: past });
    await runWaves(env.database.db, systemClock);
    expect((await call('GET', `/${id}`)).body).toMatchObject({ state: 'stopped', started: 5, failed: 1 });
    expect(await phases()).toBe(0);
    await setNotes(env.database.db, String(failing), { attention: null }, { actor: 'worker:1' });
    await call('PATCH', `/${id}`, { state: 'running' });
    await runWaves(env.database.db, systemClock);
    expect(await phases()).toBe(3);
  });

  test('one that is not over is never forgotten, and who looks after a team sees its own', async () => {
    const wave = { team: north, name: 'old one', at: past, kind: 'copy', accounts: ['n1@example.org'] };
    const own = String((await call('POST', '', { ...wave, at: later })).body.id);
    const many = (state: string, from: number) =>
      env.database.db
        .insertInto('wave')
        .values(
          Array.from({ length: 501 }, (_, n) => ({
            id: `z${from + n}`,
            team_id: null,
            name: state,
            kind: 'copy',
            state,
            created_by: 'operator',
            at_ms: Date.parse(later),
            created_at_ms: 1,
            rate_per_hour: null,
            last_start_ms: null,
            stop_on_failure_percent: null,
          })),
        )
        .execute();
    await many('planned', 1_000);
    await many('done', 2_000);
    const listed = (await control.call('GET', '/api/v1/waves')).body.waves as { id: string; state: string }[];
    expect(listed.filter(({ state }) => state === 'planned')).toHaveLength(502);
    expect(listed.filter(({ state }) => state === 'done')).toHaveLength(500);
    expect([listed[0]?.id, listed.at(-1)?.id]).toEqual(['z2500', own]);
    await call('PATCH', `/${own}`, { at: past });
    await runWaves(env.database.db, systemClock);
    expect(await phases()).toBe(1);
    await runWaves(env.database.db, systemClock);
    expect((await call('GET', '')).body.waves).toMatchObject([{ id: own, state: 'done' }]);
    const nobody = await control.logIn('n1@example.org', 'right');
    expect((await call('GET', '', undefined, nobody)).body.waves).toEqual([]);
  });

  test('of another team there is none, and an account is in one wave at a time', async () => {
    const made = await control.call('POST', '/api/v1/waves', {
      name: 'all',
      at: later,
      kind: 'copy',
      accounts: all,
    });
    const id = String(made.body.id);
    expect(made.body).toMatchObject({ team: null, accounts: 9 });
    for (const method of ['GET', 'PATCH', 'DELETE']) {
      expect((await call(method, `/${id}`, method === 'PATCH' ? {} : undefined)).body.code).toBe(
        'wave-unknown',
      );
    }
    const own = { team: north, name: 'own', at: later, kind: 'copy', accounts: ['n1@example.org'] };
    expect((await call('POST', '', own)).status).toBe(201);
    expect((await control.call('GET', `/api/v1/waves/${id}`)).body).toMatchObject({ accounts: 8 });
    expect((await call('GET', '')).body.waves).toHaveLength(1);
    expect((await call('POST', '', { ...own, team: null })).status).toBe(400);
    const mine = (await call('GET', '')).body.waves as { id: string }[];
    expect((await call('DELETE', `/${mine[0]?.id ?? ''}`)).status).toBe(204);
  });
});
