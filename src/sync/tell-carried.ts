/** Shows the owner which message has just come over: the beginning of one now and then, never its body. */
import type { SmallMessage } from './appender.ts';
import { type MailboxWork, rowOf } from './mailbox-work.ts';

/** Nobody reads faster, and a copy of ten thousand messages a second is not held up. */
const everyMs = 1_000;
/** A header is rarely longer, and Subject stands near its beginning. */
const maxBytes = 8_192;

export function tellCarried(work: MailboxWork, last: SmallMessage | undefined): void {
  const { run } = work;
  const now = run.clock.monotonic();
  if (last === undefined || now - run.told.carriedMs < everyMs) return;
  run.told.carriedMs = now;
  const beginning = last.bytes.subarray(0, maxBytes);
  // Copied: the bytes lie in an arena that is used again.
  const header = beginning.slice(0, endOfHeader(beginning));
  run.onEvent({ type: 'carried', mailbox: rowOf(work).oldName, header });
}

function endOfHeader(bytes: Uint8Array): number {
  const crlf = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf('\r\n\r\n');
  return crlf < 0 ? bytes.length : crlf;
}
