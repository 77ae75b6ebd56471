/** Bodies by UID FETCH BODY.PEEK[] (RFC 9051 §6.4.5), handed on as they arrive; PEEK leaves \Seen alone. */
import { concatBytes } from '../../../base/bytes.ts';
import { MailferryError } from '../../../base/errors.ts';
import type { BodySink } from '../../../sync/mail-store.ts';
import type { FetchAttributes } from '../../../wire/imap/response.ts';
import type { BodyEvents } from '../pipe.ts';
import { type CommandContext, maxCommandBytes } from './context.ts';
import { formatSpans, spansOf } from './uid-spans.ts';

/** A body whose UID comes only behind it has to be kept until then; above this size the server is given up. */
const maxKeptBodyBytes = 16 * 1024 * 1024;

export async function fetchBodies(
  context: CommandContext,
  uids: readonly number[],
  sink: BodySink,
): Promise<void> {
  const delivered = new Set<number>();
  for (const set of formatSpans(spansOf(uids), maxCommandBytes)) {
    const receiver = new BodyReceiver(context, new Set(uids), delivered, sink);
    await context.pipe.run('UID FETCH', [` ${set} (UID BODY.PEEK[])`], {
      body: receiver,
      untagged: (response) => {
        // Dovecot runs a later FETCH while this one waits for us to read: answers without a body are that one's.
        if (response.kind !== 'fetch' || response.attributes.bodies === undefined) return false;
        receiver.settle(response.attributes);
        return true;
      },
    });
    // A NO here names no message; whoever was not delivered is reported below and asked for again alone.
  }
  for (const uid of uids) if (!delivered.has(uid)) sink.missing(uid);
}

/** Assigns literals to UIDs; a body of a UID that was not asked for is swallowed. */
class BodyReceiver implements BodyEvents {
  readonly #context: CommandContext;
  readonly #wanted: ReadonlySet<number>;
  readonly #delivered: Set<number>;
  readonly #sink: BodySink;
  /** The UID being passed through; 0 while a body is kept until its UID is known; -1 while one is swallowed. */
  #current = -1;
  #kept: Uint8Array[] = [];
  #keptBytes = 0;

  constructor(context: CommandContext, wanted: ReadonlySet<number>, delivered: Set<number>, sink: BodySink) {
    this.#context = context;
    this.#wanted = wanted;
    this.#delivered = delivered;
    this.#sink = sink;
  }

  begin(soFar: FetchAttributes, section: string, sizeBytes: number): void {
    this.#kept = [];
    this.#keptBytes = 0;
    if (section !== 'BODY[]' && section !== '') {
      this.#current = -1;
      return;
    }
    const uid = soFar.uid ?? (this.#wanted.size === 1 ? [...this.#wanted][0] : undefined);
    if (uid === undefined) {
      if (sizeBytes > maxKeptBodyBytes) {
        throw new MailferryError('protocol-violation', 'a large message arrived without its UID', {
          side: this.#context.side,
        });
      }
      this.#current = 0;
    } else if (this.#wanted.has(uid) && !this.#delivered.has(uid)) {
      this.#current = uid;
      this.#sink.begin(uid, sizeBytes);
    } else this.#current = -1;
  }

  chunk(bytes: Uint8Array): void | Promise<void> {
    if (this.#current > 0) return this.#sink.chunk(bytes);
    if (this.#current === 0) {
      this.#kept.push(new Uint8Array(bytes));
      this.#keptBytes += bytes.length;
    }
  }

  end(): void | Promise<void> {
    const uid = this.#current;
    if (uid <= 0) return;
    this.#current = -1;
    this.#delivered.add(uid);
    return this.#sink.end(uid);
  }

  /** The response behind the body: now its UID is known for certain. */
  settle(attributes: FetchAttributes): void {
    if (this.#current !== 0) return;
    this.#current = -1;
    const uid = attributes.uid;
    if (uid === undefined || !this.#wanted.has(uid) || this.#delivered.has(uid)) return;
    this.#delivered.add(uid);
    this.#sink.begin(uid, this.#keptBytes);
    void this.#sink.chunk(concatBytes(this.#kept));
    void this.#sink.end(uid);
    this.#kept = [];
  }
}

/** Raw header fields of one message (BODY.PEEK[HEADER.FIELDS ...]). */
export async function fetchHeaderFields(
  context: CommandContext,
  uid: number,
  fields: readonly string[],
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  await context.pipe.run('UID FETCH', [` ${uid} (UID BODY.PEEK[HEADER.FIELDS (${fields.join(' ')})])`], {
    body: {
      begin: () => {},
      chunk: (bytes) => {
        // A subject of more than 64 KiB helps nobody to find a message.
        if (size < 65_536) parts.push(new Uint8Array(bytes));
        size += bytes.length;
      },
      end: () => {},
    },
    untagged: (response) => response.kind === 'fetch' && response.attributes.bodies !== undefined,
  });
  return concatBytes(parts);
}
