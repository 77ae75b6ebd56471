/** From, Subject and Date of a raw header, decoded for the owner of a refused message (RFC 2047). */
export interface HeaderDescription {
  readonly subject: string | null;
  readonly from: string | null;
  readonly date: string | null;
}

/** Longer subjects are cut: enough to find a message by. */
const maxChars = 300;

export async function describeHeader(header: Uint8Array): Promise<HeaderDescription> {
  // Loaded when the first message is refused: most runs never need it.
  const { decodeWords } = await import('postal-mime');
  // Raw 8-bit headers are mostly UTF-8; other bytes show as replacement characters, which does no harm here.
  const text = new TextDecoder().decode(header).replace(/\r?\n[ \t]+/g, ' ');
  const field = (name: string): string | null => {
    const line = text.split(/\r?\n/).find((l) => l.toLowerCase().startsWith(`${name}:`));
    if (line === undefined) return null;
    return decodeWords(line.slice(name.length + 1).trim())
      .replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ')
      .slice(0, maxChars);
  };
  return { subject: field('subject'), from: field('from'), date: field('date') };
}
