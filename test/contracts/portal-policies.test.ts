/**
 * Every route of the API's own description against every role, compared with one table: a route that is new, or opens to
 * somebody else, fails here until the table says so.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as OTPAuth from 'otpauth';
import { type Database, openDatabase } from '../../src/state/database/open-database.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { type ControlEnv, operatorToken, startControlFor } from './control-env.ts';

/** Anna and Bert are in the team North, Carl is in South; Tom runs North, Vera may look at it, Sue runs South. */
const roles = [
  'nobody',
  'anna',
  'bert',
  'carl',
  'tom',
  'vera',
  'sue',
  'bare operator',
  'operator',
  'reading token',
  'admin token',
] as const;
type Role = (typeof roles)[number];

const operators: readonly Role[] = ['operator', 'admin token'];
/** Who gets in, beside operators: everything else is refused. Paths are about Anna and North. */
const open: readonly Role[] = roles;
const people: readonly Role[] = ['anna', 'bert', 'carl', 'tom', 'vera', 'sue', 'bare operator', 'operator'];
const everybody: readonly Role[] = [
  ...people.filter((role) => role !== 'bare operator'),
  'reading token',
  'admin token',
];
const readers: readonly Role[] = ['reading token', ...operators];
const annaSeen: readonly Role[] = ['anna', 'tom', 'vera', ...readers];
const annaMoved: readonly Role[] = ['anna', 'tom', ...operators];
const northSeen: readonly Role[] = ['tom', 'vera', ...readers];
const northPeople: readonly Role[] = ['tom', ...operators];

const table: Readonly<Record<string, readonly Role[]>> = {
  'GET /health/live': open,
  'GET /health/ready': open,
  'POST /session': open,
  'GET /session': people,
  'PATCH /session': people,
  'DELETE /session': people,
  'GET /sessions': people,
  'DELETE /sessions/{id}': people,
  'GET /operator/totp': people,
  'POST /operator/totp': people,
  'PUT /operator/totp': people,
  'GET /operators': operators,
  'POST /operators': operators,
  'DELETE /operators/{login}': operators,
  'PUT /operators/{login}/password': operators,
  'DELETE /operators/{login}/totp': operators,
  'GET /accounts': readers,
  'GET /accounts/{account}': annaSeen,
  'GET /accounts/{account}/report': annaSeen,
  'GET /accounts/{account}/crossing': annaSeen,
  'GET /accounts/{account}/refused': annaSeen,
  'GET /accounts/{account}/refused/{message}/content': ['anna', ...operators],
  'GET /accounts/{account}/mail-programs': annaSeen,
  'GET /accounts/{account}/mail-programs/profile': annaSeen,
  'POST /accounts/{account}/plan': annaMoved,
  'DELETE /accounts/{account}/plan': annaMoved,
  'POST /accounts/{account}/password': ['anna', ...operators],
  'POST /accounts/{account}/pause': annaMoved,
  'POST /accounts/{account}/resume': annaMoved,
  'POST /accounts/{account}/retry': annaMoved,
  'POST /accounts/{account}/refused/retry': annaMoved,
  'POST /accounts/import': operators,
  'POST /sync/start': operators,
  'POST /sync/pause': operators,
  'POST /sync/resume': operators,
  'POST /sync/retry': operators,
  'POST /refused/retry': operators,
  'POST /provision': operators,
  'GET /provisioning': readers,
  'POST /provisioning/test': operators,
  'POST /discover': operators,
  'GET /discovered': readers,
  'GET /accounts/{account}/app-passwords': readers,
  'POST /accounts/{account}/app-passwords': operators,
  'DELETE /accounts/{account}/app-passwords/{id}': operators,
  'GET /sync/status': readers,
  'GET /refused': readers,
  'GET /servers': readers,
  'GET /servers/master-users': operators,
  'PUT /servers/{side}/master-user': operators,
  'DELETE /servers/{side}/master-user': operators,
  'GET /teams': readers,
  'POST /teams': operators,
  'GET /teams/{team}/summary-mail': northSeen,
  'PUT /teams/{team}/summary-mail': northSeen,
  'GET /domains': readers,
  'GET /audit': operators,
  'GET /teams/{team}/summary': northSeen,
  'GET /teams/{team}/accounts': northSeen,
  'GET /teams/{team}/accounts.csv': northSeen,
  'POST /teams/{team}/plan': northPeople,
  'POST /teams/{team}/unplan': northPeople,
  'POST /teams/{team}/pause': northPeople,
  'POST /teams/{team}/resume': northPeople,
  'POST /teams/{team}/retry': northPeople,
  'GET /waves': everybody,
  'POST /waves': everybody.filter((role) => role !== 'reading token'),
  // Of nobody: what is told is that it is not there.
  'GET /waves/{id}': everybody,
  'PATCH /waves/{id}': everybody.filter((role) => role !== 'reading token'),
  'DELETE /waves/{id}': everybody.filter((role) => role !== 'reading token'),
  'POST /servers/test': operators,
  'GET /webhooks': operators,
  'POST /webhooks': operators,
  'PATCH /webhooks/{id}': operators,
  'DELETE /webhooks/{id}': operators,
  'POST /webhooks/{id}/secret': operators,
  'GET /webhooks/{id}/calls': operators,
  'POST /webhooks/{id}/test': operators,
  'GET /dashboard': readers,
  'GET /dashboard/fleet': readers,
  'GET /servers/load': readers,
  'GET /servers/{side}/budget': readers,
  'PATCH /servers/{side}/budget': operators,
  'GET /teams/{team}/people': northPeople,
  'PUT /teams/{team}/people/{login}': northPeople,
  'DELETE /teams/{team}/people/{login}': northPeople,
  'POST /tokens': operators,
  'GET /tokens': operators,
  'DELETE /tokens/{id}': operators,
  'GET /events': everybody,
  'GET /edges': readers,
  'POST /edges': operators,
  'DELETE /edges/{id}': operators,
  'POST /edge/enrol': open,
  // With the token of an edge alone.
  'GET /edge/rows': [],
  'POST /edge/state': [],
  'POST /edge/report': [],
};

