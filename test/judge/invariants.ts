/**
 * Decides whether a migration kept its promises, from what the judge's own client read on both sides. It believes
 * nothing the engine says except the list of refused messages, and that only where the message is really missing.
 *
 * I1 no loss; I2 no twin and nothing invented; I3 what others did on new stands; I4 flags and dates are true (a body
 * that differs shows as a loss and an invention at once); I5 old is untouched; I6 at rest nothing is sent that changes
 * new. I9, refusals that are told, needs the messages themselves: refusals.ts.
 */
import { type AccountSnapshot, type MailboxSnapshot, type MessageSnapshot, normalFlags } from './imap-raw.ts';

export type InvariantName = 'I1' | 'I2' | 'I3' | 'I4' | 'I5' | 'I6' | 'I9';

export interface Violation {
  readonly invariant: InvariantName;
  readonly mailbox: string;
  readonly what: string;
}

/** One message by mailbox and digest; the same twice means two messages. */
export interface MessageRef {
  readonly mailbox: string;
  readonly sha256: string;
}

/** What users did on the new side meanwhile, which must stand. Names are those of the new side. */
export type ActOnNew =
  /** Put there by somebody else than Mailferry. */
  | {
      readonly kind: 'added';
      readonly mailbox: string;
      readonly sha256: string;
      readonly flags?: readonly string[];
    }
  /** A copy the user deleted: it must not come back. */
  | { readonly kind: 'deleted'; readonly mailbox: string; readonly sha256: string }
  | { readonly kind: 'moved'; readonly mailbox: string; readonly to: string; readonly sha256: string }
  /** All flags the message has now must be these. */
  | {
      readonly kind: 'flagged';
      readonly mailbox: string;
      readonly sha256: string;
      readonly flags: readonly string[];
    };

export interface Case {
  readonly oldBefore: AccountSnapshot;
  readonly oldAfter: AccountSnapshot;
  /** Default: empty. What lay there before is foreign and must be unchanged. */
  readonly newBefore?: AccountSnapshot;
  readonly newAfter: AccountSnapshot;
  /** Old name -> new name; null when the mailbox was left out on purpose. Default: the same name. */
  readonly mapping?: (oldName: string) => string | null;
  /** Messages the engine said it could not copy; mailboxes by their old names. */
  readonly refused?: readonly MessageRef[];
  readonly actsOnNew?: readonly ActOnNew[];
  /** Messages found again on new instead of appended (lost ledger): those in `newBefore` count as copies. */
  readonly adoptsExisting?: boolean;
  /** What old should look like at the end when its users did something meanwhile; default `oldBefore`. */
  readonly oldExpected?: AccountSnapshot;
  /** Flags that are not compared, such as \Deleted or keywords the new server cannot keep. */
  readonly ignoredFlags?: readonly string[];
  /** Whether INTERNALDATE must keep its zone, not only its instant; servers with Maildir lose the zone. */
  readonly keepsZone?: boolean;
  /** Commands sent to old, without tags, as the proxy records them. */
  readonly commandsToOld?: readonly string[];
  /** The same of new, while nobody did anything on either side and everything had been carried over. */
  readonly commandsToNewAtRest?: readonly string[];
}

/** All violations found; empty is what a test wants. */
export function judge(facts: Case): Violation[] {
  return [
    ...judgeCopies(facts),
    ...judgeForeign(facts),
    ...judgeOld(facts),
    ...judgeCommands(facts),
    ...judgeRest(facts),
  ];
}

