/**
 * Judges a world after the engine has been at it, by the servers' state alone: own digests, own counting, nothing of
 * src/sync. The journal is believed in one thing only, the list of refused messages, because that list is the promise.
 *
 *   I1 no loss   I2 no twin   I3 hands off   I4 bytes, flags, dates   I5 old untouched   I9 refusals are named
 *
 * I6 (idle) and I7 (same end) compare two states: compare-ends.ts.
 */
import { errorTable } from '../../src/base/errors.ts';
import type { FakeMessage } from '../fakes/fake-mailbox.ts';
import type { FakeServer } from '../fakes/fake-server.ts';
import { fieldOf, tagOf } from './letters.ts';
import { bodyOf, count, datedKey, digestOf, type Truth } from './world.ts';

export interface Refusal {
  readonly oldName: string;
  readonly oldUid: number;
  readonly code: string;
  readonly reason: string;
  readonly date: string | null;
  readonly subject: string | null;
}

export interface Allowances {
  /** The new side cannot keep these keywords ('all': any). */
  readonly keywordsLost?: 'all' | readonly string[];
  /** The dates of some messages mean nothing on old, or new refuses them. */
  readonly datesMayDiffer?: boolean;
  /** A copy may have the date of a twin that is gone on old: what it once was to us has been forgotten. */
  readonly datesOfGoneTwins?: boolean;
  /** What the new side makes of a body on saving: its digest is compared with the stored one too. */
  readonly storedAs?: (body: Uint8Array) => Uint8Array;
  /** UIDs of ours on new do not have to rise as the old ones do. */
  readonly anyOrder?: boolean;
  /** Refused messages of these codes need no subject: the old side does not even tell the header. */
  readonly namelessCodes?: readonly string[];
  /** Copies that a person removed may come back (their mailbox was rebuilt at the same time). */
  readonly mayComeBack?: boolean;
  /** Mailboxes on old whose mail need not be on new, with the reason reported: parked, unusable. */
  readonly leftOut?: readonly string[];
  /** Messages of these dates on old need not be on new. */
  readonly datesLeftOut?: (internalDate: string | null) => boolean;
  /** The old server itself loses messages or sets flags as we read. */
  readonly oldChanges?: boolean;
  /** A user's mark that old also gained or lost may go either way. */
  readonly flagsMayDiffer?: boolean;
}

export interface Evidence {
  readonly old: FakeServer;
  readonly fresh: FakeServer;
  readonly truth: Truth;
  /** Old name to new name, of mailboxes that have or had a place on new. */
  readonly mapping: ReadonlyMap<string, string>;
  /** Places that mailboxes had before. */
  readonly formerly?: readonly (readonly [oldName: string, newName: string])[];
  readonly refused: readonly Refusal[];
  /** What the old side looked like before the engine began, with what people did since. */
  readonly oldExpected: unknown;
  readonly allow?: Allowances;
}

const readingOps = new Set([
  'LOGIN',
  'LIST',
  'STATUS',
  'EXAMINE',
  'FETCH',
  'FETCH BODY',
  'FETCH HEADER',
  'FETCH CHANGES',
  'SEARCH',
  'NOOP',
  'NOTIFY',
  'IDLE',
  'GETQUOTA',
  'LOGOUT',
]);

export function judge(evidence: Evidence): string[] {
  return [
    ...noLossNoTwin(evidence),
    ...handsOff(evidence),
    ...flagsAndDates(evidence),
    ...ascending(evidence),
    ...oldUntouched(evidence),
    ...refusalsNamed(evidence),
  ];
}

function keyOnNew(evidence: Evidence, body: Uint8Array): string {
  const { storedAs } = evidence.allow ?? {};
  return storedAs === undefined ? digestOf(body) : digestOf(Buffer.from(storedAs(body)));
}

function messagesOf(server: FakeServer): Map<string, FakeMessage[]> {
  return new Map(server.names().map((name) => [name, [...server.mailbox(name).messages]]));
}

function group<T>(items: Iterable<T>, keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const list = groups.get(key);
    if (list === undefined) groups.set(key, [item]);
    else list.push(item);
  }
  return groups;
}

/** By new mailbox: what of old belongs there. */
function expected(evidence: Evidence): Map<string, { name: string; message: FakeMessage }[]> {
  const wanted = new Map<string, { name: string; message: FakeMessage }[]>();
  for (const [name, messages] of messagesOf(evidence.old)) {
    if (!evidence.old.mailbox(name).selectable || evidence.allow?.leftOut?.includes(name)) continue;
    const target = evidence.mapping.get(name) ?? `(nowhere: ${name})`;
    const list = wanted.get(target) ?? [];
    for (const message of messages)
      if (!evidence.allow?.datesLeftOut?.(message.internalDate)) list.push({ name, message });
    wanted.set(target, list);
  }
  return wanted;
}

