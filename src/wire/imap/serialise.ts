/**
 * Commands as bytes (RFC 9051 §6, §9). A command is a row of parts: bytes to write, and literals, whose head the
 * connection writes and whose data is either at hand or streamed by the caller. Nothing passes here that could end
 * the line early: CR, LF and NUL are refused in atoms and quoted strings, whoever chose the text.
 */
import { bytesOf, bytesOfLatin1, concatBytes } from '../../base/bytes.ts';
import { MailferryError } from '../../base/errors.ts';
import { formatInternalDate, isDateTime } from '../../base/date-time.ts';
import type { RawMailboxName, UidRange } from './response.ts';
import { formatUidSet } from './uid-set.ts';

/** What the server takes: LITERAL+ and LITERAL- are RFC 7888. */
export type LiteralSupport = 'sync' | 'literal-minus' | 'literal-plus';

export interface LiteralPart {
  readonly literal: {
    readonly sizeBytes: number;
    /** `sync`: after the head the connection waits for `+` before it writes on. */
    readonly form: 'sync' | 'nonsync';
    /** `literal8`, RFC 3516 §4.4. */
    readonly binary: boolean;
  };
  /** Null: the caller streams exactly `sizeBytes` bytes here. */
  readonly data: Uint8Array | null;
}

export type CommandPart = Uint8Array | LiteralPart;
/** One word of a command: raw text (checked only against CR, LF, NUL and 8 bit), or parts made by a function below. */
export type CommandWord = string | CommandPart | readonly CommandPart[];

/** LITERAL- allows non-synchronising literals up to this size (RFC 7888 §5). */
const literalMinusBytes = 4096;
const space = bytesOf(' ');
const crlf = bytesOf('\r\n');

/** `command`: tag and words with one space between, CRLF at the end; neighbouring bytes are joined to one part. */
export function commandLine(tag: string, ...members: readonly CommandWord[]): CommandPart[] {
  const parts: CommandPart[] = [bytesOf(atom(tag))];
  for (const member of members) parts.push(space, ...partsOf(member));
  parts.push(crlf);
  return joined(parts);
}

/** Words with one space between, as one word: the arguments of one message of a MULTIAPPEND, say. */
export function words(...members: readonly CommandWord[]): CommandPart[] {
  const parts: CommandPart[] = [];
  for (const member of members) {
    if (parts.length > 0) parts.push(space);
    parts.push(...partsOf(member));
  }
  return joined(parts);
}

/** Words in parentheses. */
export function list(...members: readonly CommandWord[]): CommandPart[] {
  return joined([bytesOf('('), ...words(...members), bytesOf(')')]);
}

/** `{n}`, `{n+}` or `~{n}` with its CRLF. */
export function literalHead(part: LiteralPart): Uint8Array {
  const { sizeBytes, form, binary } = part.literal;
  return bytesOf(`${binary ? '~' : ''}{${sizeBytes}${form === 'nonsync' ? '+' : ''}}\r\n`);
}

export function literalForm(support: LiteralSupport, sizeBytes: number): 'sync' | 'nonsync' {
  if (support === 'literal-plus') return 'nonsync';
  return support === 'literal-minus' && sizeBytes <= literalMinusBytes ? 'nonsync' : 'sync';
}

/** A literal whose bytes are at hand. */
export function literal(data: Uint8Array, support: LiteralSupport, binary = false): LiteralPart {
  const sizeBytes = data.length;
  return { literal: { sizeBytes, form: literalForm(support, sizeBytes), binary }, data };
}

/** A literal whose bytes the caller streams. */
export function streamedLiteral(sizeBytes: number, form: 'sync' | 'nonsync', binary = false): LiteralPart {
  if (!Number.isSafeInteger(sizeBytes) || sizeBytes < 0) throw refusal('a literal of this size');
  return { literal: { sizeBytes, form, binary }, data: null };
}