/** I1, I2 and I4, mailbox by mailbox of the new side, as multisets of digests. */
function judgeCopies(facts: Case): Violation[] {
  const violations: Violation[] = [];
  const mapping = facts.mapping ?? ((name: string) => name);
  const acts = facts.actsOnNew ?? [];
  const names = new Set(facts.newAfter.keys());
  /** What must be there, and all that ever was on old and so may be there. */
  const wanted = new Map<string, Tally>();
  const known = new Map<string, Tally>();
  for (const mailbox of facts.oldAfter.values()) {
    const name = mailbox.selectable ? mapping(mailbox.name) : null;
    if (name === null) continue;
    names.add(name);
    for (const message of mailbox.messages) tallyOf(wanted, name).add(message);
    if (!facts.newAfter.has(name)) {
      violations.push({ invariant: 'I1', mailbox: name, what: 'the mailbox is missing' });
    }
  }
  const note = (account: AccountSnapshot, without: AccountSnapshot | null) => {
    for (const mailbox of account.values()) {
      const name = mapping(mailbox.name);
      if (name === null) continue;
      const seen = new Set(without?.get(mailbox.name)?.messages.map(identity));
      for (const message of mailbox.messages)
        if (!seen.has(identity(message))) tallyOf(known, name).add(message);
    }
  };
  note(facts.oldBefore, null);
  note(facts.oldAfter, facts.oldBefore);
  const refused = countRefs(facts.refused ?? [], (ref) => mapping(ref.mailbox) ?? ref.mailbox);

  for (const name of names) {
    const found = new Tally();
    for (const message of facts.newAfter.get(name)?.messages ?? []) found.add(message);
    const before = new Tally();
    for (const message of facts.newBefore?.get(name)?.messages ?? []) before.add(message);
    const want = tallyOf(wanted, name);
    for (const digest of new Set([
      ...want.digests(),
      ...found.digests(),
      ...tallyOf(known, name).digests(),
    ])) {
      const act = (kind: ActOnNew['kind']) =>
        acts.filter((one) => one.kind === kind && one.mailbox === name && one.sha256 === digest).length;
      const movedIn = acts.filter(
        (one) => one.kind === 'moved' && one.to === name && one.sha256 === digest,
      ).length;
      const taken = act('deleted') + act('moved');
      const foreign = before.count(digest);
      const here = found.count(digest);
      const refusals = refused.get(`${name}\n${digest}`) ?? 0;
      /** Without what was there before, was put there, or was brought there by the user. */
      const copies = here - act('added') - movedIn - (facts.adoptsExisting === true ? 0 : foreign);
      const needed = Math.max(0, want.count(digest) - refusals - taken);
      const allowed = Math.max(
        tallyOf(known, name).count(digest) - taken,
        facts.adoptsExisting === true ? foreign - taken : 0,
        0,
      );
      if (copies < needed) {
        violations.push({
          invariant: 'I1',
          mailbox: name,
          what: `${needed - copies} of message ${digest} lost`,
        });
      }
      if (copies > allowed) {
        const what =
          taken > 0 ? 'came back although the user removed it' : allowed === 0 ? 'invented' : 'twice';
        violations.push({
          invariant: taken > 0 ? 'I3' : 'I2',
          mailbox: name,
          what: `${copies - allowed} of message ${digest} ${what}`,
        });
      } else if (refusals > 0 && copies > tallyOf(known, name).count(digest) - refusals) {
        violations.push({
          invariant: 'I1',
          mailbox: name,
          what: `message ${digest} is both stored and refused`,
        });
      }
      if (copies >= needed && copies <= allowed) {
        const flagged = acts.filter(
          (one) => one.kind === 'flagged' && one.mailbox === name && one.sha256 === digest,
        );
        const untouched =
          act('added') === 0 && movedIn === 0 && taken === 0 && foreign === 0 && refusals === 0;
        if (flagged.length === 0 && untouched && copies === want.count(digest)) {
          violations.push(...judgeMeta(facts, name, digest, want.of(digest), found.of(digest)));
        }
      }
    }
  }
  return violations;
}

