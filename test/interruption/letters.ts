/** Small messages with a tag as their subject, so that a failing judgement can name them. */
export interface LetterOptions {
  /** Pads the body to about so many octets. */
  readonly sizeBytes?: number;
  readonly messageId?: string | null;
  /** Lines put into the header as they are. */
  readonly extra?: readonly string[];
  /** Instead of the usual text. */
  readonly body?: string;
}

/** One octet a character. */
export function letter(tag: string, options: LetterOptions = {}): string {
  const id = options.messageId === undefined ? `<${tag}@example.org>` : options.messageId;
  const head = [
    'Received: from mx.example.org by mail.example.org; Tue, 3 Mar 2020 10:11:12 +0100',
    'From: Anna <anna@example.org>',
    'To: bert@example.net',
    `Subject: ${tag}`,
    'Date: Tue, 3 Mar 2020 10:11:00 +0100',
    ...(id === null ? [] : [`Message-ID: ${id}`]),
    ...(options.extra ?? []),
  ];
  const text = `${head.join('\r\n')}\r\n\r\n${options.body ?? `This is ${tag}.\r\n`}`;
  const missing = (options.sizeBytes ?? 0) - text.length;
  if (missing <= 0) return text;
  const line = `${tag} `.repeat(80).slice(0, 70);
  return `${text}${`${line}\r\n`.repeat(Math.ceil(missing / 72)).slice(0, Math.max(0, missing - 2))}\r\n`;
}

/** The subject of a message, by a reader of our own. */
export function tagOf(body: Uint8Array): string {
  return fieldOf(body, 'subject') ?? `(${body.length} octets)`;
}

export function fieldOf(body: Uint8Array, name: string): string | null {
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('latin1');
  for (const line of text.split(/\r?\n/)) {
    if (line === '') return null;
    const colon = line.indexOf(':');
    if (colon > 0 && line.slice(0, colon).toLowerCase() === name) return line.slice(colon + 1).trim();
  }
  return null;
}
