/**
 * Where each old mailbox goes on the new side. Pure and deterministic: the result is kept by the caller, so that a
 * name once given never changes. Names are raw bytes (one character a byte); only levels that need it are decoded.
 *
 * Order of rules: kept mapping, --map, INBOX, special use, then the same path in the new side's namespace and
 * delimiter, escaped where it must be, suffixed where it would clash.
 */
import { decodeModifiedUtf7, encodeModifiedUtf7 } from '../base/modified-utf7.ts';
import { assignSpecialUses, type SpecialUse } from './special-use.ts';

export interface MappableMailbox {
  readonly name: string;
  readonly delimiter: string | null;
  readonly specialUse: readonly string[];
  /** Null or left out where nothing is known of what is in it. */
  readonly status?: { readonly messages: number } | null;
}

export interface MappableSide {
  readonly mailboxes: readonly MappableMailbox[];
  readonly prefix: string;
  readonly delimiter: string | null;
}

export type MappedBy = 'kept' | 'option' | 'same' | 'special-use' | 'prefix' | 'escaped' | 'clash';

export interface MailboxMapping {
  readonly oldName: string;
  readonly newName: string;
  readonly mappedBy: MappedBy;
  readonly specialUse: SpecialUse | null;
}

/** 255 octets is what most file systems and Cyrus allow for one level; Dovecot keeps room for a suffix. */
const maxLevelBytes = 230;

export function mapMailboxes(
  old: MappableSide,
  fresh: MappableSide,
  kept: ReadonlyMap<string, string>,
  options: ReadonlyMap<string, string>,
): MailboxMapping[] {
  const oldUses = assignSpecialUses(old.mailboxes.map((m) => candidate(m, old)));
  const newUses = assignSpecialUses(fresh.mailboxes.map((m) => candidate(m, fresh)));
  const useOf = new Map([...oldUses].map(([use, name]) => [name, use]));
  const taken = new Set<string>(kept.values());
  const result: MailboxMapping[] = [];

  const place = (oldName: string, wanted: string, mappedBy: MappedBy) => {
    let newName = wanted;
    let by = mappedBy;
    for (let n = 2; taken.has(newName); n++) {
      newName = `${wanted} (${n})`;
      by = 'clash';
    }
    taken.add(newName);
    result.push({ oldName, newName, mappedBy: by, specialUse: useOf.get(oldName) ?? null });
  };

  const rest: MappableMailbox[] = [];
  for (const box of old.mailboxes) {
    const before = kept.get(box.name);
    const option = options.get(box.name);
    if (before !== undefined) {
      result.push({
        oldName: box.name,
        newName: before,
        mappedBy: 'kept',
        specialUse: useOf.get(box.name) ?? null,
      });
    } else if (option !== undefined) place(box.name, option, 'option');
    else if (isInbox(box.name)) place(box.name, 'INBOX', 'same');
    else rest.push(box);
  }
  // Where old has two of one use, an earlier copy whose state is lost gave both their own names on new, and new may name
  // the other of the two for the use: they stay where they are, or both would be copied a second time.
  const newNames = new Set(fresh.mailboxes.map((m) => m.name));
  const pathOf = new Map(rest.map((m) => [m.name, samePath(m, old, fresh).name]));
  const newMessages = new Map(fresh.mailboxes.map((m) => [m.name, m.status?.messages ?? null]));
  // The same where somebody's mail program has named an empty mailbox for the use since: the mail lies in the other.
  const isFilledByName = (box: MappableMailbox, target: string) => {
    const path = pathOf.get(box.name);
    if (path === undefined || path === target || newMessages.get(target) !== 0) return false;
    return (newMessages.get(path) ?? 0) > 0;
  };
  const isCopiedByName = (box: MappableMailbox, target: string) => {
    const path = pathOf.get(box.name);
    if (path === undefined || path === target || !newNames.has(path)) return false;
    return [...pathOf].some(([name, other]) => name !== box.name && other === target);
  };
  // Special uses before plain names, so that "Sent" keeps a plain folder of the same name from taking its place.
  const plain: MappableMailbox[] = [];
  for (const box of rest) {
    const use = useOf.get(box.name);
    const target = use === undefined ? undefined : newUses.get(use);
    if (
      target !== undefined &&
      !taken.has(target) &&
      !isCopiedByName(box, target) &&
      !isFilledByName(box, target)
    ) {
      place(box.name, target, target === box.name ? 'same' : 'special-use');
    } else plain.push(box);
  }
  for (const box of plain) {
    const { name, escaped } = samePath(box, old, fresh);
    place(box.name, name, escaped ? 'escaped' : name === box.name ? 'same' : 'prefix');
  }
  const order = new Map(old.mailboxes.map((m, i) => [m.name, i]));
  return result.sort((a, b) => (order.get(a.oldName) ?? 0) - (order.get(b.oldName) ?? 0));
}