/** A refusal by who asks, not by what is asked. */
const refusals = ['api-token-refused', 'session-missing', 'scope-missing', 'code-enrolment-required'];

interface Operation {
  readonly name: string;
  readonly method: string;
  readonly path: string;
}

describe('each route lets in whom the table names, and nobody else', () => {
  const directory = mkdtempSync(join(tmpdir(), 'mailferry-policies-'));
  let database: Database;
  let control: ControlEnv;
  let operations: Operation[];
  const ids = { account: '', team: '' };
  const logins = new Map<Role, () => Promise<{ cookie: string } | { token: string | null }>>();

  beforeAll(async () => {
    database = await openDatabase({ url: join(directory, 'database'), clock: new FakeClock() });
    control = await startControlFor(database);
    const post = (path: string, body: unknown) => control.call('POST', `/api/v1${path}`, body);
    const list = ['anna,North', 'bert,North', 'carl,South', 'tom,', 'vera,', 'sue,'];
    const rows = list.map((row) => row.replace(',', '@example.org,'));
    expect((await post('/accounts/import', `address,team\n${rows.join('\n')}\n`)).status).toBe(200);
    ids.account = String((await control.call('GET', '/api/v1/accounts/anna@example.org')).body.id);
    const { teams } = (await control.call('GET', '/api/v1/teams')).body as {
      teams: { id: string; name: string }[];
    };
    const idOf = (name: string) => teams.find((team) => team.name === name)?.id ?? '';
    ids.team = idOf('North');
    const right = async (team: string, login: string, rights: readonly string[]) => {
      const path = `/api/v1/teams/${idOf(team)}/people/${login}@example.org`;
      expect((await control.call('PUT', path, { rights })).status).toBe(204);
    };
    await right('North', 'tom', ['view', 'move', 'plan', 'people']);
    await right('North', 'vera', ['view']);
    await right('South', 'sue', ['view', 'move', 'plan', 'people']);
    const password = 'a long enough password';
    await post('/operators', { login: 'bare', password });
    const olga = await post('/operators', { login: 'olga', password, enrol: true });
    const { secret } = olga.body.totp as { secret: string };
    const code = new OTPAuth.TOTP({ secret }).generate();
    const operatorCookie = await control.logIn('olga', password, code);
    const reading = await post('/tokens', { name: 'r', scopes: ['accounts:read'] });
    for (const role of ['anna', 'bert', 'carl', 'tom', 'vera', 'sue'] as const) {
      logins.set(role, async () => ({ cookie: await control.logIn(`${role}@example.org`, 'right') }));
    }
    logins.set('nobody', async () => ({ token: null }));
    logins.set('bare operator', async () => ({ cookie: await control.logIn('bare', password) }));
    logins.set('operator', async () => ({ cookie: operatorCookie }));
    logins.set('reading token', async () => ({ token: String(reading.body.token) }));
    logins.set('admin token', async () => ({ token: operatorToken }));
    const { paths } = (await control.call('GET', '/api/openapi.json')).body as {
      paths: Record<string, Record<string, unknown>>;
    };
    operations = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => {
        const short = path.replace('/api/v1', '');
        return { name: `${method.toUpperCase()} ${short}`, method: method.toUpperCase(), path: short };
      }),
    );
  });
  afterAll(async () => {
    await control.close();
    await database.close();
    rmSync(directory, { recursive: true });
  });

  test('the table and the description name the same routes', () => {
    expect(operations.map(({ name }) => name).toSorted()).toEqual(Object.keys(table).toSorted());
  });

  test('no route is left out of the description but the description', () => {
    const folder = new URL('../../src/portal/routes/', import.meta.url);
    const hidden = readdirSync(folder).filter((file) =>
      readFileSync(new URL(file, folder), 'utf8').includes('hide:'),
    );
    expect(hidden).toEqual([]);
  });

  // What the guard cannot judge: the route is open to all who are logged in, and what is asked for is North's.
  test('a wave of North is seen, made and changed by those whom the rights of North let', {
    timeout: 60_000,
  }, async () => {
    const wave = {
      team: ids.team,
      name: 'w',
      at: '2030-01-01T00:00:00Z',
      kind: 'copy',
      accounts: [ids.account],
    };
    const found: Record<string, string> = {};
    for (const role of roles) {
      const access = await logins.get(role)?.();
      const place = `/api/v1/waves/${String((await control.call('POST', '/api/v1/waves', wave)).body.id)}`;
      const able = async (method: string, path: string, body?: unknown) =>
        (await control.call(method, path, body, access)).status < 300;
      const list = (await control.call('GET', '/api/v1/waves', undefined, access)).body as {
        waves?: unknown[];
      };
      const words = {
        lists: (list.waves?.length ?? 0) > 0,
        sees: await able('GET', place),
        changes: await able('PATCH', place, { name: 'v' }),
        makes: await able('POST', '/api/v1/waves', wave),
        removes: await able('DELETE', place),
      };
      found[role] = Object.entries(words)
        .flatMap(([word, can]) => (can ? [word] : []))
        .join(' ');
    }
    const all = 'lists sees changes makes removes';
    const none = { nobody: '', anna: '', bert: '', carl: '', sue: '', 'bare operator': '' };
    const some = { vera: 'lists sees', 'reading token': 'lists sees' };
    expect(found).toEqual({ ...none, ...some, tom: all, operator: all, 'admin token': all });
  });

  test.each(roles)('%s', { timeout: 60_000 }, async (role) => {
    const logIn = logins.get(role) ?? (() => Promise.reject(new Error(role)));
    let access = await logIn();
    const found: Record<string, boolean> = {};
    // Logging out comes last.
    const ordered = operations.toSorted((a, b) => Number(endsSession(a)) - Number(endsSession(b)));
    for (const { name, method, path } of ordered) {
      const place = path
        .replace('{account}', ids.account)
        .replace('{team}', ids.team)
        .replace('{side}', 'old')
        .replace('{message}', '1-1')
        .replace('{login}', 'nobody-of-all')
        .replace('{id}', '01a20d80-4633-7163-ab3d-76a762bd6582');
      const aboutNothing =
        method === 'POST' || method === 'PATCH' || method === 'PUT' ? { nothing: true } : undefined;
      if (name === 'GET /events') {
        found[name] = await streams(`${control.url}/api/v1${place}`, access);
        continue;
      }
      const answer = await control.call(method, `/api/v1${place}`, aboutNothing, access);
      const hidden = answer.body.code === 'account-unknown' || answer.body.code === 'team-unknown';
      // A request about nothing ends early, after who asks was judged: 400, 404 of something else, or done.
      found[name] = !refusals.includes(String(answer.body.code)) && !hidden;
      if (name === 'DELETE /session' && 'cookie' in access && role !== 'operator') access = await logIn();
    }
    const expected = Object.fromEntries(
      Object.entries(table).map(([name, allowed]) => [name, allowed.includes(role)]),
    );
    // No operator by role: the route itself says so, as it does of a token that sets up a second factor.
    for (const name of ['POST /operator/totp', 'PUT /operator/totp']) {
      if (role !== 'operator' && role !== 'bare operator') expected[name] = false;
      if (name.startsWith('PUT')) expected[name] = people.includes(role);
    }
    expect(found).toEqual(expected);
  });
});

function endsSession({ name }: Operation): boolean {
  return name === 'DELETE /session';
}

/** Whether a stream begins; it is left at once. */
async function streams(
  url: string,
  access: { readonly cookie?: string; readonly token?: string | null },
): Promise<boolean> {
  const left = new AbortController();
  const response = await fetch(url, {
    signal: left.signal,
    headers: {
      ...(access.cookie === undefined ? {} : { cookie: access.cookie, 'sec-fetch-site': 'same-origin' }),
      ...(typeof access.token === 'string' ? { authorization: `Bearer ${access.token}` } : {}),
    },
  });
  left.abort();
  return response.status === 200;
}
