/** Teams and who looks after them, from a list of accounts and without one, on both databases. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ControlEnv, startControlFor } from './control-env.ts';
import { describeOnBoth } from './database-env.ts';

describeOnBoth('Teams and their people', (env) => {
  let control: ControlEnv;
  beforeEach(async () => {
    control = await startControlFor(env.database);
  });
  afterEach(() => control.close());
  const load = (list: string, options: { token?: string } = {}) =>
    control.call('POST', '/api/v1/accounts/import', list, options);
  const people = async (name: string) => {
    const { teams } = (await control.call('GET', '/api/v1/teams')).body as {
      teams: { id: string; name: string }[];
    };
    const id = teams.find((team) => team.name === name)?.id;
    return (await control.call('GET', `/api/v1/teams/${id}/people`)).body.people;
  };

  test('a list of accounts names who looks after a team, and again it changes nothing', async () => {
    const list =
      'address,team,team_admin\nanna@example.org,North,yes\nbert@example.org,North,move\ncarl@example.org,North,\n';
    expect((await load(list)).body).toMatchObject({ added: 3 });
    expect(await people('North')).toEqual([
      { login: 'anna@example.org', rights: ['view', 'move', 'plan', 'people'] },
      { login: 'bert@example.org', rights: ['view', 'move'] },
    ]);
    expect((await load(list)).body).toMatchObject({ added: 0, updated: 0, unchanged: 3 });
    const more = 'address,team_admin\nbert@example.org,plan people\n';
    expect((await load(more)).body).toMatchObject({
      updated: 1,
      updates: [{ account: 'bert@example.org', columns: ['team_admin'] }],
    });
    expect(await people('North')).toContainEqual({
      login: 'bert@example.org',
      rights: ['view', 'plan', 'people'],
    });
  });

  test('what is no right, and a right for no team, are faults with their lines; nothing is taken in', async () => {
    const wrong = await load(
      'address,team,team_admin\nanna@example.org,North,yes\nbert@example.org,North,everything\n',
    );
    expect(wrong.body).toMatchObject({
      code: 'import-refused',
      faults: [{ line: 3, column: 'team_admin', text: 'is not a right' }],
    });
    const teamless = await load('address,team_admin\nanna@example.org,yes\n');
    expect(teamless.body).toMatchObject({ faults: [{ line: 2, column: 'team_admin' }] });
    expect((await control.call('GET', '/api/v1/accounts')).body.accounts).toEqual([]);
  });

  test('an address with a domain of its own letters is one and the same, however it is written', async () => {
    await load('address,team\nanna@müller.example,North\n');
    const { teams } = (await control.call('GET', '/api/v1/teams')).body as { teams: { id: string }[] };
    const path = `/api/v1/teams/${teams[0]?.id}/people/${encodeURIComponent('Anna@Müller.example')}`;
    expect((await control.call('PUT', path, { rights: ['view'] })).status).toBe(204);
    expect(await people('North')).toEqual([{ login: 'anna@xn--mller-kva.example', rights: ['view'] }]);
    for (const login of ['anna@müller.example', 'anna@xn--mller-kva.example', ' Anna@MÜLLER.example']) {
      const cookie = await control.logIn(login, 'right');
      const session = await control.call('GET', '/api/v1/session', undefined, { cookie });
      expect(session.body).toMatchObject({ person: { roles: { teams: [{ name: 'North' }] } } });
    }
    // Kept as it was written, before there was one form.
    const row = { team_id: teams[0]?.id ?? '', login: 'anna@müller.example', rights: '["view"]' };
    await env.database.db.insertInto('team_person').values(row).execute();
    expect((await control.call('DELETE', path)).status).toBe(204);
    expect(await people('North')).toEqual([]);
  });

  test('a token that may take in accounts, and no more, gives nobody rights', async () => {
    const made = await control.call('POST', '/api/v1/tokens', { name: 'panel', scopes: ['accounts:write'] });
    const token = String(made.body.token);
    const refused = await load('address,team,team_admin\nanna@example.org,North,view\n', { token });
    expect(refused).toMatchObject({ status: 403, body: { code: 'scope-missing' } });
    expect((await load('address,team,team_admin\nanna@example.org,North,\n', { token })).status).toBe(200);
    expect(await people('North')).toEqual([]);
  });

  test('a team is made without accounts, once, and the list finds it', async () => {
    const made = await control.call('POST', '/api/v1/teams', { name: ' South ' });
    expect(made).toMatchObject({ status: 201, body: { name: 'South', accounts: 0 } });
    const again = await control.call('POST', '/api/v1/teams', { name: 'South' });
    expect(again).toMatchObject({ status: 409, body: { code: 'team-exists' } });
    for (const name of ['', '   ', 'a\u0000b', 'x'.repeat(1_000)])
      expect((await control.call('POST', '/api/v1/teams', { name })).status).toBe(400);
    await load('address,team\nanna@example.org,South\n');
    const { teams } = (await control.call('GET', '/api/v1/teams')).body as { teams: object[] };
    expect(teams).toEqual([{ id: made.body.id, name: 'South', accounts: 1 }]);
    const { audit } = (await control.call('GET', '/api/v1/audit')).body as { audit: { action: string }[] };
    expect(audit.filter(({ action }) => action === 'team.add')).toHaveLength(1);
  });
});
