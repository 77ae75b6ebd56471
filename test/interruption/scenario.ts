/**
 * Plays one scenario uninterrupted, then once for every place where it can be interrupted, and judges each end:
 *
 *   crash before and after each step of the journal -> run again to the end -> run once more (must be idle)
 *   connection cut before and after each command on either side, and in every upload and download
 */
import type { CopyResult } from '../../src/sync/index.ts';
import type { EngineOptions } from '../../src/sync/engine-options.ts';
import type { FakeServerOptions } from '../fakes/fake-server.ts';
import type { Misbehaviour } from '../fakes/misbehaviour.ts';
import { differentEnd, type EndState, endState, notIdle } from './compare-ends.ts';
import { type Allowances, judge, type Refusal } from './judge.ts';
import { type Crash, codeOf, Crashed, run } from './run.ts';
import { tagOf } from './letters.ts';
import { type OpenJournal, World } from './world.ts';

export interface Scenario {
  readonly title: string;
  readonly old?: FakeServerOptions;
  readonly fresh?: FakeServerOptions;
  readonly options?: Partial<EngineOptions>;
  readonly setUp: (world: World) => void;
  /** Each happens after a complete run; the run that is interrupted comes after the last. */
  readonly later?: readonly ((world: World) => void)[];
  /** Messages on new at the end, by tag in UID order; mailboxes left out are not looked at. */
  readonly ends?: Readonly<Record<string, string>>;
  /** Codes of the refused messages at the end, by tag; 'a|b' where either will do. */
  readonly refused?: Readonly<Record<string, string>>;
  /** Looks at the end of each run to the end. */
  readonly expect?: (world: World, result: CopyResult) => string[];
  readonly allow?: Allowances;
  /** Refused messages are tried again in each run: that is no effect as long as nothing changes. */
  readonly retries?: boolean;
  /** A fault that happens once may be met by another message after an interruption: only the judge decides then. */
  readonly unrepeatable?: boolean;
  /** Cuts of the network are left out: with them the outcome may rightly differ. */
  readonly noCuts?: boolean;
  /** The run must end with this error, and change nothing. */
  readonly fails?: string;
  readonly identity?: { readonly host: string; readonly user: string };
}

export interface Report {
  violations: string[];
  steps: number;
  runs: number;
  /** Interruptions that had no place: a database that answers late has two writes become one. */
  missed: number;
  /** How often each kind of cut came about. */
  readonly occasions: Map<string, number>;
}

interface Ending {
  readonly result: CopyResult;
  readonly state: EndState;
}

export interface Play {
  /** Where runs keep their journal, if not in memory. */
  readonly openJournal?: OpenJournal;
  /** Asked for each place of an interruption; all of them when left out. */
  readonly chosen?: () => boolean;
}

export async function runScenario(scenario: Scenario, play: Play = {}): Promise<Report> {
  const report: Report = { violations: [], steps: 0, runs: 0, missed: 0, occasions: new Map() };
  const start = World.create(scenario);
  start.openJournal = play.openJournal ?? null;
  start.act(scenario.setUp);
  for (const deed of scenario.later ?? []) {
    await playTo(scenario, start);
    report.runs++;
    start.act(deed);
  }
  const reference = await whole(scenario, start, report);
  if (reference === null || report.violations.length > 0) return report;
  if (report.steps === 0) report.violations.push('no step of the journal to be interrupted at');
  for (let step = 1; step <= report.steps; step++) {
    for (const when of ['before', 'after'] as const) {
      if (play.chosen?.() === false) continue;
      await interrupted(scenario, start, reference, report, { step, when });
      if (report.violations.length > 0) return report;
    }
  }
  if (scenario.noCuts !== true) await cuts(scenario, start, reference, report, play);
  return report;
}

function playTo(scenario: Scenario, world: World, crash?: Crash): Promise<CopyResult> {
  const { options, identity } = scenario;
  return run(world, {
    ...(options === undefined ? {} : { options }),
    ...(identity === undefined ? {} : { identity }),
    ...(crash === undefined ? {} : { crash }),
  });
}

