/**
 * What the API's own description says of requests is what the API takes: every field of a query or a body that stands
 * there is accepted, what has to be there is asked for, and what does not stand there is refused by name.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Database, openDatabase } from '../../src/state/database/open-database.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { freePort } from '../lab/ports.ts';
import { type ControlEnv, startControlFor } from './control-env.ts';
import { type Requested, requestsOf, sampleOf } from './openapi-samples.ts';

const directory = mkdtempSync(join(tmpdir(), 'mailferry-requests-'));
const password = 'ein-langes-Kennwort';
let database: Database;
let control: ControlEnv;
let all: readonly Requested[];
let edgeToken: string;
/** Samples that no form can tell, by name of the field. */
let known: Readonly<Record<string, unknown>>;

beforeAll(async () => {
  database = await openDatabase({ url: join(directory, 'database'), clock: new FakeClock() });
  control = await startControlFor(database, {
    checkMailbox: async (_, typed) =>
      typed.reveal() === password ? { kind: 'right', count: null } : { kind: 'wrong' },
  });
  await control.call('POST', '/api/v1/accounts/import', 'address,team\nanna@example.org,T\n');
  const { body } = await control.call('GET', '/api/openapi.json');
  all = requestsOf(body);
  const { body: made } = await control.call('POST', '/api/v1/edges', { side: 'old', name: 'mx1' });
  const enrolment = { code: made.code, version: '1' };
  edgeToken = String((await control.call('POST', '/api/v1/edge/enrol', enrolment)).body.token);
  const { body: teams } = await control.call('GET', '/api/v1/teams');
  const team = (teams.teams as readonly { readonly id: string }[])[0]?.id;
  // Nothing of this machine or another is to be reached.
  known = {
    host: '127.0.0.1',
    port: await freePort(),
    password,
    side: 'old',
    trouble: 'any',
    team,
    accounts: ['anna@example.org'],
    at: new Date(Date.now() + 86_400_000).toISOString(),
  };
});
afterAll(async () => {
  await control.close();
  await database.close();
  rmSync(directory, { recursive: true });
});

/** What the API objects to; empty where it took the request, or refused it for what is not a fault of form. */
async function objection(
  one: Requested,
  query: Readonly<Record<string, string>>,
  body?: unknown,
): Promise<string> {
  const path = one.path.replace(/\{(\w+)\}/g, (_, name: string) => places[name] ?? 'none');
  const words = new URLSearchParams(query).toString();
  const url = `${path}${words === '' ? '' : `?${words}`}`;
  // What is about the caller's own session needs one, each time: some of these end it.
  const options = /\/edge\/(rows|state|report)$/.test(path)
    ? { token: edgeToken }
    : /\/sessions?\b|\/totp$|accounts\/[^/]+\/plan$/.test(path) && !path.includes('/operators/')
      ? { cookie: await control.logIn('anna@example.org', password) }
      : {};
  const { status, body: answer } = await control.call(
    one.method,
    url,
    body,
    one.name === 'POST /api/v1/session' ? {} : options,
  );
  expect([one.name, status < 500]).toEqual([one.name, true]);
  return status === 400 ? String(answer.detail) : '';
}

/** Wanted because of what another field says. */
const conditional = ['POST /api/v1/accounts/{account}/plan password'];

const places: Readonly<Record<string, string>> = { account: 'anna@example.org', side: 'old', message: '1-7' };

const bodyOf = (one: Requested) => (one.body === null ? undefined : (sampleOf(one.body, known) as object));
/** Streams never end, and a list of accounts has tests of its own. */
const asked = () =>
  all.filter(({ name }) => !/^(GET .*\/(events|live|ready)|POST .*\/accounts\/import)$/.test(name));

test('every field of a query is taken, and one that is not described is refused by its name', async () => {
  let fields = 0;
  for (const one of asked()) {
    const body = bodyOf(one);
    for (const { name, schema } of one.query) {
      const told = await objection(one, { [name]: String(sampleOf(schema, known, name)) }, body);
      // A cursor comes out of an answer, and is known to be none of ours.
      const objected = name === 'cursor' ? told.replace('cursor: is not one of this list', '') : told;
      expect([one.name, name, objected.includes(`${name}:`), objected.includes('not known')]).toEqual([
        one.name,
        name,
        false,
        false,
      ]);
      fields += 1;
    }
    expect([one.name, await objection(one, { colour: 'red' }, body)]).toEqual([
      one.name,
      expect.stringContaining('colour: is not known here'),
    ]);
  }
  expect(fields).toBeGreaterThan(30);
});

test('every field of a body is taken, alone or with all others, and one that is not described is refused', async () => {
  let fields = 0;
  for (const one of asked()) {
    if (one.body === null) continue;
    const whole = bodyOf(one) as Record<string, unknown>;
    fields += Object.keys(whole).length;
    const told = await objection(one, {}, whole);
    for (const name of Object.keys(whole))
      expect([one.name, told.includes(`${name}:`), told]).toEqual([one.name, false, told]);
    expect([one.name, told.includes('is not known here')]).toEqual([one.name, false]);
    expect([one.name, await objection(one, {}, { ...whole, colour: 'red' })]).toEqual([
      one.name,
      expect.stringContaining('colour: is not known here'),
    ]);
  }
  expect(fields).toBeGreaterThan(30);
});

test('what the description says has to be there is asked for, and nothing else is', async () => {
  let asks = 0;
  for (const one of asked()) {
    if (one.body === null) continue;
    const whole = bodyOf(one) as Record<string, unknown>;
    const required = one.required;
    for (const name of Object.keys(whole)) {
      const { [name]: _, ...rest } = whole;
      const told = await objection(one, {}, rest);
      if (conditional.includes(`${one.name} ${name}`)) continue;
      expect([one.name, name, told.includes(`${name}: `)]).toEqual([one.name, name, required.includes(name)]);
      if (required.includes(name)) asks += 1;
    }
  }
  expect(asks).toBeGreaterThan(10);
});
