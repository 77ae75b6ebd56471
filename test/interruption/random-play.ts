/** Plays a random script and judges its end; shortens one that fails. */
import { differentEnd, endState, notIdle } from './compare-ends.ts';
import { type Allowances, judge, type Refusal } from './judge.ts';
import { letter, tagOf } from './letters.ts';
import type { Act, Round, Script } from './random-script.ts';
import { codeOf, crashed, run, testOptions } from './run.ts';
import { digestOf, type OpenJournal, World } from './world.ts';

const oldNames = ['INBOX', 'Liste', 'Archiv', 'Reisen', 'Kunden'];
const flags = ['\\Seen', '\\Flagged', '\\Answered', '$Label', 'Work'];
/** After the faults have stopped, the end must be reached within so many runs (I8). */
const maxLastRuns = 3;

/** Violations; empty where all is well. */
export async function play(script: Script, openJournal: OpenJournal | null = null): Promise<string[]> {
  const world = World.create(script);
  world.openJournal = openJournal;
  const traits = script.traits.map(({ side, rule }) => ({ side, id: world[side].state.nextRuleId, rule }));
  for (const { side, rule } of traits) world[side].misbehave(rule);
  let tag = 0;
  const nextTag = () => `m${++tag}`;
  for (const [i, round] of script.rounds.entries()) {
    for (const act of round.acts) {
      // What a person takes away before its outcome is known looks as if it had never arrived, and is sent again; what
      // a person marks while our own change of its flags is unknown looks as if ours had not been made yet.
      const takes = act.side === 'fresh' && ['expunge', 'move', 'flag'].includes(act.deed);
      // Nobody can know that a mailbox is a renamed one when the ledger that knew it is lost.
      if (act.side === 'fresh' && act.deed === 'rename' && has(script, 'lose-ledger')) continue;
      if (takes && world.journal.snapshot().intents.size > 0) continue;
      world.act(() => perform(world, act, nextTag));
    }
    const placed = round.faults.map(({ side, rule }) => world[side].misbehave(rule));
    try {
      if (round.crash === null) await run(world);
      else await crashed(world, { crash: round.crash });
    } catch (error) {
      // Faults may end a run, but only in a way that says that it can be repeated.
      if (!mayBeRepeated(codeOf(error))) return [`run ${i + 1} ended with ${show(error)}`];
    }
    for (const rule of placed) rule.stop();
    world.rememberPlaces();
  }
  return await lastRuns(world, script);
}

function mayBeRepeated(code: string): boolean {
  return [
    'connection-lost',
    'throttled',
    'server-unavailable',
    'too-many-connections',
    'protocol-violation',
  ].includes(code);
}

function show(error: unknown): string {
  return error instanceof Error ? `${codeOf(error)} ${error.stack}` : String(error);
}

async function lastRuns(world: World, script: Script): Promise<string[]> {
  let stopped: string | null = null;
  for (let i = 1; i <= maxLastRuns; i++) {
    try {
      stopped = (await run(world)).deletionsStopped;
    } catch (error) {
      return [`the world is quiet, but run ${i} ended with ${show(error)}`];
    }
  }
  const settled = endState(world.fresh);
  const logged = world.fresh.log.length;
  await run(world);
  const violations = [
    ...notIdle(world.fresh.log.slice(logged)).filter((v) => !isRetry(script, v)),
    ...differentEnd(settled, endState(world.fresh)).map((v) => v.replace('I7', 'I6')),
  ];
  const contents = await world.load();
  const nameOf = new Map(contents.mailboxes.map((row) => [row.id, row.oldName]));
  const refused: Refusal[] = contents.refused.map((r) => ({ ...r, oldName: nameOf.get(r.mailboxId) ?? '?' }));
  const { old, fresh, truth, oldExpected } = world;
  const mapping = new Map(contents.mailboxes.map((row) => [row.oldName, row.newName]));
  const leftOut = contents.mailboxes
    .filter((row) => row.place === 'removed-on-new')
    .map((row) => row.oldName);
  const allow = { ...allowances(script, world), leftOut };
  violations.push(
    ...judge({ old, fresh, truth, mapping, formerly: world.formerly, refused, oldExpected, allow }),
  );
  if (contents.intents.length > 0) violations.push('an intent was left open');
  if (stopped === null) violations.push(...notMirrored(world, script, mapping, refused));
  return violations;
}

