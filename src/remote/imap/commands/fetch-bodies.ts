/** Bodies by UID FETCH BODY.PEEK[] (RFC 9051 §6.4.5), handed on as they arrive; PEEK leaves \Seen alone. */
import { concatBytes } from '../../../base/bytes.ts';
import { MailferryError } from '../../../base/errors.ts';
import type { BodySink, Refusal } from '../../../sync/mail-store.ts';
import type { FetchAttributes } from '../../../wire/imap/response.ts';
import type { BodyEvents } from '../command.ts';
import { refusal } from '../refusal.ts';
import { type CommandContext, maxCommandBytes, throwIfThrottled } from './context.ts';
import { formatSpans, spansOf } from './uid-spans.ts';

/** A body whose UID comes only behind it has to be kept until then; above this size the server is given up. */
const maxKeptBodyBytes = 16 * 1024 * 1024;

export async function fetchBodies(
  context: CommandContext,
  uids: readonly number[],
  sink: BodySink,
): Promise<void> {
  const delivered = new Set<number>();
  let reason: Refusal | undefined;
  for (const set of formatSpans(spansOf(uids), maxCommandBytes)) {
    const receiver = new BodyReceiver(context, new Set(uids), delivered, sink);
    const answer = await context.pipe.run('UID FETCH', [` ${set} (UID BODY.PEEK[])`], { body: receiver });
    throwIfThrottled(context, answer);
    // A NO here names no message; whoever was not delivered is reported below and asked for again alone.
    if (answer.status !== 'OK') reason = refusal(answer.code, answer.text);
  }
  for (const uid of uids) if (!delivered.has(uid)) sink.missing(uid, reason);
}

/**
 * Assigns literals to UIDs and passes them on. `end` waits for the end of the response: a literal whose announced
 * length is wrong shows only there (F-54), and what was cut short must not pass for a whole message.
 *
 *   none -> streaming   begin: the UID is known
 *   none -> keeping     begin: the UID comes behind the body; it is kept until then
 *   none -> skipping    begin: nobody asked for this one
 *   any  -> none        complete
 */
class BodyReceiver implements BodyEvents {
  readonly #context: CommandContext;
  readonly #wanted: ReadonlySet<number>;
  readonly #delivered: Set<number>;
  readonly #sink: BodySink;
  #state: 'none' | 'streaming' | 'keeping' | 'skipping' = 'none';
  /** A further body of the same response is let pass. */
  #ended = false;
  #uid = 0;
  #kept: Uint8Array[] = [];

  constructor(context: CommandContext, wanted: ReadonlySet<number>, delivered: Set<number>, sink: BodySink) {
    this.#context = context;
    this.#wanted = wanted;
    this.#delivered = delivered;
    this.#sink = sink;
  }

  wants(uid: number): boolean {
    return this.#wanted.has(uid);
  }

  begin(soFar: FetchAttributes, section: string, sizeBytes: number): void {
    if (this.#state !== 'none' || section !== '') return;
    const uid = soFar.uid ?? (this.#wanted.size === 1 ? [...this.#wanted][0] : undefined);
    if (uid === undefined) {
      if (sizeBytes > maxKeptBodyBytes) throw this.#violation('a large message arrived without its UID');
      this.#state = 'keeping';
    } else if (this.#wanted.has(uid) && !this.#delivered.has(uid)) {
      this.#state = 'streaming';
      this.#uid = uid;
      this.#sink.begin(uid, sizeBytes);
    } else this.#state = 'skipping';
  }

  chunk(bytes: Uint8Array): void | Promise<void> {
    if (this.#ended) return;
    if (this.#state === 'streaming') return this.#sink.chunk(bytes);
    if (this.#state === 'keeping') {
      this.#kept.push(new Uint8Array(bytes));
    }
  }

  end(): void {
    if (this.#state !== 'none') this.#ended = true;
  }

  complete(attributes: FetchAttributes): void | Promise<void> {
    const state = this.#state;
    const { uid } = attributes;
    this.#state = 'none';
    this.#ended = false;
    if (state === 'streaming') {
      if (uid !== undefined && uid !== this.#uid) throw this.#violation('a body arrived under two UIDs');
      this.#delivered.add(this.#uid);
      return this.#sink.end(this.#uid);
    }
    if (state !== 'keeping') return;
    const body = concatBytes(this.#kept);
    this.#kept = [];
    if (uid === undefined || !this.#wanted.has(uid) || this.#delivered.has(uid)) return;
    this.#delivered.add(uid);
    this.#sink.begin(uid, body.length);
    void this.#sink.chunk(body);
    return this.#sink.end(uid);
  }

  #violation(what: string): MailferryError {
    return new MailferryError('protocol-violation', what, { side: this.#context.side });
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
  let taking = false;
  await context.pipe.run('UID FETCH', [` ${uid} (UID BODY.PEEK[HEADER.FIELDS (${fields.join(' ')})])`], {
    body: {
      wants: (one) => one === uid,
      begin: (_soFar, section) => {
        taking = section.startsWith('HEADER');
      },
      chunk: (bytes) => {
        // A subject of more than 64 KiB helps nobody to find a message.
        if (taking && size < 65_536) parts.push(new Uint8Array(bytes));
        size += bytes.length;
      },
      end: () => undefined,
      complete: () => undefined,
    },
  });
  return concatBytes(parts);
}
