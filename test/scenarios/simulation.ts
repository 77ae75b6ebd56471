/**
 * A fleet in simulated time: some accounts on servers in memory, two workers on one database, people at both sides of each
 * account, servers that misbehave, workers that die or sleep longer than their lease. All by one seed. Then the faults
 * stop, everything has to come to rest, and the judge of the interruption tests decides.
 */
import { troubleClassOf, troubleTable } from '../../src/domain/trouble.ts';
import type { ErrorCode } from '../../src/base/errors.ts';
import { accountOf, changePhase } from '../../src/state/database/accounts.ts';
import { notesOf, setNotes } from '../../src/state/database/account-notes.ts';
import { addRequest } from '../../src/state/database/requests.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { type Act, oneOf, type Random, randomFrom, upTo } from '../interruption/random-script.ts';
import { perform } from '../interruption/random-play.ts';
import {
  journalOf,
  judgeAccount,
  makeAccount,
  rememberPlaces,
  type SimulatedAccount,
} from './simulated-account.ts';
import { openSimulatedDatabase, type SimulatedDatabase } from './simulated-database.ts';
import { fleetFault } from './simulated-faults.ts';
import { type SimulatedWorker, startSimulatedWorker } from './simulated-worker.ts';

export interface Outcome {
  readonly violations: readonly string[];
  /** What happened, with the simulated second. */
  readonly log: readonly string[];
}

const accountsAtMost = 4;
/** Simulated time in which things happen. */
const troubledMs = 90_000;
/** A fleet is at rest when nothing was changed for so long: longer than polling. */
const quietMs = 40_000;
/** A worker tries again at the latest after a quarter of an hour, with jitter. */
const restDeadlineMs = 40 * 60_000;
/** A paused account is left alone after so long: a server may hang for 20 s in between. */
const leftAloneMs = 25_000;
/** People retry an account that asks for it; one that goes on asking never comes to rest. */
const maxRetries = 3;
const actor = 'person';

export async function simulate(seed: number): Promise<Outcome> {
  const fleet = await SimulatedFleet.create(seed);
  try {
    await fleet.troubledTimes();
    const violations = (await fleet.comesToRest()) ?? (await fleet.verdict());
    return { violations, log: fleet.log };
  } finally {
    await fleet.close();
  }
}

class SimulatedFleet {
  readonly log: string[] = [];
  readonly #random: Random;
  readonly #clock: FakeClock;
  readonly #database: SimulatedDatabase;
  readonly #accounts: readonly SimulatedAccount[];
  #workers: SimulatedWorker[] = [];
  #begun = 0;
  readonly #faults: { stop(): void }[] = [];
  readonly #violations: string[] = [];

  private constructor(
    random: Random,
    clock: FakeClock,
    database: SimulatedDatabase,
    accounts: readonly SimulatedAccount[],
  ) {
    this.#random = random;
    this.#clock = clock;
    this.#database = database;
    this.#accounts = accounts;
  }

  static async create(seed: number): Promise<SimulatedFleet> {
    const random = randomFrom(seed);
    const clock = new FakeClock({ mode: 'auto' });
    const database = await openSimulatedDatabase(clock);
    const accounts: SimulatedAccount[] = [];
    const many = 2 + upTo(random, accountsAtMost - 1);
    for (let n = 1; n <= many; n++) accounts.push(await makeAccount(n, random, clock, database));
    return new SimulatedFleet(random, clock, database, accounts);
  }

