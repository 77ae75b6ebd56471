/** Operations on bytes. Text only where the RFC says text; a message never goes through here as a string. */

const utf8 = new TextEncoder();

/** Bytes of a text in UTF-8 (for ASCII: one byte a character). */
export function bytesOf(text: string): Uint8Array {
  return utf8.encode(text);
}

/** Each byte as the character of the same number (ISO 8859-1): reversible, for names kept as raw bytes. */
export function latin1Of(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 8192) {
    text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  }
  return text;
}

/** The inverse of `latin1Of`; throws on characters above U+00FF. */
export function bytesOfLatin1(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0xff) throw new RangeError('not a byte string');
    bytes[i] = code;
  }
  return bytes;
}

/** One buffer with all parts behind each other. */
export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const out = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