function noLossNoTwin(evidence: Evidence): string[] {
  const violations: string[] = [];
  const { truth, fresh, allow = {} } = evidence;
  const refused = new Set(evidence.refused.map((r) => `${r.oldName}\n${r.oldUid}`));
  const taken = new Map<string, number>();
  for (const row of truth.takenFromNew.values())
    for (const [digest, n] of row) taken.set(digest, (taken.get(digest) ?? 0) + n);
  const onNew = messagesOf(fresh);

  for (const [target, list] of expected(evidence)) {
    const there = group(onNew.get(target) ?? [], (m) => digestOf(m.body));
    for (const [digest, copies] of group(list, ({ message }) => keyOnNew(evidence, message.body))) {
      const listed = copies.filter(({ name, message }) => refused.has(`${name}\n${message.uid}`)).length;
      const missing = copies.length - listed - (there.get(digest)?.length ?? 0);
      const first = copies[0];
      if (missing <= 0 || first === undefined) continue;
      const away = taken.get(digestOf(first.message.body)) ?? taken.get(digest) ?? 0;
      if (missing > away)
        violations.push(
          `I1 lost: ${tagOf(first.message.body)} of ${first.name} is not in ${target} (${missing} missing)`,
        );
    }
  }

  const sources = group([...evidence.mapping, ...(evidence.formerly ?? [])], ([, newName]) => newName);
  for (const [name, messages] of onNew) {
    const box = fresh.mailbox(name);
    const names = [name, ...(truth.newNames.get(box.mailboxId) ?? [])];
    const oldNames = new Set(names.flatMap((one) => sources.get(one) ?? []).map(([oldName]) => oldName));
    const olds = [...truth.oldNames].filter(([, given]) => [...given].some((one) => oldNames.has(one)));
    for (const [digest, copies] of group(messages, (m) => digestOf(m.body))) {
      let cap = count(truth.putOnNew, box.mailboxId, digest);
      for (const [id] of olds) cap += everOf(evidence, id, digest);
      if (!allow.mayComeBack) cap -= count(truth.takenFromNew, box.mailboxId, digest);
      const body = copies[0]?.body;
      if (copies.length > cap && body !== undefined)
        violations.push(`I2 twin: ${tagOf(body)} is in ${name} ${copies.length} times, ${cap} at most`);
    }
  }
  return violations;
}

function everOf(evidence: Evidence, mailboxId: string, digest: string): number {
  const { truth, allow = {} } = evidence;
  if (allow.storedAs === undefined) return count(truth.everOnOld, mailboxId, digest);
  let sum = 0;
  for (const [original, n] of truth.everOnOld.get(mailboxId) ?? []) {
    if (keyOnNew(evidence, bodyOf(original)) === digest) sum += n;
  }
  return sum;
}

/** What people put on new is there, and what they did to flags still holds. */
function handsOff(evidence: Evidence): string[] {
  const violations: string[] = [];
  const { truth, fresh } = evidence;
  const total = new Map<string, number>();
  for (const messages of messagesOf(fresh).values())
    for (const m of messages) total.set(digestOf(m.body), (total.get(digestOf(m.body)) ?? 0) + 1);
  const put = new Map<string, number>();
  const away = new Map<string, number>();
  for (const row of truth.putOnNew.values()) for (const [d, n] of row) put.set(d, (put.get(d) ?? 0) + n);
  for (const row of truth.takenFromNew.values())
    for (const [d, n] of row) away.set(d, (away.get(d) ?? 0) + n);
  for (const [digest, n] of put) {
    if ((total.get(digest) ?? 0) < n - (away.get(digest) ?? 0))
      violations.push(`I3 foreign message gone: ${digest.slice(0, 8)}, ${total.get(digest) ?? 0} of ${n}`);
  }
  const boxes = new Map(fresh.names().map((name) => [fresh.mailbox(name).mailboxId, fresh.mailbox(name)]));
  for (const t of truth.touched) {
    const here = boxes.get(t.mailboxId)?.message(t.uid);
    const itself = here !== undefined && digestOf(here.body) === t.digest;
    // Moved along on new by us: then the only one of its bytes, unless a person took one of them.
    const elsewhere = away.has(t.digest) ? undefined : onlyOne(fresh, t.digest);
    const message = itself ? here : elsewhere;
    if (message === undefined) {
      if (t.bits.size > 0 && (total.get(t.digest) ?? 0) === 0 && !away.has(t.digest))
        violations.push(`I3 a message that a person marked is gone: ${t.digest.slice(0, 8)}`);
      continue;
    }
    const has = new Set(message.flags.map((f) => f.toLowerCase()));
    for (const [flag, op] of t.bits) {
      if (evidence.allow?.flagsMayDiffer || (op === '+') === has.has(flag)) continue;
      violations.push(`I3 a person's ${op}${flag} on ${tagOf(message.body)} was undone`);
    }
  }
  return violations;
}

function onlyOne(server: FakeServer, digest: string): FakeMessage | undefined {
  const all = [...messagesOf(server).values()].flat().filter((m) => digestOf(m.body) === digest);
  return all.length === 1 ? all[0] : undefined;
}

