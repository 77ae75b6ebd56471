/**
 * Two servers, a journal and a clock, and what people did to them. Everything that is not the engine acts through
 * `act`, which compares the servers before and after and so keeps the truth that the judge needs: which messages were
 * ever on old, what people put on new, took from it, and which flags they changed there.
 */
import { createHash } from 'node:crypto';
import { FakeClock } from '../fakes/fake-clock.ts';
import type { FakeMessage } from '../fakes/fake-mailbox.ts';
import { FakeServer, type FakeServerOptions } from '../fakes/fake-server.ts';
import type { Journal, JournalContents } from '../../src/sync/journal.ts';
import { MemoryJournal } from '../fakes/memory-journal.ts';
import { tagOf } from './letters.ts';

/** By mailbox (its OBJECTID, which survives renaming), then by digest: how many. */
export type Tally = Map<string, Map<string, number>>;

export interface Touched {
  readonly mailboxId: string;
  uid: number;
  readonly digest: string;
  /** By flag in lower case: what the person last did with it. */
  readonly bits: Map<string, '+' | '-'>;
}

export interface Truth {
  /** Messages that each old mailbox ever held. */
  readonly everOnOld: Tally;
  /** The same by digest and date. */
  readonly datedOnOld: Tally;
  /** The names that each old mailbox ever had, also of those that are gone. */
  readonly oldNames: Map<string, Set<string>>;
  /** The names that each new mailbox ever had. */
  readonly newNames: Map<string, Set<string>>;
  readonly putOnNew: Tally;
  readonly takenFromNew: Tally;
  readonly touched: Touched[];
}

/** Gives a run the journal that it writes; `memory` is kept equal to it, and counts the steps. */
export type OpenJournal = (memory: MemoryJournal, clock: FakeClock) => Promise<Journal>;

interface Seen {
  readonly uidValidity: number;
  readonly messages: readonly {
    readonly uid: number;
    readonly digest: string;
    readonly date: string | null;
    readonly flags: readonly string[];
  }[];
}

const digests = new WeakMap<Uint8Array, string>();
const bodies = new Map<string, Uint8Array>();

/** A body that was digested before. */
export function bodyOf(digest: string): Uint8Array {
  return bodies.get(digest) ?? new Uint8Array();
}

export function digestOf(body: Uint8Array): string {
  let digest = digests.get(body);
  if (digest === undefined) {
    digest = createHash('sha256').update(body).digest('hex');
    digests.set(body, digest);
    bodies.set(digest, body);
  }
  return digest;
}

export function count(tally: Tally, mailboxId: string, digest: string): number {
  return tally.get(mailboxId)?.get(digest) ?? 0;
}

function add(tally: Tally, mailboxId: string, digest: string, by: number): void {
  let row = tally.get(mailboxId);
  if (row === undefined) tally.set(mailboxId, (row = new Map()));
  row.set(digest, (row.get(digest) ?? 0) + by);
}

function cloneTally(tally: Tally): Tally {
  return new Map([...tally].map(([key, row]) => [key, new Map(row)]));
}

function look(server: FakeServer): Map<string, Seen> {
  const seen = new Map<string, Seen>();
  for (const name of server.names()) {
    const box = server.mailbox(name);
    seen.set(box.mailboxId, {
      uidValidity: box.uidValidity,
      messages: box.messages.map((m) => ({
        uid: m.uid,
        digest: digestOf(m.body),
        date: m.internalDate,
        flags: m.flags,
      })),
    });
  }
  return seen;
}

function noteNames(known: Map<string, Set<string>>, server: FakeServer): void {
  for (const name of server.names()) {
    const id = server.mailbox(name).mailboxId;
    const names = known.get(id);
    if (names === undefined) known.set(id, new Set([name]));
    else names.add(name);
  }
}

function cloneNames(known: ReadonlyMap<string, ReadonlySet<string>>): Map<string, Set<string>> {
  return new Map([...known].map(([id, names]) => [id, new Set(names)]));
}

function tallyOf(
  seen: Seen | undefined,
  keyOf: (m: Seen['messages'][number]) => string = (m) => m.digest,
): Map<string, number> {
  const counts = new Map<string, number>();
  for (const m of seen?.messages ?? []) counts.set(keyOf(m), (counts.get(keyOf(m)) ?? 0) + 1);
  return counts;
}

