/**
 * Random worlds as data: what the servers are like, what people do between runs, what breaks during them. All numbers
 * are resolved against the world when they are used, so a script stays valid when parts of it are taken out, and a
 * failing one can be made short.
 */
import type { StoreAbilities } from '../../src/sync/mail-store.ts';
import type { FakeServerOptions } from '../fakes/fake-server.ts';
import type { Misbehaviour } from '../fakes/misbehaviour.ts';
import type { Crash } from './run.ts';

export type Deed =
  | 'append'
  | 'append-twin'
  | 'append-big'
  | 'expunge'
  | 'flag'
  | 'move'
  | 'create'
  | 'rename'
  | 'delete'
  | 'uidvalidity'
  | 'lose-ledger';

export interface Act {
  readonly side: 'old' | 'fresh';
  readonly deed: Deed;
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

export interface Fault {
  readonly side: 'old' | 'fresh';
  readonly rule: Misbehaviour;
}

export interface Round {
  readonly acts: readonly Act[];
  readonly faults: readonly Fault[];
  readonly crash: Crash | null;
}

export interface Script {
  readonly old: FakeServerOptions;
  readonly fresh: FakeServerOptions;
  readonly traits: readonly Fault[];
  readonly rounds: readonly Round[];
}

export type Random = () => number;

/** mulberry32: small, fast, and the same everywhere. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export const upTo = (random: Random, n: number) => Math.floor(random() * n);
const chance = (random: Random, p: number) => random() < p;

export function oneOf<T>(random: Random, items: readonly T[]): T {
  const item = items[upTo(random, items.length)];
  if (item === undefined) throw new RangeError('nothing to choose from');
  return item;
}

const common: readonly Deed[] = [
  'append',
  'append',
  'append-twin',
  'append-big',
  'expunge',
  'flag',
  'flag',
  'move',
];
const rareOld: readonly Deed[] = ['create', 'rename', 'delete', 'uidvalidity', 'lose-ledger'];
const rareNew: readonly Deed[] = ['create', 'rename', 'uidvalidity'];

export function randomScript(seed: number): Script {
  const random = randomFrom(seed);
  const rounds = 2 + upTo(random, 4);
  return {
    old: { abilities: oldAbilities(random), ...(chance(random, 0.2) ? { delimiter: '.' } : {}) },
    fresh: {
      abilities: newAbilities(random),
      ...(chance(random, 0.2) ? { delimiter: '.', prefix: chance(random, 0.5) ? 'INBOX.' : '' } : {}),
      superiors: oneOf(random, ['implicit', 'created', 'required'] as const),
    },
    traits: chance(random, 0.4) ? [randomTrait(random)] : [],
    rounds: Array.from({ length: rounds }, (_, i) => randomRound(random, i)),
  };
}

function oldAbilities(random: Random): Partial<StoreAbilities> {
  const condStore = chance(random, 0.7);
  return { condStore, qResync: condStore, objectId: chance(random, 0.5), listStatus: chance(random, 0.7) };
}

function newAbilities(random: Random): Partial<StoreAbilities> {
  const condStore = chance(random, 0.7);
  return {
    condStore,
    qResync: condStore,
    objectId: chance(random, 0.5),
    uidPlus: chance(random, 0.8),
    multiAppend: chance(random, 0.7),
    move: chance(random, 0.7),
    literal: oneOf(random, ['plus', 'minus', 'synchronising'] as const),
    createSpecialUse: chance(random, 0.5),
  };
}

function randomTrait(random: Random): Fault {
  const trait = oneOf<Fault>(random, [
    { side: 'fresh', rule: { kind: 'ok-without-appenduid' } },
    { side: 'fresh', rule: { kind: 'nonsense-appenduid', answer: 'wrong-uids' } },
    { side: 'fresh', rule: { kind: 'nonsense-appenduid', answer: 'other-validity' } },
    { side: 'fresh', rule: { kind: 'sizes-lie', by: 3 } },
    { side: 'old', rule: { kind: 'sizes-lie', by: -2 } },
    { side: 'old', rule: { kind: 'bodies-out-of-order' } },
    { side: 'fresh', rule: { kind: 'keyword-limit', limit: 1, answer: 'refuse' } },
    { side: 'fresh', rule: { kind: 'broken-ability', ability: 'multiAppend' } },
    { side: 'old', rule: { kind: 'broken-ability', ability: 'condStore' } },
    { side: 'fresh', rule: { kind: 'refuse-large', overBytes: 1500 } },
    { side: 'fresh', rule: { kind: 'create-refused-though-there' } },
    { side: 'old', rule: { kind: 'nil-body', uid: 2 } },
    { side: 'old', rule: { kind: 'poison', uid: 3 } },
    { side: 'fresh', rule: { kind: 'adds-header', line: 'X-Scanned: yes' } },
  ]);
  return trait;
}

function randomRound(random: Random, round: number): Round {
  const acts: Act[] = [];
  const many = round === 0 ? 4 + upTo(random, 12) : 1 + upTo(random, 5);
  for (let i = 0; i < many; i++) {
    const side =
      round === 0 ? (chance(random, 0.9) ? 'old' : 'fresh') : chance(random, 0.6) ? 'old' : 'fresh';
    const usual = round === 0 ? common.slice(0, 4) : common;
    const deed = chance(random, 0.12)
      ? oneOf(random, side === 'old' ? rareOld : rareNew)
      : oneOf(random, usual);
    if (round === 0 && deed === 'lose-ledger') continue;
    acts.push({ side, deed, a: upTo(random, 1000), b: upTo(random, 1000), c: upTo(random, 1000) });
  }
  const faults = Array.from({ length: upTo(random, 3) }, () => randomFault(random));
  const crash: Crash | null = chance(random, 0.5)
    ? { step: 1 + upTo(random, 14), when: chance(random, 0.5) ? 'before' : 'after' }
    : null;
  return { acts, faults, crash };
}

export function randomFault(random: Random): Fault {
  const skip = upTo(random, 8);
  const fault = oneOf<Fault>(random, [
    { side: 'fresh', rule: { kind: 'cut-before-store', skip } },
    { side: 'fresh', rule: { kind: 'cut-before-store', skip, afterBytes: upTo(random, 900) } },
    { side: 'fresh', rule: { kind: 'cut-after-store', skip } },
    { side: 'fresh', rule: { kind: 'late-commit', skip, afterMs: upTo(random, 9500) } },
    { side: 'old', rule: { kind: 'cut-in-fetch', skip, afterBytes: upTo(random, 900) } },
    { side: 'fresh', rule: { kind: 'cut', where: 'before', skip: upTo(random, 60) } },
    { side: 'fresh', rule: { kind: 'cut', where: 'after', skip: upTo(random, 60) } },
    { side: 'old', rule: { kind: 'cut', where: 'before', skip: upTo(random, 40) } },
    { side: 'old', rule: { kind: 'cut', where: 'after', skip: upTo(random, 40) } },
    { side: 'fresh', rule: { kind: 'refuse-literal', skip } },
    { side: 'fresh', rule: { kind: 'throttle', skip: upTo(random, 40), retryAfterMs: 5000 } },
    { side: 'old', rule: { kind: 'throttle', skip: upTo(random, 40) } },
    { side: 'fresh', rule: { kind: 'connection-limit', limit: 1 } },
    { side: 'old', rule: { kind: 'wrong-literal-length', skip, by: 3 } },
  ]);
  return fault;
}
