/**
 * What is on old and not on new, and the other way round, with the reason as far as it can be known. Pure. Matching is by
 * multisets, so twins are two: deep by SHA-256, else by size and INTERNALDATE.
 */
export type DifferenceClass =
  /** On old, not on new, and nobody took it away there. */
  | 'missing-on-new'
  /** The new server changed the bytes on saving; `detail` says whether only line ends. */
  | 'altered-by-server'
  /** Flags changed, or moved to another mailbox, by a person on new. */
  | 'changed-by-user'
  | 'removed-by-user'
  | 'only-on-new';

export interface VerifyDifference {
  readonly class: DifferenceClass;
  readonly oldUid: number | null;
  readonly newUid: number | null;
  readonly sizeBytes: number;
  readonly digest: Uint8Array | null;
  readonly detail: string;
}

/** What stands for a body in a comparison. */
export interface Fingerprint {
  readonly exact: Uint8Array;
  /** CRLF-canonical, blank lines at the end removed: equal for what a server only canonicalised on saving (F-48). */
  readonly canonical: Uint8Array | null;
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
  get(oldUid: number): { readonly newUid: number } | null;
}

export function classify(
  old: Side,
  fresh: Side,
  ledger: LedgerView | null,
  deep: boolean,
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
      const detail = deep ? 'other bytes than were sent' : 'another size or date than was sent';
      altered.push(difference('altered-by-server', m, copy, detail));
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
