/**
 * Flags as the engine compares them: canonical order, without \Recent, keywords without regard to case (RFC 9051
 * §2.3.2). Pure.
 */
import type { Flags } from './mail-store.ts';

const systemFlags: Readonly<Record<string, string>> = {
  '\\seen': '\\Seen',
  '\\answered': '\\Answered',
  '\\flagged': '\\Flagged',
  '\\draft': '\\Draft',
  '\\deleted': '\\Deleted',
};

/** `flag-keyword` is an atom (RFC 9051 §9); whatever else a server sends cannot be set again. */
// oxlint-disable-next-line no-control-regex -- the grammar excludes control characters
const atom = /^[^\u0000-\u0020\u007f-\uffff(){%*"\\\]]+$/;

/** Legal flags in canonical order; drops \Recent, unknown system flags and everything that is no atom (F-63). */
export function canonicalFlags(flags: Flags): string[] {
  const seen = new Set<string>();
  const out: string[] = [];
  for (const flag of flags) {
    const lower = flag.toLowerCase();
    const legal = flag.startsWith('\\')
      ? systemFlags[lower]
      : atom.test(flag) && lower !== 'nil'
        ? flag
        : undefined;
    if (legal === undefined || seen.has(lower)) continue;
    seen.add(lower);
    out.push(legal);
  }
  return out.sort();
}

const memo = new Map<string, string>();

/** The text the ledger keeps. Memoised: a mailbox has few different sets of flags. */
export function flagText(flags: Flags): string {
  if (flags.length === 0) return '';
  const key = flags.join(' ');
  const known = memo.get(key);
  if (known !== undefined) return known;
  const text = canonicalFlags(flags).join(' ');
  // Hostile keywords must not grow the memo for ever.
  if (memo.size > 10_000) memo.clear();
  memo.set(key, text);
  return text;
}

export function flagsOfText(text: string): string[] {
  return text === '' ? [] : text.split(' ');
}

export interface KeptFlags {
  readonly flags: string[];
  readonly deletedDropped: boolean;
  readonly keywordsDropped: boolean;
}

/**
 * What of `text` (ledger form) is set on the new side: never \Deleted (a client's next EXPUNGE there would lose the
 * message), keywords only where PERMANENTFLAGS lets them be kept (F-62). `permanent` null means everything is kept.
 */
export function settableFlags(
  text: string,
  permanent: readonly string[] | null,
  systemOnly: boolean,
): KeptFlags {
  const all = flagsOfText(text);
  const allowed = permanent === null ? null : new Set(permanent.map((f) => f.toLowerCase()));
  const anyKeyword = allowed === null || allowed.has('\\*');
  const flags: string[] = [];
  let deletedDropped = false;
  let keywordsDropped = false;
  for (const flag of all) {
    const lower = flag.toLowerCase();
    if (lower === '\\deleted') deletedDropped = true;
    else if (flag.startsWith('\\')) flags.push(flag);
    else if (!systemOnly && (anyKeyword || allowed?.has(lower))) flags.push(flag);
    else keywordsDropped = true;
  }
  return { flags, deletedDropped, keywordsDropped };
}