/** I4: among the copies of one digest, the flags and the dates are the old ones' as multisets. */
function judgeMeta(
  facts: Case,
  mailbox: string,
  digest: string,
  old: readonly MessageSnapshot[],
  copies: readonly MessageSnapshot[],
): Violation[] {
  const violations: Violation[] = [];
  const ignored = new Set(normalFlags(facts.ignoredFlags ?? []));
  const flags = ({ flags: all }: MessageSnapshot) =>
    normalFlags(all)
      .filter((flag) => !ignored.has(flag))
      .join(' ');
  const date = ({ internalDate }: MessageSnapshot) =>
    facts.keepsZone === true
      ? `${instantOf(internalDate)} ${internalDate.slice(-5)}`
      : String(instantOf(internalDate));
  for (const [what, of] of [
    ['flags', flags],
    ['date', date],
  ] as const) {
    const expected = old.map(of).sort().join(' | ');
    const got = copies.map(of).sort().join(' | ');
    if (expected !== got) {
      violations.push({
        invariant: 'I4',
        mailbox,
        what: `${what} of message ${digest}: (${got}) instead of (${expected})`,
      });
    }
  }
  return violations;
}

/** I3: what lay on new before, and what users did there since, stands. */
function judgeForeign(facts: Case): Violation[] {
  const violations: Violation[] = [];
  const acts = facts.actsOnNew ?? [];
  for (const before of facts.newBefore?.values() ?? []) {
    const after = facts.newAfter.get(before.name);
    if (after === undefined) {
      violations.push({ invariant: 'I3', mailbox: before.name, what: 'a mailbox of others is gone' });
      continue;
    }
    const byUid = new Map(after.messages.map((message) => [message.uid, message]));
    for (const message of before.messages) {
      const touched = acts.some(
        (act) => act.kind !== 'added' && act.mailbox === before.name && act.sha256 === message.sha256,
      );
      if (touched) continue;
      const now = byUid.get(message.uid);
      const what = now === undefined ? 'is gone' : difference(message, now);
      if (what !== null) {
        violations.push({
          invariant: 'I3',
          mailbox: before.name,
          what: `message ${message.uid} of others ${what}`,
        });
      }
    }
  }
  for (const act of acts) {
    const here = facts.newAfter.get(act.kind === 'moved' ? act.to : act.mailbox)?.messages ?? [];
    const same = here.filter(({ sha256 }) => sha256 === act.sha256);
    if (act.kind === 'deleted') continue;
    if (same.length === 0) {
      violations.push({
        invariant: 'I3',
        mailbox: act.mailbox,
        what: `message ${act.sha256}, ${act.kind} by a user, is gone`,
      });
      continue;
    }
    const wanted = act.kind === 'moved' || act.flags === undefined ? null : normalFlags(act.flags).join(' ');
    if (wanted !== null && !same.some(({ flags }) => normalFlags(flags).join(' ') === wanted)) {
      violations.push({
        invariant: 'I3',
        mailbox: act.mailbox,
        what: `flags of ${act.sha256}, ${act.kind} by a user, changed`,
      });
    }
  }
  return violations;
}

/** I5 by state: mailboxes, UIDs, bodies, dates, flags (with \Seen, without \Recent) and subscriptions are as before. */
function judgeOld(facts: Case): Violation[] {
  const violations: Violation[] = [];
  const expected = facts.oldExpected ?? facts.oldBefore;
  const say = (mailbox: string, what: string) => violations.push({ invariant: 'I5', mailbox, what });
  for (const name of facts.oldAfter.keys()) if (!expected.has(name)) say(name, 'the mailbox is new on old');
  for (const before of expected.values()) {
    const after = facts.oldAfter.get(before.name);
    if (after === undefined) {
      say(before.name, 'the mailbox is gone on old');
      continue;
    }
    if (after.uidValidity !== before.uidValidity) say(before.name, 'UIDVALIDITY changed on old');
    if (after.subscribed !== before.subscribed) say(before.name, 'the subscription changed on old');
    for (const what of differences(before, after)) say(before.name, what);
  }
  return violations;
}

function differences(before: MailboxSnapshot, after: MailboxSnapshot): string[] {
  const out: string[] = [];
  const left = new Map(after.messages.map((message) => [message.uid, message]));
  for (const message of before.messages) {
    const now = left.get(message.uid);
    left.delete(message.uid);
    const what = now === undefined ? 'is gone' : difference(message, now);
    if (what !== null) out.push(`message ${message.uid} on old ${what}`);
  }
  for (const uid of left.keys()) out.push(`message ${uid} on old is new`);
  return out;
}

