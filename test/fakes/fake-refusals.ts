/** Why a server says NO to a message for what is in it (faults F-44, F-46, F-47, F-49, F-51, F-64). */
import type { AppendMessage, Refusal } from '../../src/sync/mail-store.ts';
import type { FakeServer } from './fake-server.ts';

export function refused(
  kind: Refusal['class'],
  code: string | null,
  text: string,
): { readonly kind: 'refused'; readonly reason: Refusal } {
  return { kind: 'refused', reason: { class: kind, code, text } };
}

const content = (text: string): Refusal => ({ class: 'content', code: null, text });

/** Null where nothing in the message offends. */
export function contentRefusal(
  server: FakeServer,
  name: string,
  message: AppendMessage,
  body: Uint8Array,
): Refusal | null {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const nul = bytes.includes(0);
  // RFC 9051 §9: a literal holds no NUL, only a literal8 does.
  if ((nul && !message.binary) || (nul && server.take('refuse-nul', name))) {
    return { class: 'nul', code: null, text: 'NUL is not allowed in message' };
  }
  if (server.take('refuse-virus', name, (one) => bytes.includes(one.signature))) {
    return content('Message rejected: virus found');
  }
  if (server.take('refuse-8bit-header', name, () => hasEightBitHeader(bytes))) {
    return content('Message contains invalid header');
  }
  if (server.take('refuse-long-line', name, (one) => longestLine(bytes) > one.overBytes)) {
    return content('Message contains a line that is too long');
  }
  const large = server.take('refuse-large', name, (one) => bytes.length > one.overBytes);
  if (large) {
    const code = large.code === undefined ? 'TOOBIG' : large.code;
    return { class: 'too-large', code, text: `Message exceeds the limit of ${large.overBytes} octets` };
  }
  if (server.take('refuse-empty', name, () => bytes.length === 0)) {
    return { class: 'other', code: null, text: 'Empty message' };
  }
  return server.take('refuse-if', name, (one) => one.when({ body, message }))?.reason ?? null;
}

function hasEightBitHeader(bytes: Buffer): boolean {
  const end = bytes.indexOf('\r\n\r\n');
  return bytes.subarray(0, end < 0 ? bytes.length : end).some((byte) => byte > 0x7f);
}

function longestLine(bytes: Buffer): number {
  let longest = 0;
  let start = 0;
  while (start <= bytes.length) {
    const end = bytes.indexOf(0x0a, start);
    longest = Math.max(longest, (end < 0 ? bytes.length : end) - start);
    if (end < 0) break;
    start = end + 1;
  }
  return longest;
}
