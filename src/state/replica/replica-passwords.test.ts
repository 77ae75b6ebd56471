/** App passwords in an edge's replica, from the rows that control sends. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { EdgeRow } from '../database/edge-rows.ts';
import { Replica } from './replica.ts';

let dir: string;
let replica: Replica;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'mf-replica-'));
  replica = Replica.open(join(dir, 'replica'), 'old');
});
afterEach(() => {
  replica.close();
  rmSync(dir, { recursive: true });
});

const hourMs = 3_600_000;
const row = (name: string, ids: readonly string[], oldLogin = name): EdgeRow => ({
  id: name,
  epoch: 1,
  phase: 'in-step',
  addresses: [`${name}@example.org`],
  oldLogin,
  newLogin: `${name}-on-new`,
  appPasswords: ids.map((id) => ({
    id,
    hash: 'h',
    protocols: ['imap'],
    nets: ['192.0.2.20/32', '2001:db8::/64'],
    expiresAtMs: hourMs,
  })),
});
let epoch = 0;
const apply = (...rows: EdgeRow[]) => replica.apply(rows, ++epoch, true);
const ended = () => replica.passwords.ended().map(({ id, login }) => `${id} of ${login}`);

it('those that a row has no more are ended, with where they were good from', () => {
  apply(row('anna', ['a1', 'a2']), row('bela', ['b1']));
  expect(ended()).toEqual([]);
  apply(row('anna', ['a2', 'a3']));
  expect(replica.passwords.ended()).toEqual([
    { id: 'a1', login: 'anna', protocols: ['imap'], nets: ['192.0.2.20/32', '2001:db8::/64'] },
  ]);
  apply(row('anna', []));
  expect(ended().toSorted()).toEqual(['a1 of anna', 'a2 of anna', 'a3 of anna']);
  replica.passwords.forget([{ id: 'a2', login: 'anna' }]);
  expect(ended().toSorted()).toEqual(['a1 of anna', 'a3 of anna']);
});

it('one that comes back is not ended any more', () => {
  apply(row('anna', ['a1']));
  apply(row('anna', []));
  apply(row('anna', ['a1']));
  expect(ended()).toEqual([]);
});

it('one whose account logs in by another name now is ended under the one before', () => {
  apply(row('anna', ['a1']));
  apply(row('anna', ['a1'], 'anna.berg'));
  expect(ended()).toEqual(['a1 of anna']);
});

it('those that run out are ended by the clock of the host, and are gone for Dovecot', () => {
  apply(row('anna', ['a1']));
  replica.passwords.endExpired(hourMs - 1);
  expect(ended()).toEqual([]);
  replica.passwords.endExpired(hourMs);
  expect(ended()).toEqual(['a1 of anna']);
});

it('what is ended outlives the process, and a control that begins anew', () => {
  apply(row('anna', ['a1', 'a2']), row('bela', ['b1']));
  apply(row('anna', ['a2']));
  replica.close();
  replica = Replica.open(join(dir, 'replica'), 'old');
  expect(ended()).toEqual(['a1 of anna']);
  const fresh = Replica.open(join(dir, 'fresh'), 'old');
  fresh.apply([row('anna', ['a2', 'a3']), row('bela', [])], 1, true);
  fresh.close();
  replica.replaceBy(join(dir, 'fresh'));
  expect(ended().toSorted()).toEqual(['a1 of anna', 'b1 of bela']);
});