/** What new cannot store is tried again where its limit is not known. */
function isRetry(script: Script, violation: string): boolean {
  return violation.startsWith('I6 APPEND') && script.traits.some((t) => t.rule.kind === 'refuse-large');
}

function has(script: Script, ...deeds: readonly Act['deed'][]): boolean {
  return script.rounds.some((r) => r.acts.some((a) => deeds.includes(a.deed)));
}

export function allowances(script: Script, { notices }: World): Allowances {
  const kinds = new Set(script.traits.map((t) => t.rule.kind));
  const rebuilt = has(script, 'uidvalidity', 'lose-ledger');
  return {
    anyOrder: true,
    mayComeBack: rebuilt,
    flagsMayDiffer: rebuilt,
    datesOfGoneTwins: rebuilt || notices.some((n) => n.startsWith('outcome-unknown')),
    namelessCodes: ['message-unreadable'],
    ...(kinds.has('keyword-limit') ? { keywordsLost: 'all' as const } : {}),
    ...(kinds.has('adds-header')
      ? { storedAs: (body: Uint8Array) => Buffer.concat([Buffer.from('X-Scanned: yes\r\n'), body]) }
      : {}),
  };
}

/** I8: where people on new did nothing to a message, new ends as old is, deletions included. */
export function notMirrored(
  world: World,
  script: Script,
  mapping: ReadonlyMap<string, string>,
  refused: readonly Refusal[],
): string[] {
  const simple =
    script.fresh.abilities?.uidPlus !== false &&
    !has(script, 'uidvalidity', 'lose-ledger', 'delete', 'rename');
  const altered = script.traits.some((t) => t.rule.kind === 'adds-header');
  if (!simple || altered) return [];
  const theirs = new Set(world.truth.touched.map((t) => t.digest));
  for (const tally of [world.truth.putOnNew, world.truth.takenFromNew])
    for (const row of tally.values()) for (const digest of row.keys()) theirs.add(digest);
  const violations: string[] = [];
  const oldNameOf = new Map([...mapping].map(([oldName, newName]) => [newName, oldName]));
  for (const name of world.fresh.names()) {
    const source = world.old.find(oldNameOf.get(name) ?? '');
    if (source === undefined) continue;
    const there = new Map<string, number>();
    for (const m of source.messages) there.set(digestOf(m.body), (there.get(digestOf(m.body)) ?? 0) + 1);
    for (const r of refused) {
      if (r.oldName !== source.name) continue;
      const body = source.message(r.oldUid)?.body;
      if (body !== undefined) there.set(digestOf(body), (there.get(digestOf(body)) ?? 0) - 1);
    }
    const here = new Map<string, number>();
    const bodies = new Map<string, Uint8Array>();
    for (const m of world.fresh.mailbox(name).messages) {
      const digest = digestOf(m.body);
      bodies.set(digest, m.body);
      here.set(digest, (here.get(digest) ?? 0) + 1);
    }
    for (const [digest, n] of here) {
      const wanted = there.get(digest) ?? 0;
      // A streamed message that went on old before its outcome was known can be compared with nothing any more.
      const streamed = (bodies.get(digest)?.length ?? 0) > testOptions.tuning.streamAboveBytes;
      const excess = streamed ? n - told(world, name, digest) : n;
      if (theirs.has(digest) || n === wanted || excess === wanted) continue;
      violations.push(
        `I8 ${tagOf(bodies.get(digest) ?? new Uint8Array())} is ${n} times in ${name}, ${wanted} on old`,
      );
    }
  }
  return violations;
}

/** Copies of which people were told that nobody knows whether they are wanted. */
function told({ fresh, notices }: World, name: string, digest: string): number {
  const copies = fresh.mailbox(name).messages.filter((m) => digestOf(m.body) === digest);
  return copies.filter(({ uid }) =>
    notices.some(
      (n) => n.startsWith('outcome-unknown ') && n.includes(` ${name} on new has it as UID ${uid}`),
    ),
  ).length;
}