async function whole(scenario: Scenario, start: World, report: Report): Promise<EndState | null> {
  const world = start.clone();
  const before = world.journal.steps;
  let result: CopyResult;
  try {
    report.runs++;
    result = await playTo(scenario, world);
  } catch (error) {
    const code = codeOf(error);
    if (code !== scenario.fails)
      report.violations.push(`uninterrupted: ended with ${code}: ${stackOf(error)}`);
    else report.violations.push(...differentEnd(endState(start.fresh), endState(world.fresh)));
    return null;
  }
  if (scenario.fails !== undefined) report.violations.push(`ended well instead of with ${scenario.fails}`);
  report.steps = world.journal.steps - before;
  const found = await verdict(scenario, world, { result, state: endState(world.fresh) }, null);
  report.violations.push(...found.map((v) => `uninterrupted: ${v}`));
  return endState(world.fresh);
}

async function interrupted(
  scenario: Scenario,
  start: World,
  reference: EndState,
  report: Report,
  crash: Crash,
): Promise<void> {
  const world = start.clone();
  const at = `crash ${crash.when} step ${crash.step}`;
  try {
    report.runs += 2;
    const crashed = await playTo(scenario, world, crash).then(
      () => false,
      (error: unknown) => {
        if (!(error instanceof Crashed)) throw error;
        return true;
      },
    );
    if (!crashed && world.openJournal === null) report.violations.push(`${at}: the run ended without it`);
    if (!crashed) report.missed++;
    const result = await playTo(scenario, world);
    const found = await verdict(scenario, world, { result, state: endState(world.fresh) }, reference);
    report.violations.push(
      ...found.map((v) => `${at} (${world.journal.entries.slice(0, crash.step).at(-1)}): ${v}`),
    );
  } catch (error) {
    report.violations.push(`${at}: ended with ${codeOf(error)}: ${stackOf(error)}`);
  }
}

interface CutKind {
  readonly side: 'old' | 'fresh';
  readonly rule: Misbehaviour;
}

const cutKinds: readonly CutKind[] = [
  { side: 'fresh', rule: { kind: 'cut-before-store' } },
  { side: 'fresh', rule: { kind: 'cut-before-store', afterBytes: 50 } },
  { side: 'fresh', rule: { kind: 'cut-after-store' } },
  // After the first look, which follows the pause before a new connection, and within the grace.
  { side: 'fresh', rule: { kind: 'late-commit', afterMs: 4000 } },
  { side: 'old', rule: { kind: 'cut-in-fetch', afterBytes: 40 } },
  { side: 'fresh', rule: { kind: 'cut', where: 'before' } },
  { side: 'fresh', rule: { kind: 'cut', where: 'after' } },
  { side: 'old', rule: { kind: 'cut', where: 'before' } },
  { side: 'old', rule: { kind: 'cut', where: 'after' } },
];

/** Where only some places are chosen: later occasions are rare. */
const sampledOccasions = 20;

const nameOfCut = ({ side, rule }: CutKind): string => `${JSON.stringify(rule)} on ${side}`;

/** The kinds of cut that came about in none of these reports. */
export function cutsThatNeverCame(reports: readonly Report[]): string[] {
  return cutKinds.map(nameOfCut).filter((name) => !reports.some((r) => (r.occasions.get(name) ?? 0) > 0));
}

/**
 * Each kind of cut at its first occasion, its second, and so on until it has no occasion any more; where only some
 * are chosen, at those.
 */