/** Flags and INTERNALDATE of every digest that people on new left alone, as multisets. */
function flagsAndDates(evidence: Evidence): string[] {
  const violations: string[] = [];
  const { truth, fresh, allow = {} } = evidence;
  const touched = new Set(truth.touched.map((t) => t.digest));
  for (const tally of [truth.putOnNew, truth.takenFromNew])
    for (const row of tally.values()) for (const digest of row.keys()) touched.add(digest);
  const onNew = messagesOf(fresh);
  const refused = new Set(evidence.refused.map((r) => `${r.oldName}\n${r.oldUid}`));
  for (const [target, wanted] of expected(evidence)) {
    const list = wanted.filter(({ name, message }) => !refused.has(`${name}\n${message.uid}`));
    const there = group(onNew.get(target) ?? [], (m) => digestOf(m.body));
    for (const [digest, copies] of group(list, ({ message }) => keyOnNew(evidence, message.body))) {
      const found = there.get(digest) ?? [];
      if (found.length !== copies.length || touched.has(digest)) continue;
      const ofGone = allow.datesOfGoneTwins && copies.some(({ message }) => wereOnOld(truth, message, found));
      const lenient = ofGone ? { ...allow, datesMayDiffer: true } : allow;
      const theirs = copies.map(({ message }) => describe(message, lenient)).sort();
      const ours = found.map((m) => describe(m, lenient)).sort();
      for (const [i, text] of theirs.entries()) {
        const body = copies[0]?.message.body;
        if (text !== ours[i] && body !== undefined)
          violations.push(`I4 ${tagOf(body)} in ${target} is ${ours[i]}, on old ${text}`);
      }
    }
  }
  return violations;
}

/** Whether each copy of these bytes has the date of a message of its own, though perhaps of one that is gone. */
function wereOnOld(truth: Truth, { body }: FakeMessage, found: readonly FakeMessage[]): boolean {
  const copies = group(found, (m) => datedKey(digestOf(body), m.internalDate));
  return [...copies].every(([key, same]) => {
    let ever = 0;
    for (const row of truth.datedOnOld.values()) ever += row.get(key) ?? 0;
    return same.length <= ever;
  });
}

function describe(message: FakeMessage, allow: Allowances): string {
  const { keywordsLost = [], datesMayDiffer, flagsMayDiffer } = allow;
  const flags = message.flags
    .map((f) => f.toLowerCase())
    .filter((f) => f !== '\\deleted' && f !== '\\recent')
    .filter((f) => (keywordsLost === 'all' ? f.startsWith('\\') : !keywordsLost.includes(f)))
    .sort();
  return `(${flagsMayDiffer ? '*' : flags.join(' ')}) ${datesMayDiffer ? '*' : message.internalDate}`;
}

/** Old UIDs in ascending order give new UIDs in ascending order. Only digests that are unique on both sides tell. */
function ascending(evidence: Evidence): string[] {
  if (evidence.allow?.anyOrder) return [];
  const violations: string[] = [];
  const { truth } = evidence;
  const foreign = new Set<string>();
  for (const row of truth.putOnNew.values()) for (const digest of row.keys()) foreign.add(digest);
  for (const t of truth.touched) foreign.add(t.digest);
  for (const [oldName, newName] of evidence.mapping) {
    const old = evidence.old.find(oldName);
    const fresh = evidence.fresh.find(newName);
    if (old === undefined || fresh === undefined) continue;
    const places = group(fresh.messages, (m) => digestOf(m.body));
    const olds = group(old.messages, (m) => keyOnNew(evidence, m.body));
    let last = 0;
    for (const m of old.messages) {
      const digest = keyOnNew(evidence, m.body);
      const at = places.get(digest);
      if (at?.length !== 1 || olds.get(digest)?.length !== 1 || foreign.has(digest)) continue;
      const uid = at[0]?.uid ?? 0;
      if (uid < last)
        violations.push(`I4 order: ${tagOf(m.body)} in ${newName} lies before an older message`);
      last = Math.max(last, uid);
    }
  }
  return violations;
}

function oldUntouched(evidence: Evidence): string[] {
  const violations = evidence.old.log
    .filter((entry) => !readingOps.has(entry.op))
    .map((entry) => `I5 ${entry.op} was sent to the old side (${entry.mailbox})`);
  if (JSON.stringify(evidence.old.picture()) !== JSON.stringify(evidence.oldExpected))
    violations.push('I5 the old side changed');
  return violations;
}

function refusalsNamed(evidence: Evidence): string[] {
  const violations: string[] = [];
  for (const r of evidence.refused) {
    const message = evidence.old.find(r.oldName)?.message(r.oldUid);
    const name = message === undefined ? `${r.oldName} ${r.oldUid}` : tagOf(message.body);
    if (!(r.code in errorTable)) violations.push(`I9 ${name}: unknown code ${r.code}`);
    if (r.reason.trim() === '') violations.push(`I9 ${name}: no reason`);
    if (message === undefined || evidence.allow?.namelessCodes?.includes(r.code)) continue;
    const subject = fieldOf(message.body, 'subject');
    if (subject !== null && r.subject !== subject) violations.push(`I9 ${name}: subject ${r.subject}`);
    if ((r.date ?? '') === '' && message.internalDate !== null) violations.push(`I9 ${name}: no date`);
  }
  return violations;
}
