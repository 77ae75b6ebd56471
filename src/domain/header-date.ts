/**
 * The date of a message whose INTERNALDATE is missing or means nothing: the top Received, else Date (RFC 5322 §3.3,
 * §3.6.7). Pure; header bytes are hostile, so only the first 64 KiB are looked at, in linear time.
 */
import { latin1Of } from '../base/bytes.ts';
import { parseInternalDate } from '../base/date-time.ts';

export interface HeaderDate {
  /** RFC 9051 date-time without quotes. */
  readonly text: string;
  readonly source: 'received' | 'date';
}

const maxHeaderBytes = 65_536;

export function headerDate(header: Uint8Array): HeaderDate | null {
  const fields = unfold(latin1Of(header.subarray(0, maxHeaderBytes)));
  const received = fields.find((f) => /^received:/i.test(f));
  const stamp = received === undefined ? null : dateIn(received.slice(received.lastIndexOf(';') + 1));
  if (stamp !== null) return { text: stamp, source: 'received' };
  const date = fields.find((f) => /^date:/i.test(f));
  const sent = date === undefined ? null : dateIn(date.slice('date:'.length));
  return sent === null ? null : { text: sent, source: 'date' };
}

function unfold(text: string): string[] {
  const fields: string[] = [];
  for (const line of text.split(/\r?\n/)) {
    if (line === '') break;
    if (/^[ \t]/.test(line) && fields.length > 0) fields[fields.length - 1] += ` ${line.trim()}`;
    else fields.push(line);
  }
  return fields;
}

function dateIn(text: string): string | null {
  const plain = text
    .replace(/\([^()]*\)/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return parseInternalDate(plain)?.text ?? null;
}