  async troubledTimes(): Promise<void> {
    for (let i = 0; i < 2; i++) await this.#startWorker();
    for (const { id } of this.#accounts)
      await changePhase(this.#database.db, { accountId: id, event: 'start', actor });
    const until = this.#clock.monotonic() + troubledMs;
    while (this.#clock.monotonic() < until) {
      // Often in the middle of something, sometimes when all is quiet.
      const pause = upTo(this.#random, 3) === 0 ? 8_000 : 300;
      await this.#clock.sleep(1 + upTo(this.#random, pause));
      await this.#something();
    }
  }

  /** Null where it does. */
  async comesToRest(): Promise<string[] | null> {
    this.#say('the faults stop');
    for (const fault of this.#faults) fault.stop();
    for (const { process } of this.#workers) process.wake();
    // Those that live may be about to end.
    await this.#startWorker();
    for (const account of this.#accounts) {
      account.pauses++;
      await setNotes(this.#database.db, account.id, { paused: null }, { actor });
    }
    const begun = this.#clock.monotonic();
    let quietSince = begun;
    let changes = '';
    while (this.#clock.monotonic() - begun < restDeadlineMs) {
      await this.#clock.sleep(1_000);
      await this.#retryWhatAsks();
      const now = await this.#state();
      if (now !== changes) quietSince = this.#clock.monotonic();
      changes = now;
      if (this.#clock.monotonic() - quietSince < quietMs) continue;
      const all = await Promise.all(this.#accounts.map(({ id }) => accountOf(this.#database.db, id)));
      const open = await Promise.all(this.#accounts.map(async ({ id }) => this.#database.hasIntents(id)));
      const areDone = all.every(({ phase }) => phase === 'in-step') && !open.includes(true);
      if (areDone && !(await this.#anyAsks())) return null;
    }
    const states = await Promise.all(
      this.#accounts.map(async ({ id, name, world }) => {
        const { phase } = await accountOf(this.#database.db, id);
        const { attention } = await notesOf(this.#database.db, id);
        const { intents } = await journalOf(this.#database, id);
        const open = intents.map(
          ({ kind, messages }) => `${kind} of ${messages.map(({ oldUid }) => oldUid).join()}`,
        );
        const writes = world.fresh
          .writes()
          .slice(-3)
          .map(({ op, mailbox }) => `${op} in ${mailbox}`);
        const sessions = `${world.old.sessionCount} and ${world.fresh.sessionCount} connections`;
        const detail = [
          phase,
          JSON.stringify(attention),
          `open: ${open.join('; ')}`,
          sessions,
          writes.join(', '),
        ];
        return `I8 ${name} does not come to rest: ${detail.join(' | ')}`;
      }),
    );
    return states;
  }

  /** What a fault did may be told late, by a worker that slept. */
  async #retryWhatAsks(): Promise<void> {
    for (const account of this.#accounts) {
      const code = await this.#asks(account);
      if (code === null || ++account.retries > maxRetries) continue;
      this.#say(`${account.name} is retried after ${code}`);
      await setNotes(this.#database.db, account.id, { attention: null }, { actor });
    }
  }

  /** Why the account waits for a person; null where it does not. */
  async #asks({ id }: SimulatedAccount): Promise<ErrorCode | null> {
    const { attention } = await notesOf(this.#database.db, id);
    return attention !== null && troubleTable[troubleClassOf(attention.code)].asks ? attention.code : null;
  }

  async #anyAsks(): Promise<boolean> {
    for (const account of this.#accounts) if ((await this.#asks(account)) !== null) return true;
    return false;
  }

  async verdict(): Promise<string[]> {
    const violations = [...this.#violations];
    for (const { name, world } of this.#accounts)
      this.#say(`${name} is at rest after ${world.fresh.log.length} commands on new`);
    for (const account of this.#accounts)
      violations.push(...(await judgeAccount(this.#database, account)).map((v) => `${account.name}: ${v}`));
    return violations;
  }

  async close(): Promise<void> {
    for (const { process } of this.#workers) process.kill();
    await this.#database.close();
  }

  // --- what happens ----------------------------------------------------------------------------------------------

  async #something(): Promise<void> {
    const kind = upTo(this.#random, 100);
    const account = oneOf(this.#random, this.#accounts);
    if (kind < 50) for (let i = upTo(this.#random, 5); i >= 0; i--) await this.#act(account);
    else if (kind < 66) this.#misbehave(account);
    else if (kind < 71) await this.#pauseOrResume(account);
    else if (kind < 76) await this.#ask(account);
    else if (kind < 86) void this.#sleeps();
    else if (kind < 92) this.#kill();
    else await this.#startOrClose();
  }

  async #act(account: SimulatedAccount): Promise<void> {
    const { world, script, id } = account;
    const acts = script.rounds.flatMap((round) => round.acts).filter(({ deed }) => deed !== 'lose-ledger');
    const { side, deed } = oneOf(this.#random, acts);
    const number = () => upTo(this.#random, 1000);
    const act: Act = { side, deed, a: number(), b: number(), c: number() };
    await rememberPlaces(this.#database, account);
    // As in random-play.ts: while the outcome of a step is unknown, nobody can tell a person's deed from it.
    const takes = side === 'fresh' && ['expunge', 'move', 'flag'].includes(deed);
    const release = takes ? await this.#database.holdJournals?.() : undefined;
    try {
      const open = takes && this.#database.hasIntents(id);
      if (typeof open === 'boolean' ? open : await open) return;
      this.#say(`${account.name} ${JSON.stringify(act)}`);
      // RFC 9051 §2.3.1.1: within a session UIDs stay; whoever rebuilds a mailbox ends those that have it open.
      if (deed === 'uidvalidity') world[side].cutAll('a mailbox is rebuilt');
      world.act(() => perform(world, act, () => `m${++account.tags}`));
    } finally {
      release?.();
    }
  }

  #misbehave({ world, name }: SimulatedAccount): void {
    const { side, rule } = fleetFault(this.#random);
    this.#say(`${name} ${side} misbehaves: ${JSON.stringify(rule)}`);
    this.#faults.push(world[side].misbehave(rule));
    if (upTo(this.#random, 2) === 0)
      this.#faults.splice(upTo(this.#random, this.#faults.length), 1)[0]?.stop();
  }

  async #pauseOrResume(account: SimulatedAccount): Promise<void> {
    const { id, name } = account;
    const { db } = this.#database;
    account.pauses++;
    const { paused } = await notesOf(db, id);
    this.#say(`${name} is ${paused === null ? 'paused' : 'resumed'}`);
    await setNotes(db, id, { paused: paused === null ? { by: actor, why: 'a rest' } : null }, { actor });
    if (paused === null) void this.#staysAlone(account);
  }

  /** Once what was under way has ended, nobody works on a paused account. */
  async #staysAlone(account: SimulatedAccount): Promise<void> {
    const { name, pauses, world } = account;
    const commands = () => world.old.log.length + world.fresh.log.length;
    const isWatched = () =>
      account.pauses === pauses && this.#workers.every(({ process }) => process.state !== 'sleeps');
    await this.#clock.sleep(leftAloneMs);
    const before = commands();
    if (!isWatched()) return;
    await this.#clock.sleep(10_000);
    if (isWatched() && commands() > before)
      this.#violations.push(`${name} was worked on though it was paused`);
  }

  async #ask({ id, name }: SimulatedAccount): Promise<void> {
    const { db } = this.#database;
    const kind = oneOf(this.#random, ['retry-refused', 'look-now', 'retry'] as const);
    this.#say(`${name} is asked: ${kind}`);
    if (kind === 'retry') await setNotes(db, id, { attention: null }, { actor });
    else {
      await addRequest(db, id, kind);
      await setNotes(db, id, {}, { actor });
    }
  }

  /** Often longer than its lease, so that another takes over. */
  async #sleeps(): Promise<void> {
    const worker = this.#some();
    if (worker?.process.state !== 'runs') return;
    const { process, name } = worker;
    const steps = upTo(this.#random, 16) / 2;
    const ms = 3_000 + upTo(this.#random, 27_000);
    this.#say(`${name} sleeps ${steps} steps from now, and wakes after ${ms} ms`);
    if (steps === 0) process.sleep();
    else process.atStep(steps, 'sleep');
    await this.#clock.sleep(ms);
    if (process.state === 'sleeps') this.#say(`${name} wakes`);
    process.wake();
  }

  #kill(): void {
    const worker = this.#some();
    if (worker === undefined) return;
    const steps = upTo(this.#random, 20) / 2;
    this.#say(`${worker.name} is killed ${steps} steps from now`);
    if (steps === 0) worker.process.kill();
    else worker.process.atStep(steps, 'kill');
  }

  async #startOrClose(): Promise<void> {
    if (this.#living.length < 2) return await this.#startWorker();
    const worker = this.#some();
    if (worker?.process.state !== 'runs') return;
    this.#say(`${worker.name} is closed`);
    // A worker may be killed or put to sleep while it ends.
    void worker.close().then(() => {
      this.#say(`${worker.name} has ended`);
      worker.process.kill();
    });
  }

  async #startWorker(): Promise<void> {
    const name = `w${++this.#begun}`;
    this.#say(`${name} is started`);
    const worker = await startSimulatedWorker({
      name,
      clock: this.#clock,
      database: this.#database,
      random: randomFrom(upTo(this.#random, 1_000_000)),
      worlds: new Map(this.#accounts.map(({ id, world }) => [id, world])),
      log: (text, detail) => this.#noted(text, detail),
    });
    this.#workers.push(worker);
  }

  get #living(): SimulatedWorker[] {
    return this.#workers.filter(({ process }) => process.state !== 'dead');
  }

  #some(): SimulatedWorker | undefined {
    const living = this.#living;
    return living[upTo(this.#random, Math.max(1, living.length))];
  }

  // --- what is seen ----------------------------------------------------------------------------------------------

  #noted(text: string, detail: Readonly<Record<string, unknown>>): void {
    const account = this.#accounts.find(({ id }) => id === detail['account']);
    this.#say(`${text} ${account?.name ?? ''} ${JSON.stringify(detail)}`);
    const [, notice = ''] = /^w\d+: (.*)$/s.exec(text) ?? [];
    account?.world.notices.push(`${String(detail['code'])} ${notice}`);
  }

  #say(text: string): void {
    this.log.push(`${(this.#clock.monotonic() / 1000).toFixed(3)} ${text}`);
  }

  /** Equal as long as nobody changes anything. */
  async #state(): Promise<string> {
    const parts = await Promise.all(
      this.#accounts.map(async ({ id, world }) => {
        const { phase } = await accountOf(this.#database.db, id);
        return `${phase} ${world.fresh.writes().length} ${await this.#database.hasIntents(id)}`;
      }),
    );
    return parts.join();
  }
}
