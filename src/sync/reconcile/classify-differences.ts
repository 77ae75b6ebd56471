/**
 * What is on old and not on new, and the other way round, with the reason as far as it can be known. Pure. Matching is by
 * multisets, so twins are two: deep by SHA-256, else by size and INTERNALDATE.
 */
export type DifferenceClass =
  /** On old, not on new, and nobody took it away there. */
  | 'missing-on-new'
  /** The bytes differ only in a way in which servers change what they save; `detail` says in which. */
  | 'altered-by-server'
  /** The copy has other bytes than were sent, and not as a server would change them: somebody did since. */
  | 'changed-on-new'
  /** The message on old has other bytes than were copied. */
  | 'changed-on-old'
  /** Flags changed, or moved to another mailbox, by a person on new. */
  | 'changed-by-user'
  | 'removed-by-user'
  | 'only-on-new';

export interface VerifyDifference {
  readonly class: DifferenceClass;
  readonly oldUid: number | null;
  readonly newUid: number | null;
  readonly sizeBytes: number;
  readonly dateMs: number | null;
  readonly digest: Uint8Array | null;
  readonly detail: string;
}

/** What stands for a body in a comparison. */
export interface Fingerprint {
  readonly exact: Uint8Array;
  /** CRLF-canonical, blank lines at the end removed: equal for what a server only canonicalised on saving (F-48). */
  readonly canonical: Uint8Array | null;
  /** Without line ends, NUL, and what stands for NUL and for eight-bit characters of the header (F-46, F-47, F-48). */
  readonly loose: Uint8Array | null;
}

export interface SideMessage {
  readonly uid: number;
  readonly sizeBytes: number;
  readonly dateMs: number | null;
  readonly flags: string;
  /** Deep mode only. */
  print: Fingerprint | null;
}

export interface Side {
  readonly messages: readonly SideMessage[];
}

/** Only what the ledger can tell; not its class. */
export interface LedgerView {
  get(oldUid: number): { readonly newUid: number; readonly digest: Uint8Array } | null;
}

/**
 * The messages of both sides that are filed at `sinceMs` or later. A copy goes with its original, where the ledger knows
 * it: a server may have filed it under another date.
 */
export function inRange(
  old: Side,
  fresh: Side,
  ledger: LedgerView | null,
  sinceMs: number | null,
): { readonly old: Side; readonly fresh: Side } {
  if (sinceMs === null) return { old, fresh };
  const chosen = (m: SideMessage) => (m.dateMs ?? Number.POSITIVE_INFINITY) >= sinceMs;
  const copies = new Map(old.messages.map((m) => [ledger?.get(m.uid)?.newUid ?? 0, chosen(m)]));
  return {
    old: { messages: old.messages.filter(chosen) },
    fresh: { messages: fresh.messages.filter((m) => copies.get(m.uid) ?? chosen(m)) },
  };
}

/** Pairs by the ledger whose bytes match in no way: what they are is found out by reading them side by side. */
export interface UnlikePair {
  readonly oldUid: number;
  readonly newUid: number;
}

