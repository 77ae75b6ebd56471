/**
 * I9, a refusal is loud: what `mailferry refused list --json` says of an account's messages that are not on new, held
 * against the messages as the judge reads them on old, and against the codes of the manual. Whether the list is whole
 * is I1's business (invariants.ts); that a retry brings them, the scenario has to show.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RawImap } from './imap-raw.ts';
import type { MessageRef, Violation } from './invariants.ts';

/** One line of the list; the judge knows the manual and believes none of the types. */
export type ToldRefusal = Readonly<Record<string, unknown>>;

export interface RefusalsJudged {
  readonly violations: readonly Violation[];
  /** The messages told of, for I1. */
  readonly refused: readonly MessageRef[];
}

/** A row of the table in the manual: code, scope, who may retry, whose fault, what to do. */
const rowOfManual = /^\| `([a-z-]+)` \| message \| [a-z-]+ \| [a-z]+ \| (\S.*) \|$/gm;

export async function judgeRefusals(
  old: Pick<RawImap, 'fetchBody'>,
  told: readonly ToldRefusal[],
): Promise<RefusalsJudged> {
  const manual = readFileSync(join(import.meta.dirname, '../../docs/reference/errors.md'), 'utf8');
  const codes = new Set([...manual.matchAll(rowOfManual)].map(([, code]) => code));
  const violations: Violation[] = [];
  const refused: MessageRef[] = [];
  for (const one of told) {
    const mailbox = String(one['mailbox']);
    const body = Buffer.from(await old.fetchBody(mailbox, Number(one['uid'])));
    refused.push({ mailbox, sha256: createHash('sha256').update(body).digest('hex') });
    const header = body.toString('latin1').split('\r\n\r\n', 1)[0] ?? '';
    const say = (what: string) =>
      violations.push({ invariant: 'I9', mailbox, what: `message ${String(one['uid'])}: ${what}` });
    if (!codes.has(String(one['code']))) say(`the manual knows no code ${String(one['code'])} of a message`);
    if (wordsOf(one['reason']).length < 2) say(`"${String(one['reason'])}" is no reason in words`);
    if (one['sizeBytes'] !== body.length) say(`${String(one['sizeBytes'])} octets instead of ${body.length}`);
    for (const [key, field] of [
      ['subject', 'Subject'],
      ['from', 'From'],
    ] as const) {
      const written = decoded(fieldOf(header, field));
      if (one[key] !== written) say(`${key} "${String(one[key])}" instead of "${written}"`);
    }
    const tellsDay = Number.isFinite(Date.parse(String(one['date'])));
    if (!tellsDay) say(`"${String(one['date'])}" is no date`);
    if (!(Number(one['attempts']) >= 1)) say(`tried ${String(one['attempts'])} times`);
  }
  return { violations, refused };
}

const wordsOf = (text: unknown) => (typeof text === 'string' ? text.split(/\s+/).filter(Boolean) : []);

/** One field, unfolded (RFC 5322 §2.2.3); empty where it is missing. */
function fieldOf(header: string, name: string): string {
  const found = new RegExp(`^${name}:((?:.*)(?:\\r\\n[ \\t].*)*)`, 'im').exec(header)?.[1] ?? '';
  return found.replaceAll(/\r\n(?=[ \t])/g, '').trim();
}

/** Encoded words (RFC 2047) in UTF-8 and base64, which is what the lab writes. */
function decoded(text: string): string {
  return text
    .replaceAll(/(\?=)\s+(?==\?)/g, '$1')
    .replaceAll(/=\?utf-8\?b\?([^?]*)\?=/gi, (_, base64: string) =>
      Buffer.from(base64, 'base64').toString('utf8'),
    );
}
