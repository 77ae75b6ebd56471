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

/** Keywords, in lower case, that the new side does not take; 'all' where it takes none. */
export type RefusedKeywords = ReadonlySet<string> | 'all';

/** The keywords among flags, in lower case. */
export function keywordsOf(flags: Flags): string[] {
  return flags.filter((f) => !f.startsWith('\\')).map((f) => f.toLowerCase());
}

/**
 * After a refusal of these flags: the keywords among them that were never taken are at fault. False where there is none
 * to leave out.
 */
export function refuseKeywords(
  known: { readonly refusedKeywords: Set<string>; readonly takenKeywords: ReadonlySet<string> },
  flags: Flags,
): boolean {
  const keywords = keywordsOf(flags);
  const strange = keywords.filter((k) => !known.takenKeywords.has(k));
  const suspects = strange.length > 0 ? strange : keywords;
  for (const keyword of suspects) known.refusedKeywords.add(keyword);
  return suspects.length > 0;
}

function isRefused(refused: RefusedKeywords, lower: string): boolean {
  return refused === 'all' || refused.has(lower);
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
  refused: RefusedKeywords,
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
    else if (!isRefused(refused, lower) && (anyKeyword || allowed?.has(lower))) flags.push(flag);
    else keywordsDropped = true;
  }
  return { flags, deletedDropped, keywordsDropped };
}
