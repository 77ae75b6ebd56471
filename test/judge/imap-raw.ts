/**
 * The judge's own IMAP client: a socket, a parser of its own and nothing else. It shares no line with src/, so that a
 * mistake there cannot hide itself here. It is also how tests act as the users of either side. Names are raw wire
 * names, one character a byte; bodies are bytes.
 */
import { createHash } from 'node:crypto';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

export interface RawImapOptions {
  readonly host?: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** Of this machine, to come from. */
  readonly from?: string;
  /** Implicit TLS, trusting this CA (PEM). */
  readonly tls?: { readonly ca: string };
  /** For one answer, or one piece of it; default 60 s. */
  readonly timeoutMs?: number;
}

/** An atom is a string, a quoted string or a literal is bytes, NIL is null, a list is an array. */
export type RawValue = string | Uint8Array | null | readonly RawValue[];

export interface RawReply {
  readonly status: 'OK' | 'NO' | 'BAD';
  /** All after OK, NO or BAD. */
  readonly text: string;
  /** Untagged lines, without the "* ". */
  readonly untagged: readonly (readonly RawValue[])[];
}

/** One part of a command: text goes as it is, bytes go as a literal. */
export type CommandPart = string | Uint8Array;

export class RawImap {
  readonly #socket: Socket;
  readonly #reader: ByteReader;
  #next = 1;
  greeting = '';

  private constructor(socket: Socket, reader: ByteReader) {
    this.#socket = socket;
    this.#reader = reader;
  }

  /** Connects and logs in. */
  static async login(options: RawImapOptions): Promise<RawImap> {
    const client = await RawImap.connect(options);
    try {
      await client.ok('LOGIN ', quoted(options.user), ' ', quoted(options.password));
      return client;
    } catch (error) {
      client.destroy();
      throw error;
    }
  }

