/** What the contract of MailStore needs of a server, and small tools that its chapters share. */
import { createHash } from 'node:crypto';
import { onTestFinished } from 'vitest';
import { bytesOf, concatBytes } from '../../src/base/bytes.ts';
import type {
  AppendMessage,
  AppendOutcome,
  BodySink,
  MailStore,
  MessageMeta,
  StoreSession,
  UidSpan,
} from '../../src/sync/mail-store.ts';

/** Where good servers differ; the contract holds either way. */
export interface MailStoreWays {
  /** INTERNALDATE comes back in the zone it was given in; false: the same moment in the server's own. */
  readonly keepsZone: boolean;
  /** A NUL byte sent in a literal8 comes back as NUL. */
  readonly keepsNul: boolean;
  /** A bare LF is not made CRLF. */
  readonly keepsBareLf: boolean;
  /** 8-bit bytes in a header come back as sent. */
  readonly keepsEightBitHeader: boolean;
  /** A message without a line end at its end gets none. */
  readonly keepsOpenEnd: boolean;
  /** A message of no bytes: kept as it is, given a line end, or refused. */
  readonly emptyBody: 'stored' | 'altered' | 'refused';
  /** Says that a mailbox exists or does not when CREATE or RENAME fail for it. */
  readonly saysWhy: boolean;
  /** Raw names of the chapter on mailboxes that this server does not create. */
  readonly refusesNames: readonly string[];
}

export const goodWays: MailStoreWays = {
  keepsZone: true,
  keepsNul: true,
  keepsBareLf: true,
  keepsEightBitHeader: true,
  keepsOpenEnd: true,
  emptyBody: 'stored',
  saysWhy: true,
  refusesNames: [],
};

export interface AccountUnderTest {
  readonly store: MailStore;
  /** Puts a message into INBOX past the store, as a delivery does. */
  deliver(body: Uint8Array): Promise<void>;
}

export interface MailStoreEnv {
  readonly ways: MailStoreWays;
  /** A new account with an empty INBOX and nothing else. */
  account(): Promise<AccountUnderTest>;
  close(): Promise<void>;
}

/** The environment is there once `beforeAll` has run. */
export type EnvOf = () => MailStoreEnv;

export interface Opened extends AccountUnderTest {
  readonly session: StoreSession;
  /** Another connection of the same account. */
  another(): Promise<StoreSession>;
  /** A raw name with the personal namespace's prefix; levels separated by "/" here. */
  at(...levels: string[]): string;
}

/** A new account with one session, closed when the test ends. */
export async function open(envOf: EnvOf): Promise<Opened> {
  const account = await envOf().account();
  const another = async () => {
    const session = await account.store.openSession();
    onTestFinished(() => session.close());
    return session;
  };
  const session = await another();
  const { prefix, delimiter } = await session.list();
  const at = (...levels: string[]) => prefix + levels.join(delimiter ?? '');
  return { ...account, session, another, at };
}

export function message(body: string | Uint8Array, more: Partial<AppendMessage> = {}): AppendMessage {
  const bytes = typeof body === 'string' ? bytesOf(body) : body;
  return { flags: [], internalDate: null, sizeBytes: bytes.length, body: bytes, binary: false, ...more };
}

/** A small message that is well formed for the strictest server. */
export function letter(subject: string, text = 'Hello'): Uint8Array {
  return bytesOf(
    `From: Anna <anna@old.example>\r\nTo: bert@new.example\r\nSubject: ${subject}\r\n` +
      `Date: Fri, 17 Jul 2026 02:44:25 -0700\r\nMessage-ID: <${subject}@old.example>\r\n\r\n${text}\r\n`,
  );
}

export function largeLetter(sizeBytes: number): Uint8Array {
  const head = letter('large', '');
  const body = new Uint8Array(sizeBytes);
  body.set(head);
  for (let i = head.length; i < sizeBytes; i++) {
    const column = (i - head.length) % 76;
    body[i] = column === 74 ? 13 : column === 75 ? 10 : 65 + ((i * 7) % 26);
  }
  body[sizeBytes - 2] = 13;
  body[sizeBytes - 1] = 10;
  return body;
}

/** The bytes in pieces, giving way between them. */
export function sourceOf(bytes: Uint8Array, pieceBytes = 65_536): AppendMessage['body'] {
  return async (write) => {
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      await write(bytes.subarray(at, at + pieceBytes));
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The UIDs of a stored outcome, looked up where the server does not name them. */
export async function uidsAfter(
  session: StoreSession,
  name: string,
  outcome: AppendOutcome,
): Promise<number[]> {
  if (outcome.kind !== 'stored') throw new Error(`not stored: ${JSON.stringify(outcome)}`);
  if (outcome.uids) return [...outcome.uids];
  await session.select(name, 'read');
  return uidsOf(await session.listUids());
}

export function uidsOf(spans: readonly UidSpan[]): number[] {
  return spans.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, i) => first + i));
}

export async function metaOf(
  session: StoreSession,
  spans: readonly UidSpan[] = [[1, Number.POSITIVE_INFINITY]],
): Promise<MessageMeta[]> {
  const metas: MessageMeta[] = [];
  await session.fetchMeta(spans, { date: true, size: true }, (meta) => metas.push(meta));
  return metas;
}

/**
 * Bodies by UID; null where the sink heard `missing`. Each chunk is read only after a while, when its promise is about
 * to resolve: the calls come in order, but they do not wait for one another's promises.
 */
export async function bodiesOf(
  session: StoreSession,
  uids: readonly number[],
): Promise<Map<number, Uint8Array | null>> {
  const bodies = new Map<number, Uint8Array | null>();
  const received = new Map<number, { readonly sizeBytes: number; readonly parts: Uint8Array[] }>();
  const pending: Promise<void>[] = [];
  let current = { sizeBytes: 0, parts: [] as Uint8Array[] };
  const sink: BodySink = {
    begin: (_uid, sizeBytes) => {
      current = { sizeBytes, parts: [] };
    },
    chunk: (bytes) => {
      const { parts } = current;
      const at = parts.push(bytes) - 1;
      const taken = new Promise((resolve) => setImmediate(resolve)).then(() => {
        // Not `slice`: on a Buffer that gives a view.
        parts[at] = new Uint8Array(bytes);
      });
      pending.push(taken);
      return taken;
    },
    end: (uid) => {
      received.set(uid, current);
    },
    missing: (uid) => bodies.set(uid, null),
  };
  await session.fetchBodies(uids, sink);
  await Promise.all(pending);
  for (const [uid, { sizeBytes, parts }] of received) {
    const body = concatBytes(parts);
    if (body.length !== sizeBytes) throw new Error(`${body.length} bytes of ${sizeBytes}`);
    bodies.set(uid, body);
  }
  return bodies;
}

/** The moment an INTERNALDATE stands for. */
export function momentOf(internalDate: string | null): number {
  const parts = /^\s*(\d+)-(\w+)-(\d+) ([\d:]+) ([+-]\d{4})$/.exec(internalDate ?? '');
  return Date.parse(parts ? parts.slice(1).join(' ') : '');
}

/** Flags in a form that can be compared: without regard to order and case. */
export function flagSet(flags: readonly string[]): string[] {
  return flags.map((flag) => flag.toLowerCase()).sort();
}
