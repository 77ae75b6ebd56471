/** The summary of a team by mail: who asks for it, when it comes, what it says, and when it does not come. On both databases. */
import { beforeEach, afterEach, expect, test } from 'vitest';
import { gatherSummaries } from '../../src/portal/outbox/gather-summaries.ts';
import { type OutgoingMail, sendDue } from '../../src/portal/outbox/send.ts';
import { setNotes } from '../../src/state/database/account-notes.ts';
import { changePhase } from '../../src/state/database/accounts.ts';
import { addSummary, subscribers } from '../../src/state/database/summary-mails.ts';
import { addWave, changeWave, markStarted } from '../../src/state/database/waves.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { type ControlEnv, key, startControlFor } from './control-env.ts';
import { describeOnBoth } from './database-env.ts';

const day = 24 * 3_600_000;

describeOnBoth('The summary of a team', (env) => {
  let control: ControlEnv;
  let team: string;
  let ids: Map<string, string>;
  let nowMs: number;
  let mails: OutgoingMail[];
  beforeEach(async () => {
    const toml = '[mail]\nhost = "smtp.example.org"\nfrom = "Post <post@example.org>"\n';
    // Its own looks, by the clock of the machine, would write mails between ours.
    control = await startControlFor(env.database, { toml, clock: new FakeClock() });
    const list = 'address,team,team_admin\nanna@example.org,North <b>,yes\nbert@example.org,North <b>,\n';
    await control.call('POST', '/api/v1/accounts/import', list);
    const { accounts } = (await control.call('GET', '/api/v1/accounts')).body as {
      accounts: { id: string; address: string }[];
    };
    ids = new Map(accounts.map(({ id, address }) => [address.split('@')[0] ?? '', id]));
    const { teams } = (await control.call('GET', '/api/v1/teams')).body as { teams: { id: string }[] };
    team = teams[0]?.id ?? '';
    mails = [];
    // A morning of the machine, and later than whatever the database says now.
    nowMs = new Date(2030, 0, 7, 9).getTime();
  });
  afterEach(() => control.close());

  const id = (name: string) => ids.get(name) ?? '';
  const ask = async (on: boolean, login = 'anna@example.org') => {
    const cookie = await control.logIn(login, 'right');
    return control.call('PUT', `/api/v1/teams/${team}/summary-mail`, { on }, { cookie });
  };
  const look = async (at = nowMs) => {
    const clock = { now: () => at } as never;
    await gatherSummaries({ database: env.database, clock, mails: true });
    const log = { info: () => {}, warn: () => {}, error: () => {} };
    const sendMail = async (mail: OutgoingMail) => void mails.push(mail);
    const database = { database: env.database, key };
    const publicUrl = 'https://move.example.org/';
    await sendDue({ ...database, clock, log, sendMail, locale: 'de', publicUrl }, 'mail');
    const found = mails.filter(({ subject }) => /jemanden|Welle|somebody|wave/.test(subject));
    mails = [];
    return found;
  };
  const trouble = (name: string, code: 'login-refused' | null) =>
    setNotes(
      env.database.db,
      id(name),
      { attention: code === null ? null : { code, reason: 'NO', action: 'x', sinceMs: 1 } },
      { actor: 'worker:1' },
    );

  test('is for who looks after the team and asked for it, for themselves', async () => {
    expect((await ask(true, 'bert@example.org')).status).toBe(404);
    expect((await control.call('PUT', `/api/v1/teams/${team}/summary-mail`, { on: true })).status).toBe(400);
    const cookie = await control.logIn('anna@example.org', 'right');
    const state = async () =>
      (await control.call('GET', `/api/v1/teams/${team}/summary-mail`, undefined, { cookie })).body;
    expect(await state()).toEqual({ offered: true, on: false });
    expect((await ask(true)).body).toEqual({ offered: true, on: true });
    expect(await state()).toEqual({ offered: true, on: true });
    await ask(false);
    expect(await state()).toEqual({ offered: true, on: false });
    await trouble('bert', 'login-refused');
    expect(await look()).toEqual([]);
  });

  test('comes in the morning of a day on which something needs a person, and not again while nothing changes', async () => {
    await ask(true);
    expect(await look()).toEqual([]);
    await trouble('bert', 'login-refused');
    expect(await look(new Date(2030, 0, 7, 5).getTime())).toEqual([]);
    const [mail, ...none] = await look();
    expect(none).toEqual([]);
    expect(mail).toMatchObject({ to: 'anna@example.org', subject: 'North <b>: 1 address needs somebody' });
    expect(mail?.text).toContain('bert@example.org: The server does not accept the password');
    expect(mail?.text).toContain(`https://move.example.org/teams/${team}?state=needs-you`);
    expect(mail?.html).toContain('North &lt;b&gt;');
    expect(mail?.html).not.toContain('<b>');
    expect(await look(nowMs + 3_600_000)).toEqual([]);
    expect(await look(nowMs + day)).toEqual([]);
    await trouble('anna', 'login-refused');
    // Not twice on one day, whatever changes; the next morning tells.
    expect(await look(nowMs + 2 * day)).toHaveLength(1);
    await trouble('anna', null);
    expect(await look(nowMs + 2 * day)).toEqual([]);
    expect(await look(nowMs + 3 * day)).toHaveLength(1);
    await trouble('bert', null);
    expect(await look(nowMs + 4 * day)).toEqual([]);
  });

  test('comes at the end of a wave, when nobody of it is on the way any more', async () => {
    await ask(true);
    const wave = {
      teamId: team,
      name: 'Freitag',
      atMs: 0,
      ratePerHour: null,
      kind: 'copy' as const,
      stopOnFailurePercent: null,
    };
    const waveId = await addWave(env.database.db, wave, [id('anna'), id('bert')], 'test', nowMs);
    await markStarted(env.database.db, waveId, [id('anna'), id('bert')]);
    await changeWave(env.database.db, waveId, { state: 'done' }, 'test');
    const step = (name: string, event: 'start' | 'agree') =>
      changePhase(env.database.db, { accountId: id(name), event, actor: 'operator' });
    await step('anna', 'start');
    await step('bert', 'start');
    await step('anna', 'agree');
    expect(await look()).toEqual([]);
    await trouble('bert', 'login-refused');
    const [mail, ...none] = await look();
    expect(none).toEqual([]);
    expect(mail?.subject).toBe('North <b>: the wave “Freitag” has ended');
    expect(mail?.text).toMatch(/1 across\n- 1 needs somebody/);
    expect(await look()).toEqual([]);
    expect(await look(nowMs + day)).toEqual([]);
  });

  test('tells nobody twice what another control told meanwhile', async () => {
    await ask(true);
    const { db } = env.database;
    const [read, ...others] = await subscribers(db);
    if (read === undefined) throw new Error('nobody asked');
    expect(others).toEqual([]);
    const entry = (cause: string) =>
      ({
        cause,
        kind: 'mail',
        target: team,
        body: { what: 'summary', login: read.login, wave: null },
      }) as const;
    await addSummary(db, read, entry('one'), 'news', nowMs);
    await addSummary(db, read, entry('two'), 'news', nowMs);
    expect(await db.selectFrom('outbox').select('cause').execute()).toEqual([{ cause: 'one' }]);
    const [again] = await subscribers(db);
    await addSummary(db, again ?? read, entry('three'), 'other news', nowMs);
    expect(await db.selectFrom('outbox').select('cause').orderBy('cause').execute()).toEqual([
      { cause: 'one' },
      { cause: 'three' },
    ]);
  });

  test('comes to nobody whose rights were taken meanwhile', async () => {
    await ask(true);
    await trouble('bert', 'login-refused');
    await control.call('DELETE', `/api/v1/teams/${team}/people/anna@example.org`);
    expect(await look()).toEqual([]);
    // Given back, they have to be asked for again.
    await control.call('PUT', `/api/v1/teams/${team}/people/anna@example.org`, { rights: ['view'] });
    expect(await look()).toEqual([]);
  });
});