function difference(before: MessageSnapshot, now: MessageSnapshot): string | null {
  if (before.sha256 !== now.sha256) return 'has another body';
  if (before.internalDate !== now.internalDate) return 'has another date';
  if (normalFlags(before.flags).join(' ') !== normalFlags(now.flags).join(' ')) {
    return `has other flags: (${now.flags.join(' ')}) instead of (${before.flags.join(' ')})`;
  }
  return null;
}

/** The commands that old may get (I5). SELECT is missing on purpose: a test of a server that needs it says so itself. */
const allowedOnOld = new Set(
  (
    'STARTTLS LOGIN AUTHENTICATE ID CAPABILITY ENABLE NAMESPACE LIST LSUB STATUS EXAMINE FETCH SEARCH IDLE DONE ' +
    'NOTIFY NOOP UNSELECT GETQUOTA GETQUOTAROOT MYRIGHTS LOGOUT'
  ).split(' '),
);

/** I5 by deed: only commands that read, and no FETCH that would set \Seen. */
function judgeCommands(facts: Case): Violation[] {
  const violations: Violation[] = [];
  for (const command of facts.commandsToOld ?? []) {
    if (!allowedOnOld.has(verbOf(command)) || setsSeen(command)) {
      violations.push({ invariant: 'I5', mailbox: '', what: `old got the command ${command.slice(0, 120)}` });
    }
  }
  return violations;
}

/** I6 by deed: who has nothing to do reads. A mailbox of new may be open for writing: that changes nothing yet. */
function judgeRest(facts: Case): Violation[] {
  const reads = (command: string) =>
    (verbOf(command) === 'SELECT' || allowedOnOld.has(verbOf(command))) && !setsSeen(command);
  return (facts.commandsToNewAtRest ?? [])
    .filter((command) => !reads(command))
    .map((command) => ({
      invariant: 'I6',
      mailbox: '',
      what: `new got the command ${command.slice(0, 120)} though nothing had changed`,
    }));
}

function verbOf(command: string): string {
  const [first = '', second = ''] = command.toUpperCase().split(' ');
  return first === 'UID' ? second : first;
}

/** BODY[...] and RFC822, RFC822.TEXT set \Seen; BODY.PEEK, RFC822.SIZE and RFC822.HEADER do not. */
function setsSeen(command: string): boolean {
  return verbOf(command) === 'FETCH' && /[( ](BODY\[|RFC822(\.TEXT)?([ )]|$))/i.test(command);
}

/** Messages by digest. */
class Tally {
  readonly #byDigest = new Map<string, MessageSnapshot[]>();

  add(message: MessageSnapshot): void {
    const same = this.#byDigest.get(message.sha256);
    if (same === undefined) this.#byDigest.set(message.sha256, [message]);
    else same.push(message);
  }

  count(digest: string): number {
    return this.#byDigest.get(digest)?.length ?? 0;
  }

  of(digest: string): readonly MessageSnapshot[] {
    return this.#byDigest.get(digest) ?? [];
  }

  digests(): Iterable<string> {
    return this.#byDigest.keys();
  }
}

function tallyOf(tallies: Map<string, Tally>, name: string): Tally {
  let tally = tallies.get(name);
  if (tally === undefined) {
    tally = new Tally();
    tallies.set(name, tally);
  }
  return tally;
}

function countRefs(refs: readonly MessageRef[], nameOf: (ref: MessageRef) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const ref of refs) {
    const key = `${nameOf(ref)}\n${ref.sha256}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

/** One message of one mailbox; the digest guards against a UID used again. */
function identity({ uid, sha256 }: MessageSnapshot): string {
  return `${uid} ${sha256}`;
}

/** Seconds since 1970 of a date-time (RFC 9051 §9), or NaN. */
function instantOf(dateTime: string): number {
  return Date.parse(dateTime.trim().replace(/^(\d\d?)-(\w{3})-(\d{4})/, '$1 $2 $3')) / 1_000;
}
