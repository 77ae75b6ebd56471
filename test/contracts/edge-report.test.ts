/** What an edge tells of its host, from the doctor's report over HTTP to the words that an operator reads. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { Secret } from '../../src/base/secret.ts';
import type { HostReport } from '../../src/domain/host-report.ts';
import { controlOverHttp } from '../../src/services/edge/control-over-http.ts';
import { type Database, openDatabase } from '../../src/state/database/open-database.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { type ControlEnv, startControlFor } from './control-env.ts';

const directory = mkdtempSync(join(tmpdir(), 'mf-edge-report-'));
let database: Database;
let control: ControlEnv;
let token: string;

beforeAll(async () => {
  database = await openDatabase({ url: join(directory, 'database'), clock: new FakeClock() });
  control = await startControlFor(database);
  const { body: made } = await control.call('POST', '/api/v1/edges', { side: 'old', name: 'mx1' });
  const enrolled = await control.call('POST', '/api/v1/edge/enrol', { code: made.code, version: '1' });
  token = String(enrolled.body.token);
});
afterAll(async () => {
  await control.close();
  await database.close();
  rmSync(directory, { recursive: true });
});

const report: HostReport = {
  lookedAtMs: Date.parse('2026-11-24T14:30:00.000Z'),
  postfix: { state: 'drifted', arguments: ['--side', 'old', '--peer', "x'; rm -rf /"] },
  dovecot: null,
  findings: [{ code: 'postfix-drifted', severity: 'trouble', values: { changed: '<b>transport_maps</b>' } }],
  leftOut: [{ check: 'clock', reason: 'inside', said: '' }],
};
const edge = (clock = systemClock) =>
  controlOverHttp(
    { url: new URL(control.url), trust: { caPem: null, fingerprintsSha256: [] } },
    new Secret(token),
    '1',
    clock,
  );
const signal = AbortSignal.timeout(50_000);
const many = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);
const told = async (language?: string) => {
  const headers = language === undefined ? {} : { 'accept-language': language };
  const { body } = await control.call('GET', '/api/v1/edges', undefined, { headers });
  return (body as { edges: { doctor: Record<string, unknown> | null }[] }).edges[0]?.doctor;
};
const post = (body: unknown) => control.call('POST', '/api/v1/edge/report', body, { token });
const { lookedAtMs: _, ...rest } = report;
const plain = { ...rest, lookedAt: '2026-11-24T14:30:00.000Z' };

test('before the doctor has looked nothing is told of its host', async () => {
  expect(await told()).toBeNull();
});

test('a report comes with words in the reader’s language, and a command that a shell takes as one', async () => {
  await edge().report(report, signal);
  expect(await told()).toMatchObject({
    lookedAt: '2026-11-24T14:30:00.000Z',
    dovecot: null,
    postfix: {
      state: 'drifted',
      command: "mailferry config postfix --side old --peer 'x'\\''; rm -rf /'",
    },
    findings: [
      {
        code: 'postfix-drifted',
        severity: 'trouble',
        what: 'Postfix is no longer set as Mailferry has set it: <b>transport_maps</b>.',
      },
    ],
    leftOut: [{ check: 'clock', what: 'Clock: the edge runs within control itself' }],
  });
  expect(await told('de')).toMatchObject({
    findings: [{ what: expect.stringMatching(/^Postfix ist nicht mehr so eingestellt/) }],
    leftOut: [{ what: 'Uhr: der Edge läuft in der Zentrale selbst' }],
  });
});

test.each([
  ['a code that is none', { findings: [{ code: '<b>', severity: 'note', values: {} }] }],
  ['a code without end', { findings: [{ code: 'x'.repeat(65), severity: 'note', values: {} }] }],
  ['a severity of its own', { findings: [{ code: 'x', severity: 'panic', values: {} }] }],
  ['a value without end', { findings: [{ code: 'x', severity: 'note', values: { a: 'x'.repeat(401) } }] }],
  [
    'values without end',
    {
      findings: [
        { code: 'x', severity: 'note', values: Object.fromEntries([...'abcdefghijklm'].map((c) => [c, ''])) },
      ],
    },
  ],
  ['findings without end', { findings: many(61, { code: 'x', severity: 'note', values: {} }) }],
  ['words of a command without end', { postfix: { state: 'applied', arguments: many(61, 'x') } }],
  ['a field that nobody knows', { colour: 'red' }],
])('%s is refused', async (_name, change) => {
  expect((await post({ ...plain, ...change })).status).toBe(400);
});

test('what is just within the limits is taken', async () => {
  const values = Object.fromEntries([...'abcdefghijkl'].map((c) => [c, 'x'.repeat(400)]));
  const findings = many(60, { code: 'x'.repeat(64), severity: 'note', values });
  expect((await post({ ...plain, findings })).status).toBe(204);
  expect((await told())?.['findings']).toHaveLength(60);
});

test('control tells its newest change and how far its clock is ahead', async () => {
  const { body } = await control.call('GET', '/api/v1/edges');
  const here = await edge().look(signal);
  expect(here.latest).toBe(body.epoch);
  expect(Math.abs(here.clockAheadMs ?? Number.NaN)).toBeLessThan(3_000);
  const slow = { ...systemClock, now: () => systemClock.now() - 60_000 };
  expect(Math.abs(((await edge(slow).look(signal)).clockAheadMs ?? Number.NaN) - 60_000)).toBeLessThan(3_000);
});
