/**
 * `flag-list` and `flag-perm` lists (RFC 9051 §9). A mailbox has few different flag lists, so a list whose bytes were
 * seen before is the same frozen array again: no strings are made per message.
 */
import { brokenLine, limitExceeded } from './fault.ts';
import { CLOSE, OPEN, SP } from './octets.ts';
import type { Scanner } from './scanner.ts';

interface CachedList {
  readonly bytes: Uint8Array;
  readonly flags: readonly string[];
}

const slots = 512;
/** Lists longer than this are rare, and would make the cache worth attacking. */
const cachedBytes = 256;
const noFlags: readonly string[] = Object.freeze([]);

export class FlagLists {
  /** Made when it is first needed: a connection that only listens sees no flags. */
  #cache: (CachedList | undefined)[] | null = null;

  /** `"(" [flag *(SP flag)] ")"`; members are whatever stands between spaces (`\*`, NIL, 8-bit). `NIL` is no flags. */
  flagList(s: Scanner): readonly string[] {
    if (s.peek() !== OPEN) {
      if (s.word('nil')) return noFlags;
      throw brokenLine;
    }
    const { bytes, end } = s;
    const start = s.pos + 1;
    let hash = 0;
    let p = start;
    while (p < end && bytes[p] !== CLOSE) {
      hash = (Math.imul(hash, 31) + bytes[p]!) | 0;
      p++;
    }
    if (p >= end) throw brokenLine;
    s.pos = p + 1;
    if (p === start) return noFlags;
    const slot = (hash ^ (hash >>> 9) ^ (hash >>> 18)) & (slots - 1);
    const cache = (this.#cache ??= Array.from({ length: slots }, () => undefined));
    const cached = cache[slot];
    if (cached !== undefined && sameBytes(cached.bytes, bytes, start, p)) return cached.flags;
    const flags = Object.freeze(split(s, start, p));
    if (p - start <= cachedBytes) cache[slot] = { bytes: bytes.slice(start, p), flags };
    return flags;
  }
}

function sameBytes(a: Uint8Array, b: Uint8Array, from: number, to: number): boolean {
  if (a.length !== to - from) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[from + i]) return false;
  return true;
}

function split(s: Scanner, from: number, to: number): string[] {
  const flags: string[] = [];
  let at = from;
  while (at < to) {
    let p = at;
    while (p < to && s.bytes[p] !== SP) p++;
    if (p > at) flags.push(s.latin1(at, p));
    if (flags.length > s.limits.listItems) throw limitExceeded('a list of flags', s.limits.listItems);
    at = p + 1;
  }
  return flags;
}