  /** Connects and reads the greeting. */
  static async connect(options: RawImapOptions): Promise<RawImap> {
    const host = options.host ?? '127.0.0.1';
    const socket = options.tls
      ? connectTls({ host, port: options.port, ca: options.tls.ca, servername: 'localhost' })
      : connectTcp({
          host,
          port: options.port,
          ...(options.from === undefined ? {} : { localAddress: options.from }),
        });
    const client = new RawImap(socket, new ByteReader(socket, options.timeoutMs ?? 60_000));
    client.greeting = (await client.#reader.line()).toString('latin1');
    return client;
  }

  /** Sends a command and reads up to its tagged answer; untagged answers go to `each` when given, else are kept. */
  async command(
    parts: readonly CommandPart[],
    each?: (line: readonly RawValue[]) => void,
  ): Promise<RawReply> {
    const tag = `J${this.#next++}`;
    const untagged: (readonly RawValue[])[] = [];
    const take = each ?? ((line) => untagged.push(line));
    let text = `${tag} `;
    for (const part of parts) {
      if (typeof part === 'string') {
        text += part;
        continue;
      }
      // Always a synchronising literal: every server knows it, and the judge is in no hurry.
      this.#write(`${text}{${part.length}}\r\n`);
      text = '';
      const early = await this.#readUntil(tag, take, true);
      if (early !== null) return { ...early, untagged };
      this.#socket.write(part);
    }
    this.#write(`${text}\r\n`);
    const reply = await this.#readUntil(tag, take, false);
    if (reply === null) throw new Error('the server asked for more where nothing was to come');
    return { ...reply, untagged };
  }

  /** A command that must succeed. */
  async ok(...parts: readonly CommandPart[]): Promise<RawReply> {
    const reply = await this.command(parts);
    if (reply.status !== 'OK')
      throw new Error(`${describe(parts)} was answered: ${reply.status} ${reply.text}`);
    return reply;
  }

  async capabilities(): Promise<string[]> {
    const reply = await this.ok('CAPABILITY');
    return reply.untagged
      .filter((line) => line[0] === 'CAPABILITY')
      .flatMap((line) => line.slice(1).map(textOf));
  }

  async list(): Promise<RawMailbox[]> {
    // \Noselect in LSUB: a parent of what is subscribed, and not subscribed itself (RFC 3501 §6.3.9).
    const lines = listLines(await this.ok('LSUB "" "*"'), 'LSUB').filter(({ selectable }) => selectable);
    const subscribed = new Set(lines.map(({ name }) => name));
    return listLines(await this.ok('LIST "" "*"'), 'LIST').map((mailbox) => ({
      ...mailbox,
      subscribed: subscribed.has(mailbox.name),
    }));
  }

  /** The UID given by APPENDUID, or null without UIDPLUS. */
  async append(
    mailbox: string,
    body: Uint8Array | string,
    options: { readonly flags?: readonly string[]; readonly date?: string } = {},
  ): Promise<number | null> {
    const bytes = typeof body === 'string' ? Buffer.from(body, 'latin1') : body;
    const flags = options.flags === undefined ? '' : ` (${options.flags.join(' ')})`;
    const date = options.date === undefined ? '' : ` "${options.date}"`;
    const reply = await this.ok('APPEND ', quoted(mailbox), `${flags}${date} `, bytes);
    const uid = /\[APPENDUID \d+ (\d+)\]/i.exec(reply.text)?.[1];
    return uid === undefined ? null : Number(uid);
  }

  async select(mailbox: string): Promise<void> {
    await this.ok('SELECT ', quoted(mailbox));
  }

  async store(
    mailbox: string,
    uids: readonly number[],
    op: '+' | '-' | '',
    flags: readonly string[],
  ): Promise<void> {
    await this.select(mailbox);
    await this.ok(`UID STORE ${uids.join(',')} ${op}FLAGS.SILENT (${flags.join(' ')})`);
  }

  /** Deletes exactly these messages where UIDPLUS is offered; without it, all that are marked. */
  async expunge(mailbox: string, uids: readonly number[]): Promise<void> {
    await this.store(mailbox, uids, '+', ['\\Deleted']);
    const uidPlus = (await this.capabilities()).includes('UIDPLUS');
    await this.ok(uidPlus ? `UID EXPUNGE ${uids.join(',')}` : 'EXPUNGE');
  }

  async move(mailbox: string, uids: readonly number[], to: string): Promise<void> {
    await this.select(mailbox);
    if ((await this.capabilities()).includes('MOVE')) {
      await this.ok(`UID MOVE ${uids.join(',')} `, quoted(to));
    } else {
      await this.ok(`UID COPY ${uids.join(',')} `, quoted(to));
      await this.expunge(mailbox, uids);
    }
  }

  async create(mailbox: string): Promise<void> {
    await this.ok('CREATE ', quoted(mailbox));
  }

  async rename(from: string, to: string): Promise<void> {
    await this.ok('RENAME ', quoted(from), ' ', quoted(to));
  }

  async delete(mailbox: string): Promise<void> {
    await this.ok('DELETE ', quoted(mailbox));
  }

  async subscribe(mailbox: string): Promise<void> {
    await this.ok('SUBSCRIBE ', quoted(mailbox));
  }

  async unsubscribe(mailbox: string): Promise<void> {
    await this.ok('UNSUBSCRIBE ', quoted(mailbox));
  }

  /** The body of one message. */
  async fetchBody(mailbox: string, uid: number): Promise<Uint8Array> {
    await this.ok('EXAMINE ', quoted(mailbox));
    const reply = await this.ok(`UID FETCH ${uid} (BODY.PEEK[])`);
    for (const line of reply.untagged) {
      const fetched = fetchItems(line);
      const body = fetched?.items.get('BODY[]');
      if (fetched !== null && body instanceof Uint8Array) return body;
    }
    throw new Error(`no message ${uid} in ${mailbox}`);
  }

  /** One mailbox, read-only. */
  async readMailbox(mailbox: RawMailbox): Promise<MailboxSnapshot> {
    const messages: MessageSnapshot[] = [];
    if (!mailbox.selectable) return { ...mailbox, uidValidity: 0, uidNext: 0, messages };
    const opened = await this.ok('EXAMINE ', quoted(mailbox.name));
    let exists = 0;
    for (const line of opened.untagged) if (line[1] === 'EXISTS') exists = Number(line[0]);
    if (exists > 0) {
      const items = '(UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[])';
      const reply = await this.command([`FETCH 1:* ${items}`], (line) => {
        const message = messageOf(line);
        if (message !== null) messages.push(message);
      });
      if (reply.status !== 'OK') throw new Error(`FETCH in ${mailbox.name}: ${reply.status} ${reply.text}`);
    }
    messages.sort((a, b) => a.uid - b.uid);
    return {
      ...mailbox,
      uidValidity: numberIn(opened, 'UIDVALIDITY'),
      uidNext: numberIn(opened, 'UIDNEXT'),
      messages,
    };
  }

  async logout(): Promise<void> {
    await this.command(['LOGOUT']).catch(() => undefined);
    this.#socket.destroy();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #write(text: string): void {
    this.#socket.write(Buffer.from(text, 'latin1'));
  }

  async #readUntil(
    tag: string,
    take: (line: readonly RawValue[]) => void,
    mayContinue: boolean,
  ): Promise<Pick<RawReply, 'status' | 'text'> | null> {
    for (;;) {
      const segments = await this.#readResponse();
      const first = (segments[0] as Buffer).toString('latin1');
      if (first.startsWith('+')) {
        if (mayContinue) return null;
        throw new Error(`unexpected continuation: ${first}`);
      }
      if (first.startsWith('* ')) {
        // OK, NO, BAD, PREAUTH and BYE carry free text, which has no grammar beyond the code in brackets.
        const condition = /^\* (OK|NO|BAD|PREAUTH|BYE)(?: |$)/i.exec(first);
        take(
          condition === null
            ? parse(segments, 2)
            : [(condition[1] as string).toUpperCase(), first.slice(condition[0].length)],
        );
        continue;
      }
      const tagged = /^(\S+) (OK|NO|BAD)(?: (.*))?$/i.exec(first);
      if (tagged?.[1] !== tag) throw new Error(`unexpected line: ${first.slice(0, 200)}`);
      return { status: (tagged[2] as string).toUpperCase() as RawReply['status'], text: tagged[3] ?? '' };
    }
  }

