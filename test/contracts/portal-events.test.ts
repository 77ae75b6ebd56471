/** Live events of people: each hears of what is theirs, and of nothing else. On both databases. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { setNotes } from '../../src/state/database/account-notes.ts';
import { appendEvent } from '../../src/state/database/events.ts';
import { saveProgress } from '../../src/state/database/progress.ts';
import { type ControlEnv, operatorToken, startControlFor } from './control-env.ts';
import { describeOnBoth } from './database-env.ts';
import { openStream } from './event-stream.ts';

describeOnBoth('live events of people', (env) => {
  let control: ControlEnv;
  const ids = new Map<string, string>();
  let northId: string;
  beforeEach(async () => {
    // What a viewer may see is asked anew every 200 ms.
    control = await startControlFor(env.database, { heartbeatMs: 50 });
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

  test('the stream ends with the session', async () => {
    const cookie = await control.logIn('anna@example.org', 'right');
    const headers = { cookie, 'sec-fetch-site': 'same-origin' };
    const [own, other] = [await openStream(`${control.url}/api/v1/events`, headers), await stream('anna')];
    await own.until(':\n\n:\n\n:\n\n:\n\n:\n\n:\n\n');
    await control.call('DELETE', '/api/v1/session', undefined, { cookie });
    await own.ended;
    // Of another session it goes on.
    await other.until(other.text() + ':\n\n'.repeat(6));
  });

  test('a right that is taken ends the stream, and so does a token that is revoked', async () => {
    const [all, north, bert] = [
      await stream('tom'),
      await stream('tom', `?team=${northId}`),
      await stream('tom', `?account=${id('bert')}`),
    ];
    const made = await control.call('POST', '/api/v1/tokens', { name: 'panel', scopes: ['accounts:read'] });
    const authorization = `Bearer ${String(made.body.token)}`;
    const panel = await openStream(`${control.url}/api/v1/events`, { authorization });
    await control.call('DELETE', `/api/v1/teams/${northId}/people/tom@example.org`);
    await Promise.all([all, north, bert].map(({ ended }) => ended));
    await control.call('DELETE', `/api/v1/tokens/${String(made.body.id)}`);
    await panel.ended;
    const again = await stream('tom');
    await control.call('POST', '/api/v1/sync/start', { accounts: ['bert@example.org', 'tom@example.org'] });
    await again.until(id('tom'));
    expect(again.text()).not.toContain(id('bert'));
  });

  test('an account that leaves the team is no longer told of to who looks after that', async () => {
    const bert = await stream('tom', `?account=${id('bert')}`);
    await control.call('POST', '/api/v1/accounts/import', 'address,team\nbert@example.org,South\n');
    await bert.ended;
  });

  test('what a server said is in the details, which are for operators', async () => {
    const [anna, tom] = [await stream('anna'), await stream('tom')];
    const panel = await openStream(`${control.url}/api/v1/events`, {
      authorization: `Bearer ${operatorToken}`,
    });
    const attention = {
      code: 'login-refused',
      reason: 'NO master1@backend7',
      action: 'x',
      sinceMs: 1,
    } as const;
    await setNotes(env.database.db, id('anna'), { attention }, { actor: 'worker:1' });
    await Promise.all([anna, tom, panel].map((one) => one.until(id('anna'))));
    expect(panel.text()).toContain('master1@backend7');
    for (const one of [anna, tom]) {
      expect(one.text()).toMatch(/event: account\.notes\ndata: .*"detail":\{\}/);
      expect(one.text()).not.toContain('backend7');
    }
  });

  test('of a list that was taken in hears who looks after a team that got accounts, without numbers', async () => {
    const [anna, tom] = [await stream('anna'), await stream('tom')];
    const load = (row: string) => control.call('POST', '/api/v1/accounts/import', `address,team\n${row}\n`);
    await load('dora@example.org,South');
    await load('emil@example.org,North');
    await control.call('POST', '/api/v1/sync/start', { accounts: ['anna@example.org'] });
    await Promise.all([anna, tom].map((one) => one.until(id('anna'))));
    expect(tom.text().match(/event: accounts\.import\ndata: .*/g)).toEqual([
      expect.stringContaining('"subject":"accounts","detail":{}'),
    ]);
    expect(anna.text()).not.toContain('accounts.import');
  });

  test('one login has ten streams: the oldest ends for the next, and nobody else’s', async () => {
    const other = await stream('bert');
    const cookie = await control.logIn('anna@example.org', 'right');
    const open = () =>
      openStream(`${control.url}/api/v1/events`, { cookie, 'sec-fetch-site': 'same-origin' });
    const streams = [];
    for (let n = 0; n < 11; n++) streams.push(await open());
    await streams[0]?.ended;
    await control.call('POST', '/api/v1/sync/start', { accounts: ['anna@example.org', 'bert@example.org'] });
    await Promise.all(streams.slice(1).map((one) => one.until(id('anna'))));
    await other.until(id('bert'));
  });

  test('a token for reading accounts hears nothing of passwords and of edges', async () => {
    const made = await control.call('POST', '/api/v1/tokens', { name: 'panel', scopes: ['accounts:read'] });
    const authorization = `Bearer ${String(made.body.token)}`;
    const panel = await openStream(`${control.url}/api/v1/events`, { authorization });
    const root = await openStream(`${control.url}/api/v1/events`, {
      authorization: `Bearer ${operatorToken}`,
    });
    const secret = ['app-password.mint', 'edge.add'];
    for (const kind of [...secret, 'account.phase']) {
      const event = { kind, subject: id('carl'), detail: {} };
      await env.database.db.transaction().execute((inside) => appendEvent(inside, event));
    }
    await Promise.all([panel, root].map((one) => one.until('event: account.phase')));
    for (const kind of secret) {
      expect(root.text()).toContain(`event: ${kind}`);
      expect(panel.text()).not.toContain(`event: ${kind}`);
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
