/** Workers over servers in memory and a clock that jumps, for what takes minutes on real ones. */
import type { RunnerTiming } from '../../src/fleet/runner-env.ts';
import { shardOf } from '../../src/domain/shard.ts';
import { type AccountNotes, notesOf } from '../../src/state/database/account-notes.ts';
import { accountOf, changePhase } from '../../src/state/database/accounts.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import type { FakeServerOptions } from '../fakes/fake-server.ts';
import { World } from '../interruption/world.ts';
import { fill } from '../interruption/scenarios-copy.ts';
import { judgeAccount } from './simulated-account.ts';
import { onPostgres } from './scenario-database.ts';
import { openSimulatedDatabase, type SimulatedDatabase } from './simulated-database.ts';
import { type SimulatedWorker, startSimulatedWorker } from './simulated-worker.ts';

export interface MemoryAccount {
  readonly id: string;
  readonly world: World;
  /** Mail comes on old, where the judge sees it. */
  deliver(mailbox: string, ...tags: string[]): void;
  notes(): Promise<AccountNotes>;
}

export interface MemoryFleet {
  readonly clock: FakeClock;
  readonly database: SimulatedDatabase;
  /** Adds one in the phase `copying`; before the worker is started. `unheard`: no worker is told of it. */
  add(sides?: {
    readonly old?: FakeServerOptions;
    readonly fresh?: FakeServerOptions;
    readonly unheard?: boolean;
  }): Promise<MemoryAccount>;
  /** Another worker. */
  start(): Promise<SimulatedWorker>;
  /** Resolves in simulated time when it has come true; throws after `withinMs` of it. */
  until(withinMs: number, found: () => boolean | Promise<boolean>): Promise<void>;
  inStep(account: MemoryAccount): Promise<void>;
  /** What the judge has against how these accounts, or all, stand now. Everything on old is expected on new, in its order. */
  judged(...accounts: readonly MemoryAccount[]): Promise<string[]>;
  close(): Promise<void>;
}

/** As a worker has them unless the configuration says otherwise. */
const timing: Omit<RunnerTiming, 'retryAfterMs'> = {
  pollMs: 30_000,
  distrustMs: 600_000,
  lookedMs: 600_000,
  restMs: 60_000,
};
const actor = 'test';

export async function makeMemoryFleet(): Promise<MemoryFleet> {
  const clock = new FakeClock({ mode: 'auto' });
  const database = await openSimulatedDatabase(clock);
  const worlds = new Map<string, World>();
  const workers: SimulatedWorker[] = [];
  const until: MemoryFleet['until'] = async (withinMs, found) => {
    const end = clock.monotonic() + withinMs;
    while (!(await found())) {
      if (clock.monotonic() > end) throw new Error(`it did not come true within ${withinMs} ms`);
      // Each look is a question that takes real time there.
      await clock.sleep(onPostgres ? Math.max(100, withinMs / 600) : 100);
    }
  };
  return {
    clock,
    database,
    until,
    add: async (sides) => {
      const n = worlds.size + 1;
      const world = World.create(sides, clock);
      const id = `01890000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`;
      const unheard = sides?.unheard === true;
      const phase = unheard ? 'copying' : 'old';
      const row = { id, old_login: `a${n}`, new_login: `a${n}`, phase, epoch: 0, shard: shardOf(id) };
      const address = `a${n}@example.org`;
      await database.db
        .insertInto('account')
        .values({ ...row, address, created_at_ms: clock.now() })
        .execute();
      if (!unheard) await changePhase(database.db, { accountId: id, event: 'start', actor });
      worlds.set(id, world);
      return {
        id,
        world,
        deliver: (mailbox, ...tags) => world.act(() => fill(world, mailbox, ...tags)),
        notes: () => notesOf(database.db, id),
      };
    },
    start: async () => {
      const name = `w${workers.length + 1}`;
      const options = { name, clock, database, random: () => 0.5, worlds, log: () => {}, timing };
      const worker = await startSimulatedWorker(options);
      workers.push(worker);
      return worker;
    },
    inStep: ({ id }) => until(60_000, async () => (await accountOf(database.db, id)).phase === 'in-step'),
    judged: async (...accounts) => {
      const chosen =
        accounts.length === 0 ? [...worlds] : accounts.map(({ id, world }) => [id, world] as const);
      const found: string[] = [];
      for (const [id, world] of chosen) {
        const script = { old: {}, fresh: {}, traits: [], rounds: [] };
        const violations = await judgeAccount(database, { id, world, script }, { anyOrder: false });
        found.push(...violations.map((one) => `${id}: ${one}`));
      }
      return found;
    },
    close: async () => {
      for (const { process } of workers) process.kill();
      await database.close();
    },
  };
}
