/** Pieces of command lines that need framing decided by what the server can do. */
import { bytesOf } from '../../base/bytes.ts';
import type { CommandPart } from './command.ts';

/** A user name or password as `astring` (RFC 9051 §9): quoted where it can be, else a literal. */
export function quotedOrLiteral(text: string, capabilities: readonly string[]): readonly CommandPart[] {
  if (/^[\u0020-\u007e]*$/.test(text)) return [`"${text.replaceAll(/["\\]/g, '\\$&')}"`];
  const body = bytesOf(text);
  const nonSynchronising =
    capabilities.includes('LITERAL+') || (capabilities.includes('LITERAL-') && body.length <= 4096);
  return [{ sizeBytes: body.length, synchronising: !nonSynchronising, binary: false, body }];
}

/** A raw mailbox name: always quoted (so that NIL or {5} stay names), a literal where quotes cannot hold it. */
export function mailboxArgument(
  name: string,
  literal: 'plus' | 'minus' | 'synchronising',
): readonly CommandPart[] {
  if (/^[\u0020-\u007e]*$/.test(name)) return [`"${name.replaceAll(/["\\]/g, '\\$&')}"`];
  const body = Uint8Array.from(name, (c) => c.charCodeAt(0) & 0xff);
  return [{ sizeBytes: body.length, synchronising: literal === 'synchronising', binary: false, body }];
}