export function classify(
  old: Side,
  fresh: Side,
  ledger: LedgerView | null,
  deep: boolean,
  /** Old UIDs whose copy is the same but for lines that were added to its header (F-61). */
  headerAdded: ReadonlySet<number> = new Set(),
): { matched: number; differences: VerifyDifference[] } {
  const pairs: [SideMessage, SideMessage][] = [];
  const left = new Set(old.messages);
  const right = new Set(fresh.messages);
  const byUid = new Map(fresh.messages.map((m) => [m.uid, m]));
  const pair = (m: SideMessage, other: SideMessage) => {
    pairs.push([m, other]);
    left.delete(m);
    right.delete(other);
  };
  const match = (keyOf: (m: SideMessage) => string | null) => {
    // What the ledger names goes first: among equals it tells which of them is gone.
    for (const m of left) {
      const named = byUid.get(ledger?.get(m.uid)?.newUid ?? 0);
      const key = keyOf(m);
      if (named !== undefined && right.has(named) && key !== null && keyOf(named) === key) pair(m, named);
    }
    const index = new Map<string, SideMessage[]>();
    for (const m of right) {
      const key = keyOf(m);
      if (key === null) continue;
      const list = index.get(key);
      if (list === undefined) index.set(key, [m]);
      else list.push(m);
    }
    for (const m of left) {
      const key = keyOf(m);
      const other = key === null ? undefined : index.get(key)?.shift();
      if (other !== undefined) pair(m, other);
    }
  };

  const differences: VerifyDifference[] = [];
  const altered: VerifyDifference[] = [];
  if (deep) {
    match((m) => (m.print === null ? null : hex(m.print.exact)));
    const exact = pairs.length;
    match((m) => (m.print?.canonical ? hex(m.print.canonical) : null));
    for (const [a, b] of pairs.slice(exact))
      altered.push(difference('altered-by-server', a, b, 'line ends only'));
    const canonical = pairs.length;
    match((m) => (m.print?.loose ? hex(m.print.loose) : null));
    for (const [a, b] of pairs.slice(canonical))
      altered.push(
        difference('altered-by-server', a, b, 'line ends, NUL or eight-bit characters in the header only'),
      );
  } else {
    match((m) => `${m.sizeBytes} ${m.dateMs}`);
    match((m) => `${m.sizeBytes}`);
  }

  for (const m of left) {
    const row = ledger?.get(m.uid) ?? null;
    const copy = row === null ? undefined : byUid.get(row.newUid);
    if (copy !== undefined && right.has(copy)) {
      right.delete(copy);
      pairs.push([m, copy]);
      altered.push(
        deep ? unlike(m, copy, row, headerAdded) : difference('altered-by-server', m, copy, bySize),
      );
    } else if (row !== null) {
      differences.push(
        difference('removed-by-user', m, null, 'it was there; removed or moved on the new side'),
      );
    } else differences.push(difference('missing-on-new', m, null, 'not on the new side'));
  }
  for (const [a, b] of pairs) {
    const detail = flagDetail(a, b);
    if (detail !== null) differences.push(difference('changed-by-user', a, b, detail));
  }
  for (const m of right) differences.push(difference('only-on-new', null, m, 'not on the old side'));
  return { matched: pairs.length, differences: [...differences, ...altered] };
}

/** Without bodies more cannot be said. */
const bySize = 'another size than was sent; --deep tells more';

function unlike(
  old: SideMessage,
  copy: SideMessage,
  row: { readonly digest: Uint8Array } | null,
  headerAdded: ReadonlySet<number>,
): VerifyDifference {
  if (headerAdded.has(old.uid))
    return difference('altered-by-server', old, copy, 'lines were added to the header');
  const sent = row === null || row.digest.every((byte) => byte === 0) ? null : hex(row.digest);
  if (old.print !== null && sent !== null && hex(old.print.exact) !== sent)
    return difference('changed-on-old', old, copy, 'old has other bytes than were copied');
  return difference(
    'changed-on-new',
    old,
    copy,
    'other bytes than were sent, and not as servers change them',
  );
}

/** Those that `classify` found to be unlike, of which one side has to be looked at again. */
export function unlikePairs(differences: readonly VerifyDifference[]): UnlikePair[] {
  const pairs: UnlikePair[] = [];
  for (const { class: kind, oldUid, newUid } of differences) {
    if (kind === 'changed-on-new' && oldUid !== null && newUid !== null) pairs.push({ oldUid, newUid });
  }
  return pairs;
}

function difference(
  kind: DifferenceClass,
  old: SideMessage | null,
  fresh: SideMessage | null,
  detail: string,
): VerifyDifference {
  const known = old ?? fresh;
  return {
    class: kind,
    oldUid: old?.uid ?? null,
    newUid: fresh?.uid ?? null,
    sizeBytes: known?.sizeBytes ?? 0,
    dateMs: known?.dateMs ?? null,
    digest: known?.print?.exact ?? null,
    detail,
  };
}

/** Flags that differ; \Deleted is never carried over, so its absence is no difference. */
function flagDetail(old: SideMessage, fresh: SideMessage): string | null {
  const a = wordsOf(old.flags);
  const b = wordsOf(fresh.flags);
  const gone = [...a].filter((f) => !b.has(f));
  const come = [...b].filter((f) => !a.has(f));
  if (gone.length + come.length === 0) return null;
  return `flags: ${[...come.map((f) => `+${f}`), ...gone.map((f) => `-${f}`)].join(' ')}`;
}

function wordsOf(flags: string): Set<string> {
  return new Set(
    flags
      .toLowerCase()
      .split(' ')
      .filter((f) => f !== '' && f !== '\\deleted'),
  );
}

function hex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}
