import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FakeClock } from '../../test/fakes/fake-clock.ts';
import type { Phase } from '../domain/phase.ts';
import { systemTrust } from '../net/tls-trust.ts';
import { Replica } from '../state/replica/replica.ts';
import type { Backend } from './backend.ts';
import { whereTo } from './where.ts';

const at = (host: string): Backend => ({
  host,
  port: 993,
  tls: 'implicit',
  trust: systemTrust,
  trustsUs: true,
  master: null,
});
const backends = { old: at('old'), new: at('new') };
const never = new AbortController().signal;

let dir: string;
let replica: Replica;
let epoch = 0;
function put(name: string, phase: Phase, complete = true): void {
  epoch += 1;
  const logins = { oldLogin: `${name}.old`, newLogin: `${name}@new` };
  const addresses = [`${name}@bücher.example`];
  replica.apply([{ id: name, epoch, phase, addresses, ...logins, appPasswords: [] }], epoch, complete);
}
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'mf-where-'));
  replica = Replica.open(join(dir, 'replica'), 'old');
});
afterAll(() => {
  replica.close();
  rmSync(dir, { recursive: true });
});

const ask = (name: string, clock = new FakeClock(), signal = never) =>
  whereTo(name, { places: () => replica, backends, clock }, signal);
const shown = async (name: string) => {
  const found = await ask(name);
  return found.kind === 'backend' ? `${found.backend.host} ${found.user}` : found.why;
};

test('before the replica was whole once, nothing is told of anybody', async () => {
  put('anna', 'switched', false);
  expect(await shown('anna.old')).toBe('the replica is not complete');
  expect(await whereTo('x', { places: () => null, backends, clock: new FakeClock() }, never)).toMatchObject({
    kind: 'unavailable',
  });
  put('anna', 'switched');
});

test.each<[string, string]>([
  ['anna.old', 'new anna@new'],
  ['ANNA.OLD', 'new anna@new'],
  ['anna@bücher.example', 'new anna@new'],
  ['Anna@BÜCHER.example', 'new anna@new'],
  ['anna@bücher.example'.normalize('NFD'), 'new anna@new'],
  // A login there is none here, nor is a part of one.
  ['anna@new', 'old anna@new'],
  ['anna', 'old anna'],
  ["' or '1'='1", "old ' or '1'='1"],
  ['bela@bücher.example', 'old bela.old'],
])('%s goes to %s', async (name, where) => {
  put('anna', 'switched');
  put('bela', 'in-step');
  expect(await shown(name)).toBe(where);
});

test('at the gate a login waits for what is decided, and goes there', async () => {
  for (const [decided, where] of [
    ['switched', 'new'],
    ['in-step', 'old'],
  ] as const) {
    put('anna', 'switching');
    const clock = new FakeClock();
    const asked = ask('anna.old', clock);
    await clock.advance(60_000);
    put('anna', decided);
    await clock.advance(1_000);
    expect(await asked).toMatchObject({ kind: 'backend', backend: { host: where } });
  }
});

test('and after ninety seconds it is told to come again, never to old', async () => {
  put('anna', 'rolling-back');
  const clock = new FakeClock({ mode: 'auto' });
  expect(await ask('anna.old', clock)).toEqual({ kind: 'unavailable', why: 'a switch is still under way' });
  expect(clock.monotonic()).toBeGreaterThanOrEqual(90_000);
});

test('who goes away waits no longer', async () => {
  put('anna', 'switching');
  const over = new AbortController();
  const asked = ask('anna.old', new FakeClock(), over.signal);
  over.abort(new Error('gone'));
  await expect(asked).rejects.toThrow('gone');
});
