/** An account of a simulated fleet: its servers, its owner, what happened to them, and the judgement at the end. */
import { notesOf } from '../../src/state/database/account-notes.ts';
import { shardOf } from '../../src/domain/shard.ts';
import { DatabaseJournal } from '../../src/state/database/journal.ts';
import type { Database } from '../../src/state/database/open-database.ts';
import type { JournalContents } from '../../src/sync/journal.ts';
import type { FakeClock } from '../fakes/fake-clock.ts';
import { type Allowances, judge, type Refusal } from '../interruption/judge.ts';
import { allowances, notMirrored, perform } from '../interruption/random-play.ts';
import { type Random, randomScript, type Script, upTo } from '../interruption/random-script.ts';
import { World } from '../interruption/world.ts';

export interface SimulatedAccount {
  readonly id: string;
  readonly name: string;
  readonly world: World;
  script: Script;
  tags: number;
  retries: number;
  /** How often it was paused or resumed. */
  pauses: number;
}

/** In the phase `old`, with what a random script begins with; its id and all else come from `random`. */
export async function makeAccount(
  n: number,
  random: Random,
  clock: FakeClock,
  { db }: Database,
): Promise<SimulatedAccount> {
  const script = randomScript(upTo(random, 1_000_000));
  const world = World.create(script, clock);
  for (const { side, rule } of script.traits) world[side].misbehave(rule);
  const hex = upTo(random, 0x100).toString(16).padStart(2, '0');
  const id = `01890000-0000-7000-8000-0000000${n}00${hex}`;
  const name = `a${n}`;
  await db
    .insertInto('account')
    .values({
      id,
      address: `${name}@example.org`,
      old_login: name,
      new_login: name,
      phase: 'old',
      epoch: 0,
      shard: shardOf(id),
      created_at_ms: clock.now(),
    })
    .execute();
  const account: SimulatedAccount = { id, name, world, script, tags: 0, retries: 0, pauses: 0 };
  for (const act of script.rounds[0]?.acts ?? [])
    world.act(() => perform(world, act, () => `m${++account.tags}`));
  return account;
}

/** As the database holds it now. */
export async function journalOf(database: Database, id: string): Promise<JournalContents> {
  return await new DatabaseJournal(database, id, null).load();
}

/** Places change with renames; what lies there came by the former ones. */
export async function rememberPlaces(
  database: Database,
  { id, world }: Pick<SimulatedAccount, 'id' | 'world'>,
): Promise<void> {
  const { mailboxes } = await journalOf(database, id);
  for (const row of mailboxes) world.formerly.push([row.oldName, row.newName]);
}

/** `more`: beyond what the account's own script excuses. */
export async function judgeAccount(
  database: Database,
  account: Pick<SimulatedAccount, 'id' | 'world' | 'script'>,
  more: Allowances = {},
): Promise<string[]> {
  const { id, world, script } = account;
  await rememberPlaces(database, account);
  const contents = await journalOf(database, id);
  const nameOf = new Map(contents.mailboxes.map((row) => [row.id, row.oldName]));
  const refused: Refusal[] = contents.refused.map((r) => ({
    ...r,
    oldName: nameOf.get(r.mailboxId) ?? '?',
  }));
  const mapping = new Map(contents.mailboxes.map((row) => [row.oldName, row.newName]));
  const leftOut = contents.mailboxes
    .filter((row) => row.place === 'removed-on-new')
    .map((row) => row.oldName);
  const allow = { ...allowances(script, world), leftOut, ...more };
  const { old, fresh, truth, oldExpected, formerly } = world;
  const violations = judge({ old, fresh, truth, mapping, formerly, refused, oldExpected, allow });
  const { attention } = await notesOf(database.db, id);
  if (attention?.code !== 'deletions-stopped')
    violations.push(...notMirrored(world, script, mapping, refused));
  return violations;
}