/** The key of `datedOnOld`. */
export function datedKey(digest: string, date: string | null): string {
  return `${digest} ${date}`;
}

/** Counts what a mailbox has more than it had, or than it ever had. */
function addGrown(ever: Tally, id: string, had: Map<string, number>, has: Map<string, number>): void {
  for (const [key, n] of has) {
    const grown = Math.max(n - (had.get(key) ?? 0), n - count(ever, id, key), 0);
    if (grown > 0) add(ever, id, key, grown);
  }
}

const worlds = new WeakMap<FakeServer, World>();

/** For acts that a server runs in the middle of a command: they get the server and need its world. */
export function worldOf(server: FakeServer): World {
  const world = worlds.get(server);
  if (world === undefined) throw new RangeError('this server belongs to no world');
  return world;
}

export class World {
  readonly clock: FakeClock;
  readonly old: FakeServer;
  readonly fresh: FakeServer;
  journal: MemoryJournal;
  /** Null where the journal in memory is the one that runs write. */
  openJournal: OpenJournal | null = null;
  readonly truth: Truth;
  /** Places that mailboxes had, also by ledgers that were lost since. */
  readonly formerly: [oldName: string, newName: string][] = [];
  /** What runs told people: `code text`. */
  readonly notices: string[] = [];
  /** What the old side must look like as long as only the engine is at work. */
  oldExpected: unknown;

  private constructor(
    clock: FakeClock,
    old: FakeServer,
    fresh: FakeServer,
    journal: MemoryJournal,
    truth: Truth,
  ) {
    this.clock = clock;
    this.old = old;
    this.fresh = fresh;
    this.journal = journal;
    this.truth = truth;
    this.oldExpected = old.picture();
    worlds.set(old, this);
    worlds.set(fresh, this);
  }

  static create(
    sides: { readonly old?: FakeServerOptions; readonly fresh?: FakeServerOptions } = {},
    clock: FakeClock = new FakeClock({ mode: 'auto' }),
  ): World {
    const old = new FakeServer({ firstUidValidity: 1_000_001, chunkBytes: 700, ...sides.old, clock });
    const fresh = new FakeServer({ firstUidValidity: 2_000_001, chunkBytes: 700, ...sides.fresh, clock });
    const truth: Truth = {
      everOnOld: new Map(),
      datedOnOld: new Map(),
      oldNames: new Map(),
      newNames: new Map(),
      putOnNew: new Map(),
      takenFromNew: new Map(),
      touched: [],
    };
    const world = new World(clock, old, fresh, new MemoryJournal(), truth);
    world.act(() => {});
    return world;
  }

  /** An independent world in the same state; sessions and logs do not come along. */
  clone(): World {
    const clock = new FakeClock({ mode: 'auto', startMs: this.clock.now() });
    const { truth } = this;
    const copy = new World(
      clock,
      this.old.clone({ clock }),
      this.fresh.clone({ clock }),
      new MemoryJournal(this.journal.snapshot()),
      {
        everOnOld: cloneTally(truth.everOnOld),
        datedOnOld: cloneTally(truth.datedOnOld),
        oldNames: cloneNames(truth.oldNames),
        newNames: cloneNames(truth.newNames),
        putOnNew: cloneTally(truth.putOnNew),
        takenFromNew: cloneTally(truth.takenFromNew),
        touched: truth.touched.map((t) => ({ ...t, bits: new Map(t.bits) })),
      },
    );
    copy.formerly.push(...this.formerly);
    copy.notices.push(...this.notices);
    copy.oldExpected = this.oldExpected;
    copy.openJournal = this.openJournal;
    return copy;
  }

  /** What the next run would find. */
  async load(): Promise<JournalContents> {
    const journal = await this.openJournal?.(this.journal, this.clock);
    return await (journal ?? this.journal).load();
  }

  loseLedger(): void {
    this.rememberPlaces();
    this.journal = new MemoryJournal();
  }

  /** Places change with renames; what lies there came by the former ones. */
  rememberPlaces(): void {
    for (const row of this.journal.snapshot().mailboxes.values()) {
      this.formerly.push([row.oldName, row.newName]);
    }
  }

  /** What somebody else than the engine does, at once. */
  act(deed: (world: World) => void): void {
    const oldBefore = look(this.old);
    const newBefore = look(this.fresh);
    noteNames(this.truth.newNames, this.fresh);
    deed(this);
    this.#noteOld(oldBefore, look(this.old));
    this.#noteNew(newBefore, look(this.fresh));
    this.oldExpected = this.old.picture();
  }