  /** One answer: its lines, with the literal after each line that announces one. */
  async #readResponse(): Promise<Buffer[]> {
    const segments: Buffer[] = [];
    for (;;) {
      const line = await this.#reader.line();
      segments.push(line);
      const announced = /~?\{(\d+)\}$/.exec(line.subarray(-24).toString('latin1'))?.[1];
      if (announced === undefined) return segments;
      segments.push(await this.#reader.bytes(Number(announced)));
    }
  }
}

export interface RawMailbox {
  /** Raw wire name. INBOX is written so, whatever case the server uses. */
  readonly name: string;
  readonly delimiter: string | null;
  /** Lower case, with backslash. */
  readonly attributes: readonly string[];
  readonly selectable: boolean;
  readonly subscribed: boolean;
}

export interface MessageSnapshot {
  readonly uid: number;
  /** Sorted; system flags in lower case, keywords as sent; without \Recent. */
  readonly flags: readonly string[];
  /** As sent. */
  readonly internalDate: string;
  /** The body's true length. */
  readonly sizeBytes: number;
  /** What the server said the length is. */
  readonly statedSizeBytes: number;
  /** Of the body, in hex. */
  readonly sha256: string;
}

export interface MailboxSnapshot extends RawMailbox {
  readonly uidValidity: number;
  readonly uidNext: number;
  readonly messages: readonly MessageSnapshot[];
}

/** A whole account, by raw mailbox name. */
export type AccountSnapshot = ReadonlyMap<string, MailboxSnapshot>;

/** Reads all of an account over one connection, changing nothing. */
export async function readAccount(options: RawImapOptions): Promise<AccountSnapshot> {
  const client = await RawImap.login(options);
  try {
    const account = new Map<string, MailboxSnapshot>();
    for (const mailbox of await client.list()) account.set(mailbox.name, await client.readMailbox(mailbox));
    return account;
  } finally {
    await client.logout();
  }
}

/** A quoted string; names and passwords of the lab hold no CR, LF or NUL. */
export function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

function describe(parts: readonly CommandPart[]): string {
  return parts.map((part) => (typeof part === 'string' ? part : `{${part.length}}`)).join('');
}

function listLines(reply: RawReply, word: string): Omit<RawMailbox, 'subscribed'>[] {
  return reply.untagged
    .filter((line) => line[0] === word)
    .map(([, attributes, delimiter, name]) => {
      const flags = Array.isArray(attributes) ? attributes.map((one) => textOf(one).toLowerCase()) : [];
      const raw = textOf(name ?? '');
      return {
        name: raw.toUpperCase() === 'INBOX' ? 'INBOX' : raw,
        delimiter: delimiter === null || delimiter === undefined ? null : textOf(delimiter),
        attributes: flags,
        selectable: !flags.includes('\\noselect') && !flags.includes('\\nonexistent'),
      };
    });
}

function numberIn(reply: RawReply, code: string): number {
  for (const line of reply.untagged) {
    const found =
      line[0] === 'OK' && new RegExp(`^\\[${code} (\\d+)\\]`, 'i').exec(textOf(line[1] ?? ''))?.[1];
    if (found) return Number(found);
  }
  return 0;
}

function fetchItems(line: readonly RawValue[]): { items: Map<string, RawValue> } | null {
  const list = line[2];
  if (line[1] !== 'FETCH' || !Array.isArray(list)) return null;
  const items = new Map<string, RawValue>();
  for (let i = 0; i + 1 < list.length; i += 2) items.set(textOf(list[i]).toUpperCase(), list[i + 1]);
  return { items };
}

function messageOf(line: readonly RawValue[]): MessageSnapshot | null {
  const items = fetchItems(line)?.items;
  if (items === undefined) return null;
  const body = items.get('BODY[]');
  const flags = items.get('FLAGS');
  // A flag update of another session has no body, and is none of our business here.
  if (!(body instanceof Uint8Array)) return null;
  return {
    uid: Number(items.get('UID')),
    flags: Array.isArray(flags) ? normalFlags(flags.map(textOf)) : [],
    internalDate: textOf(items.get('INTERNALDATE') ?? ''),
    sizeBytes: body.length,
    statedSizeBytes: Number(items.get('RFC822.SIZE')),
    sha256: createHash('sha256').update(body).digest('hex'),
  };
}

