/** UUIDv7 (RFC 9562 §5.7): ids that sort by the time they were made, so that an index grows at its end. */

/** `random` gives 10 octets. */
export function newId(
  nowMs: number,
  random: Uint8Array = crypto.getRandomValues(new Uint8Array(10)),
): string {
  const time = nowMs.toString(16).padStart(12, '0');
  const rest = Buffer.from(random);
  rest[0] = ((rest[0] ?? 0) & 0x0f) | 0x70;
  rest[2] = ((rest[2] ?? 0) & 0x3f) | 0x80;
  const hex = time + rest.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