export function perform(world: World, { side, deed, a, b, c }: Act, nextTag: () => string): void {
  const server = world[side];
  const { user } = server;
  const names = server.names();
  const some = <T>(items: readonly T[], n: number): T | undefined => items[n % Math.max(1, items.length)];
  const name = some(names, a) ?? 'INBOX';
  const box = server.mailbox(name);
  const uid = some(box.messages, b)?.uid;
  const internalDate = `0${(c % 9) + 1}-Mar-2020 10:11:12 +0100`;
  switch (deed) {
    case 'append':
      user.append(some([...new Set([...oldNames.slice(0, 3), ...names])], a) ?? 'INBOX', letter(nextTag()), {
        flags: flags.filter((_, i) => (c >> i) % 3 === 1),
        internalDate,
      });
      break;
    case 'append-big':
      user.append(name, letter(nextTag(), { sizeBytes: 1000 + (c % 3) * 1200 }), { internalDate });
      break;
    case 'append-twin': {
      const twin = some(box.messages, b);
      const ofDate = c % 2 === 0 ? internalDate : twin?.internalDate;
      if (twin !== undefined && side === 'old')
        user.append(name, twin.body, ofDate === undefined ? {} : { internalDate: ofDate });
      break;
    }
    case 'expunge':
      if (uid !== undefined) user.expunge(name, uid);
      break;
    case 'flag':
      if (uid !== undefined) user.flag(name, uid, c % 2 === 0 ? '+' : '-', some(flags, c) ?? '\\Seen');
      break;
    case 'move': {
      const to = some(names, c);
      if (uid !== undefined && to !== undefined && to !== name) user.move(name, [uid], to);
      break;
    }
    case 'create': {
      const fresh = side === 'old' ? some(oldNames, b) : `Eigen${b % 3}`;
      if (fresh !== undefined && !names.includes(fresh)) user.create(fresh);
      break;
    }
    case 'rename':
      if (name !== 'INBOX' && !names.includes(`Neu${b % 4}`)) user.rename(name, `Neu${b % 4}`);
      break;
    case 'delete':
      if (name !== 'INBOX') user.delete(name);
      break;
    case 'uidvalidity':
      user.changeUidValidity(name);
      break;
    case 'lose-ledger':
      // What was under way when the ledger went is done by then: that an upload whose record is lost too still comes
      // after the next run has listed new, nobody can know.
      world.fresh.settleLateCommits(true);
      world.loseLedger();
      break;
  }
}

/** Takes out one part after the other as long as it still fails. */
export async function shorten(script: Script): Promise<Script> {
  let best = script;
  for (let again = true; again; ) {
    again = false;
    for (const smaller of smallerThan(best)) {
      if ((await play(smaller)).length === 0) continue;
      best = smaller;
      again = true;
      break;
    }
  }
  return best;
}

function* smallerThan(script: Script): Generator<Script> {
  const without = <T>(items: readonly T[], i: number) => items.filter((_, k) => k !== i);
  const withRound = (i: number, round: Round) => ({
    ...script,
    rounds: script.rounds.map((r, k) => (k === i ? round : r)),
  });
  for (const i of script.rounds.keys()) yield { ...script, rounds: without(script.rounds, i) };
  for (const i of script.traits.keys()) yield { ...script, traits: without(script.traits, i) };
  for (const [i, round] of script.rounds.entries()) {
    if (round.crash !== null) yield withRound(i, { ...round, crash: null });
    for (const k of round.faults.keys()) yield withRound(i, { ...round, faults: without(round.faults, k) });
    for (const k of round.acts.keys()) yield withRound(i, { ...round, acts: without(round.acts, k) });
  }
  for (const side of ['old', 'fresh'] as const) {
    const { abilities = {} } = script[side];
    for (const key of Object.keys(abilities)) {
      const { [key as keyof typeof abilities]: _, ...rest } = abilities;
      yield { ...script, [side]: { ...script[side], abilities: rest } };
    }
  }
}