/** The name with " (2)", " (3)" ... behind it: for a new side that takes two spellings for one (F-66). */
export function alternativeName(name: string, attempt: number): string {
  return `${name} (${attempt + 1})`;
}

export function isInbox(name: string): boolean {
  return name.toUpperCase() === 'INBOX';
}

/** For people: modified UTF-7 decoded; what cannot be decoded is shown as it is, control characters as \xNN. */
export function displayName(raw: string): string {
  const { text } = decodeModifiedUtf7(raw);
  return text.replace(
    /[\u0000-\u001f\u007f-\u009f]/g,
    (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}

function candidate(box: MappableMailbox, side: MappableSide) {
  const levels = levelsOf(box, side);
  const only = levels.length === 1 ? levels[0] : undefined;
  return {
    name: box.name,
    topLevelText: only === undefined ? null : decodeModifiedUtf7(only).text,
    attributes: box.specialUse,
    empty: box.status?.messages === 0,
  };
}

/** Path below the personal namespace's prefix. */
function levelsOf(box: MappableMailbox, side: MappableSide): string[] {
  const delimiter = box.delimiter ?? side.delimiter;
  const name =
    side.prefix !== '' && box.name.startsWith(side.prefix) ? box.name.slice(side.prefix.length) : box.name;
  return delimiter === null || delimiter === '' ? [name] : name.split(delimiter);
}

function samePath(
  box: MappableMailbox,
  old: MappableSide,
  fresh: MappableSide,
): { name: string; escaped: boolean } {
  let escaped = false;
  const levels = levelsOf(box, old).map((level, index) => {
    const clean = cleanLevel(level, fresh.delimiter, index === 0);
    if (clean.changed) escaped = true;
    return clean.level;
  });
  if (fresh.delimiter === null) {
    const flat = cleanLevel(levels.join('_'), null, true);
    return { name: fresh.prefix + flat.level, escaped: escaped || flat.changed || levels.length > 1 };
  }
  // Children of INBOX stay children of INBOX where the new prefix is INBOX itself; no level is doubled.
  const prefix = fresh.prefix;
  const joined = levels.join(fresh.delimiter);
  return {
    name: joined.toUpperCase().startsWith(prefix.toUpperCase()) && prefix !== '' ? joined : prefix + joined,
    escaped,
  };
}

/**
 * One level, legal on the new side: valid modified UTF-7, no delimiter, no control characters, not empty, not too long.
 * What cannot stay becomes `=HH` (as in quoted-printable), and a `=HH` that stood there before becomes `=3DHH`, so that
 * two different names never become one.
 */
function cleanLevel(
  level: string,
  delimiter: string | null,
  isTop: boolean,
): { level: string; changed: boolean } {
  const text = decodeModifiedUtf7(level).text.toWellFormed();
  let clean = escapeIllegal(text, delimiter);
  if (clean !== text) clean = escapeIllegal(text.replace(/=(?=[0-9A-F]{2})/g, '=3D'), delimiter);
  if (clean === '') clean = '=00';
  // Dots alone are directories to file systems, a leading ~ is a home to some servers, a second INBOX is INBOX.
  if (/^\.{1,2}$/.test(clean)) clean = clean.replaceAll('.', '=2E');
  if (clean.startsWith('~')) clean = `=7E${clean.slice(1)}`;
  if (clean.startsWith(' ') || clean.endsWith(' ')) clean = clean.replace(/^ | $/g, '=20');
  if (isTop && isInbox(clean) && level.toUpperCase() !== 'INBOX') clean = `${clean}=00`;
  let encoded = encodeModifiedUtf7(clean);
  if (encoded.length > maxLevelBytes) {
    const sum = checksum(level);
    let cut = clean;
    while (encodeModifiedUtf7(cut).length > maxLevelBytes - 9) cut = [...cut].slice(0, -1).join('');
    encoded = encodeModifiedUtf7(`${cut}~${sum}`);
  }
  return { level: encoded, changed: encoded !== level };
}

function escapeIllegal(text: string, delimiter: string | null): string {
  let out = '';
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    const illegal =
      code < 0x20 || (code >= 0x7f && code < 0xa0) || char === delimiter || char === '%' || char === '*';
    out += illegal ? `=${code.toString(16).toUpperCase().padStart(2, '0')}` : char;
  }
  return out;
}

/** FNV-1a, 32 bits, in hex: tells two long names apart; not for security. */
function checksum(text: string): string {
  let sum = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) sum = Math.imul(sum ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return sum.toString(16).padStart(8, '0');
}