async function cuts(
  scenario: Scenario,
  start: World,
  reference: EndState,
  report: Report,
  play: Play,
): Promise<void> {
  const occasions = play.chosen === undefined ? Number.POSITIVE_INFINITY : sampledOccasions;
  for (const kind of cutKinds) {
    const { side, rule } = kind;
    const name = nameOfCut(kind);
    for (let skip = 0; skip < occasions; skip++) {
      if (play.chosen?.() === false) continue;
      const world = start.clone();
      const id = world[side].state.nextRuleId;
      const placed = world[side].misbehave({ ...rule, skip });
      const at = `${name}, occasion ${skip + 1}`;
      try {
        report.runs++;
        const result = await playTo(scenario, world);
        const happened = world[side].state.rules.find((r) => r.id === id)?.timesLeft === 0;
        placed.stop();
        if (!happened) break;
        report.occasions.set(name, skip + 1);
        const found = await verdict(scenario, world, { result, state: endState(world.fresh) }, reference);
        report.violations.push(...found.map((v) => `${at}: ${v}`));
      } catch (error) {
        report.violations.push(`${at}: ended with ${codeOf(error)}: ${stackOf(error)}`);
      }
      if (report.violations.length > 0) return;
    }
  }
}

async function verdict(
  scenario: Scenario,
  world: World,
  ending: Ending,
  reference: EndState | null,
): Promise<string[]> {
  const violations: string[] = [];
  const look = async () => {
    const contents = await world.load();
    const mapping = new Map(contents.mailboxes.map((row) => [row.oldName, row.newName]));
    const nameOf = new Map(contents.mailboxes.map((row) => [row.id, row.oldName]));
    const refused: Refusal[] = contents.refused.map((r) => ({
      ...r,
      oldName: nameOf.get(r.mailboxId) ?? '?',
    }));
    violations.push(
      ...judge({
        old: world.old,
        fresh: world.fresh,
        truth: world.truth,
        mapping,
        refused,
        oldExpected: scenario.allow?.oldChanges ? world.old.picture() : world.oldExpected,
        ...(scenario.allow === undefined ? {} : { allow: scenario.allow }),
      }),
    );
    if (exact) violations.push(...refusalsAsExpected(scenario, world, refused));
    return contents.intents.length;
  };
  const exact = reference === null || scenario.unrepeatable !== true;
  // What was sent and may still appear has appeared by now: a twin that comes after the end is one too.
  await world.clock.advance(60_000);
  world.fresh.settleLateCommits(true);
  await look();
  if (exact) {
    if (reference !== null) violations.push(...differentEnd(reference, ending.state, scenario.allow));
    violations.push(...(scenario.expect?.(world, ending.result) ?? []));
    violations.push(...endsAsExpected(scenario, world));
  }
  const logged = world.fresh.log.length;
  try {
    await playTo(scenario, world);
  } catch (error) {
    violations.push(`the run after the last ended with ${codeOf(error)}`);
  }
  if (scenario.retries !== true) violations.push(...notIdle(world.fresh.log.slice(logged)));
  violations.push(...differentEnd(ending.state, endState(world.fresh)).map((v) => v.replace('I7', 'I6')));
  if (violations.length === 0 && (await look()) > 0) violations.push('an intent was left open');
  return violations;
}

function refusalsAsExpected(scenario: Scenario, world: World, refused: readonly Refusal[]): string[] {
  const found: Record<string, string> = {};
  for (const r of refused) {
    const message = world.old.find(r.oldName)?.message(r.oldUid);
    found[message === undefined ? `${r.oldName} ${r.oldUid}` : tagOf(message.body)] = r.code;
  }
  const wanted = scenario.refused ?? {};
  const same =
    Object.keys(found).length === Object.keys(wanted).length &&
    Object.entries(found).every(([tag, code]) => wanted[tag]?.split('|').includes(code));
  return same ? [] : [`refused: ${JSON.stringify(found)} instead of ${JSON.stringify(wanted)}`];
}

function endsAsExpected(scenario: Scenario, world: World): string[] {
  const violations: string[] = [];
  for (const [name, tags] of Object.entries(scenario.ends ?? {})) {
    const box = world.fresh.find(name);
    const found = box === undefined ? '(no mailbox)' : box.messages.map((m) => tagOf(m.body)).join(' ');
    if (found !== tags) violations.push(`${name} holds "${found}" instead of "${tags}"`);
  }
  return violations;
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const where = error.stack?.split('\n').slice(1, 5).join(' ') ?? '';
  return `${error.message} ${where}`;
}