  #noteOld(before: Map<string, Seen>, after: Map<string, Seen>): void {
    noteNames(this.truth.oldNames, this.old);
    for (const [id, now] of after) {
      const was = before.get(id);
      addGrown(this.truth.everOnOld, id, tallyOf(was), tallyOf(now));
      const dated = (m: Seen['messages'][number]) => datedKey(m.digest, m.date);
      addGrown(this.truth.datedOnOld, id, tallyOf(was, dated), tallyOf(now, dated));
      this.#oldFlagsChanged(before.get(id), now);
    }
  }

  /** Where the old side changes a bit too, it is no longer the person's on new alone. */
  #oldFlagsChanged(before: Seen | undefined, now: Seen): void {
    if (before === undefined || before.uidValidity !== now.uidValidity) return;
    const earlier = new Map(before.messages.map((m) => [m.uid, m]));
    for (const m of now.messages) {
      const was = lower(earlier.get(m.uid)?.flags ?? m.flags);
      const is = lower(m.flags);
      for (const flag of new Set([...was, ...is])) {
        if (was.has(flag) === is.has(flag)) continue;
        for (const t of this.truth.touched) if (t.digest === m.digest) t.bits.delete(flag);
      }
    }
  }

  #noteNew(before: Map<string, Seen>, after: Map<string, Seen>): void {
    for (const id of new Set([...before.keys(), ...after.keys()])) {
      const was = before.get(id);
      const is = after.get(id);
      const had = tallyOf(was);
      const has = tallyOf(is);
      for (const digest of new Set([...had.keys(), ...has.keys()])) {
        const by = (has.get(digest) ?? 0) - (had.get(digest) ?? 0);
        if (by > 0) add(this.truth.putOnNew, id, digest, by);
        if (by < 0) add(this.truth.takenFromNew, id, digest, -by);
      }
      if (was !== undefined && is !== undefined) this.#newFlagsChanged(id, was, is);
    }
  }

  #isSoOnOld(digest: string, flag: string, set: boolean): boolean {
    return this.#likeOnOld(digest).some((m) => lower(m.flags).has(flag) === set);
  }

  #isOnOld(digest: string): boolean {
    return this.#likeOnOld(digest).length > 0;
  }

  #likeOnOld(digest: string): FakeMessage[] {
    // By its tag: the new side may have altered the bytes.
    const tag = tagOf(bodyOf(digest));
    const all = this.old.names().flatMap((name) => this.old.mailbox(name).messages);
    return all.filter((m) => tagOf(m.body) === tag);
  }

  #newFlagsChanged(mailboxId: string, was: Seen, is: Seen): void {
    const { touched } = this.truth;
    if (was.uidValidity !== is.uidValidity) {
      // Renumbered, in the same order.
      const uids = new Map(was.messages.map((m, i) => [m.uid, is.messages[i]?.uid ?? 0]));
      for (const t of touched) if (t.mailboxId === mailboxId) t.uid = uids.get(t.uid) ?? 0;
      return;
    }
    const earlier = new Map(was.messages.map((m) => [m.uid, m]));
    for (const m of is.messages) {
      const before = earlier.get(m.uid);
      if (before === undefined) continue;
      const had = lower(before.flags);
      const has = lower(m.flags);
      for (const flag of new Set([...had, ...has])) {
        if (had.has(flag) === has.has(flag)) continue;
        let t = touched.find((one) => one.mailboxId === mailboxId && one.uid === m.uid);
        if (t === undefined) touched.push((t = { mailboxId, uid: m.uid, digest: m.digest, bits: new Map() }));
        // Where both sides agree, nobody can tell whose it is; nor where a mark was taken back, and old has the message
        // no more: the copy is as we left it.
        const op = has.has(flag) ? '+' : '-';
        const takenBack = t.bits.has(flag) && t.bits.get(flag) !== op && !this.#isOnOld(m.digest);
        if (takenBack || this.#isSoOnOld(m.digest, flag, has.has(flag))) t.bits.delete(flag);
        else t.bits.set(flag, op);
      }
    }
  }
}

function lower(flags: readonly string[]): Set<string> {
  return new Set(flags.map((flag) => flag.toLowerCase()));
}