/** Sorted, without \Recent, system flags in lower case. */
export function normalFlags(flags: readonly string[]): string[] {
  return flags
    .map((flag) => (flag.startsWith('\\') ? flag.toLowerCase() : flag))
    .filter((flag) => flag !== '\\recent')
    .sort();
}

function textOf(value: RawValue | undefined): string {
  if (typeof value === 'string') return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('latin1');
  return '';
}

/** Reads values from an answer's segments: even ones are lines, odd ones the literals they announce. */
function parse(segments: readonly Buffer[], start: number): RawValue[] {
  let segment = 0;
  let line = (segments[0] as Buffer).toString('latin1');
  let at = start;

  const values = (inList: boolean): RawValue[] => {
    const out: RawValue[] = [];
    for (;;) {
      while (line[at] === ' ') at++;
      const character = line[at];
      if (character === undefined) {
        if (inList) throw new Error(`a list does not end: ${line.slice(0, 200)}`);
        return out;
      }
      if (character === ')') {
        at++;
        if (inList) return out;
        throw new Error(`a parenthesis too many: ${line.slice(0, 200)}`);
      }
      out.push(value(character));
    }
  };
  const value = (character: string): RawValue => {
    if (character === '(') {
      at++;
      return values(true);
    }
    if (character === '"') return quotedString();
    const literal = /^~?\{\d+\}$/.test(line.slice(at)) ? segments[segment + 1] : undefined;
    if (literal !== undefined) {
      segment += 2;
      line = (segments[segment] as Buffer).toString('latin1');
      at = 0;
      return literal;
    }
    return atom();
  };
  const quotedString = (): Uint8Array => {
    let text = '';
    for (at++; line[at] !== '"'; at++) {
      if (line[at] === '\\') at++;
      if (line[at] === undefined) throw new Error(`a quoted string does not end: ${line.slice(0, 200)}`);
      text += line[at];
    }
    at++;
    return Buffer.from(text, 'latin1');
  };
  const atom = (): string | null => {
    const from = at;
    // A section in brackets belongs to the atom before it, blanks and parentheses included: BODY[HEADER.FIELDS (X)].
    let depth = 0;
    for (; at < line.length; at++) {
      const character = line[at];
      if (character === '[') depth++;
      else if (character === ']') depth--;
      else if (depth === 0 && (character === ' ' || character === '(' || character === ')')) break;
    }
    if (at === from) throw new Error(`nothing to read at ${from}: ${line.slice(0, 200)}`);
    const text = line.slice(from, at);
    return text.toUpperCase() === 'NIL' ? null : text;
  };
  return values(false);
}

/** Lines and counted bytes out of a socket, in order, each within a deadline. */
class ByteReader {
  readonly #socket: Socket;
  readonly #timeoutMs: number;
  #chunks: Buffer[] = [];
  #length = 0;
  #ended: Error | null = null;
  #wake: (() => void) | null = null;

  constructor(socket: Socket, timeoutMs: number) {
    this.#socket = socket;
    this.#timeoutMs = timeoutMs;
    const end = (error: Error) => {
      this.#ended ??= error;
      this.#wake?.();
    };
    socket.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.#length += chunk.length;
      if (this.#length > 4 << 20) socket.pause();
      this.#wake?.();
    });
    socket.on('error', end);
    socket.on('close', () => end(new Error('the server closed the connection')));
  }

  /** Up to CRLF, which is taken but not given. */
  async line(): Promise<Buffer> {
    for (;;) {
      const whole = this.#joined();
      const end = whole.indexOf('\r\n');
      if (end >= 0) {
        this.#chunks = [whole.subarray(end + 2)];
        this.#length -= end + 2;
        return whole.subarray(0, end);
      }
      await this.#more();
    }
  }

  async bytes(count: number): Promise<Buffer> {
    while (this.#length < count) await this.#more();
    const whole = this.#joined();
    this.#chunks = [whole.subarray(count)];
    this.#length -= count;
    return whole.subarray(0, count);
  }

  #joined(): Buffer {
    if (this.#chunks.length !== 1) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0] as Buffer;
  }

  async #more(): Promise<void> {
    if (this.#ended !== null) throw this.#ended;
    const before = this.#length;
    this.#socket.resume();
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(
        () => reject(new Error(`no answer within ${this.#timeoutMs} ms`)),
        this.#timeoutMs,
      );
      this.#wake = () => {
        clearTimeout(late);
        this.#wake = null;
        resolve();
      };
    });
    if (this.#length === before && this.#ended !== null) throw this.#ended;
  }
}