/** `atom`: returns it unchanged, or throws MailferryError `internal` if it is none. */
export function atom(text: string): string {
  if (!isAtom(text)) throw refusal('this text as an atom');
  return text;
}

function isAtom(text: string): boolean {
  return /^[!#$&'+,\-./0-9:;<=>?@A-Z[^_`a-z|}~]+$/.test(text);
}

/** `quoted`, backslash and quote escaped; throws MailferryError `internal` on CR, LF, NUL and characters above U+007F. */
export function quoted(text: string): Uint8Array {
  if (!isQuotable(text)) throw refusal('this text as a quoted string');
  return bytesOf(`"${text.replace(/["\\]/g, '\\$&')}"`);
}

function isQuotable(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0 || code === 0x0a || code === 0x0d || code > 0x7f) return false;
  }
  return true;
}

/** `astring` in its shortest form. The text has one character per byte; UTF-8 has to be encoded before. */
export function astring(text: string, support: LiteralSupport): CommandPart {
  if (isAtom(text) && !/^nil$/i.test(text)) return bytesOf(text);
  return string(text, support);
}

/** `string`: quoted where it can be, else a literal; one character per byte. */
export function string(text: string, support: LiteralSupport): CommandPart {
  return isQuotable(text) ? quoted(text) : literal(bytesOfLatin1(text), support);
}

/** `mailbox`: never an atom, so that NIL, INBOX and `{5}` cannot be taken for something else. */
export function mailbox(name: RawMailboxName, support: LiteralSupport): CommandPart {
  return string(name, support);
}

/** `flag-list`; throws MailferryError `internal` on a flag that is no atom (with one backslash before at most). */
export function flagList(flags: readonly string[]): Uint8Array {
  for (const flag of flags) if (!isFlag(flag)) throw refusal('this flag');
  return bytesOf(`(${flags.join(' ')})`);
}

/** `flag`: an atom, perhaps with a backslash before. The caller drops what is none before it sends a list. */
export function isFlag(flag: string): boolean {
  return isAtom(flag.startsWith('\\') ? flag.slice(1) : flag);
}

/** `sequence-set` of a normalised set; throws MailferryError `internal` on the empty one, which cannot be written. */
export function sequenceSet(ranges: readonly UidRange[]): Uint8Array {
  if (ranges.length === 0) throw refusal('an empty set');
  return bytesOf(formatUidSet(ranges));
}

/** `search-key` UID, RFC 9051 §6.4.4. */
export function searchUid(ranges: readonly UidRange[]): Uint8Array {
  return concatBytes([bytesOf('UID '), sequenceSet(ranges)]);
}

/** `date-time` with its quotes, from the text of an INTERNALDATE or from a moment. */
export function dateTime(value: string | number, offsetMinutes = 0): Uint8Array {
  const text = typeof value === 'string' ? value : formatInternalDate(value, offsetMinutes);
  if (!isDateTime(text)) throw refusal('this text as a date-time');
  return bytesOf(`"${text}"`);
}

/** Raw text between words, such as `UID FETCH` or `(UID FLAGS BODY.PEEK[])`. */
function raw(text: string): Uint8Array {
  if (!isQuotable(text)) throw refusal('this text in a command');
  return bytesOf(text);
}

function partsOf(word: CommandWord): readonly CommandPart[] {
  if (typeof word === 'string') return [raw(word)];
  return Array.isArray(word) ? word : [word as CommandPart];
}

function joined(parts: readonly CommandPart[]): CommandPart[] {
  const out: CommandPart[] = [];
  let bytes: Uint8Array[] = [];
  for (const part of parts) {
    if (part instanceof Uint8Array) {
      bytes.push(part);
      continue;
    }
    if (bytes.length > 0) out.push(concatBytes(bytes));
    bytes = [];
    out.push(part);
  }
  if (bytes.length > 0) out.push(concatBytes(bytes));
  return out;
}

function refusal(what: string): MailferryError {
  return new MailferryError('internal', `an IMAP command cannot hold ${what}`);
}
