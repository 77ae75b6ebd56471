/** Live events of people: each hears of what is theirs, and of nothing else. On both databases. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { saveProgress } from '../../src/state/database/progress.ts';
import { type ControlEnv, startControlFor } from './control-env.ts';
import { describeOnBoth } from './database-env.ts';
import { openStream } from './event-stream.ts';

describeOnBoth('live events of people', (env) => {
  let control: ControlEnv;
  const ids = new Map<string, string>();
  let northId: string;
  beforeEach(async () => {
    control = await startControlFor(env.database);
    const rows = ['anna,North', 'bert,North', 'carl,South', 'tom,'].map((row) =>
      row.replace(',', '@example.org,'),
    );
    await control.call('POST', '/api/v1/accounts/import', `address,team\n${rows.join('\n')}\n`);
    for (const name of ['anna', 'bert', 'carl', 'tom']) {
      const { body } = await control.call('GET', `/api/v1/accounts/${name}@example.org`);
      ids.set(name, String(body.id));
    }
    const { teams } = (await control.call('GET', '/api/v1/teams')).body as {
      teams: { id: string; name: string }[];
    };
    northId = teams.find(({ name }) => name === 'North')?.id ?? '';
    const rights = { rights: ['view'] };
    await control.call('PUT', `/api/v1/teams/${northId}/people/tom@example.org`, rights);
  });
  afterEach(() => control.close());
  const id = (name: string) => ids.get(name) ?? '';
  const stream = async (name: string, query = '') => {
    const cookie = await control.logIn(`${name}@example.org`, 'right');
    return openStream(`${control.url}/api/v1/events${query}`, { cookie, 'sec-fetch-site': 'same-origin' });
  };

  test('an owner hears of their account, a team administrator of the team’s', async () => {
    const [anna, tom] = [await stream('anna'), await stream('tom')];
    const north = await stream('tom', `?team=${northId}`);
    // Carl first: what comes after him proves that nothing of him is on its way any more.
    for (const name of ['carl', 'bert', 'anna']) {
      await control.call('POST', '/api/v1/sync/start', { accounts: [`${name}@example.org`] });
    }
    await Promise.all([anna, tom, north].map((one) => one.until(id('anna'))));
    for (const one of [tom, north]) {
      expect(one.text()).toContain(id('bert'));
      expect(one.text()).not.toContain(id('carl'));
    }
    expect(anna.text()).not.toContain(id('bert'));
    const refused = {
      'sec-fetch-site': 'same-origin',
      cookie: await control.logIn('anna@example.org', 'right'),
    };
    for (const query of [`?account=${id('bert')}`, `?team=${northId}`]) {
      const answer = await fetch(`${control.url}/api/v1/events${query}`, { headers: refused });
      expect(answer.status).toBe(404);
    }
  });

  test('how far accounts are is told about once a second, to who may see them', async () => {
    const [anna, tom] = [await stream('anna'), await stream('tom')];
    const one = {
      messagesTotal: 10,
      messagesDone: 4,
      messagesRefused: 0,
      mailboxes: 1,
      bytesCopied: 77,
      activity: 'copying',
      heardBy: 'all',
      lagMs: null,
      lastPassMs: null,
    } as const;
    const names = ['anna', 'bert', 'carl'];
    // Again and again, as workers do: the first look only finds out what time it is.
    const writing = setInterval(() => {
      void saveProgress(
        env.database.db,
        names.map((name) => ({ accountId: id(name), ...one })),
      );
    }, 300);
    await Promise.all([anna.until('event: progress'), tom.until('event: progress')]).finally(() =>
      clearInterval(writing),
    );
    expect(anna.text()).toContain(`{"accounts":[{"id":"${id('anna')}"`);
    expect(anna.text()).not.toContain(id('bert'));
    expect(tom.text()).toContain(id('bert'));
    expect(tom.text()).not.toContain(id('carl'));
    expect(tom.text()).toContain('"bytesCopied":77');
  });
});
