/**
 * Reads one message from the old server for a person: an own connection, EXAMINE, BODY.PEEK. Changes nothing there, and
 * holds no more of it in memory than is on its way.
 */
import { Readable } from 'node:stream';
import type { Clock } from '../base/clock.ts';
import { isMailferryError, MailferryError } from '../base/errors.ts';
import { troubleClassOf } from '../domain/trouble.ts';
import type { TlsTrust } from '../net/tls-trust.ts';
import type { OldMessage, ReadOldMessage, WantedMessage } from '../portal/old-message.ts';
import { openImapStore } from '../remote/imap/index.ts';
import type { BodySink, StoreSession } from '../sync/index.ts';
import { accountCredentials, type CredentialSources } from './daemon/account-credentials.ts';

export interface OldMessageOptions extends CredentialSources {
  readonly trust: TlsTrust;
  readonly clock: Clock;
}

/** People wait for the answer. */
const connectTimeoutMs = 8_000;
const idleTimeoutMs = 30_000;
/** Of one message, however slowly it is taken: 200 MB at 3 Mbit/s, and a connection of old is not held for ever. */
const wholeMs = 10 * 60_000;
/** These connections come on top of the workers' budget for old, which other processes may hold. */
const atOnce = 4;

export function oldMessageReader(options: OldMessageOptions): ReadOldMessage {
  let open = 0;
  return async (wanted, mostBytes) => {
    if (open >= atOnce) {
      const text = 'other messages are being read from the old server';
      throw new MailferryError('too-many-attempts', text, { retryAfterMs: 10_000 });
    }
    open++;
    try {
      return await read(options, wanted, mostBytes, () => open--);
    } catch (error) {
      throw told(error);
    }
  };
}

/** `ended` is called once, whatever becomes of it. */
async function read(
  options: OldMessageOptions,
  wanted: WantedMessage,
  mostBytes: number,
  ended: () => void,
): Promise<OldMessage> {
  let session: StoreSession | null = null;
  try {
    session = await openSession(options, wanted);
    const { status } = await session.select(wanted.mailbox, 'read');
    if (wanted.uidValidity !== null && status.uidValidity !== wanted.uidValidity) {
      throw unreadable('the mailbox was made anew on the old server; its messages have other numbers now');
    }
  } catch (error) {
    void session?.close();
    ended();
    throw error;
  }
  const line = session;
  const pipe = new MessagePipe(mostBytes, () => line.destroy(new Error('nobody takes the message any more')));
  const late = setTimeout(() => pipe.fail(unreadable('it took too long to take the message')), wholeMs);
  line
    .fetchBodies([wanted.uid], pipe.sink)
    .then(
      () => pipe.done(),
      (error: unknown) => pipe.fail(error),
    )
    .finally(() => {
      clearTimeout(late);
      void line.close();
      ended();
    });
  return pipe.begun;
}

async function openSession(options: OldMessageOptions, { account }: WantedMessage): Promise<StoreSession> {
  const { configuration, trust, clock } = options;
  const { host, port, tls, allow_plaintext: plain } = configuration.old;
  const store = openImapStore({
    side: 'old',
    host,
    port: port ?? (tls === 'implicit' ? 993 : 143),
    security: tls,
    allowPlaintext: tls === 'none' || plain,
    trust,
    credentials: await accountCredentials(options, account, 'old'),
    authMechanism: null,
    clock,
    connectTimeoutMs,
    idleTimeoutMs,
  });
  return store.openSession();
}

/** What the server sends into what the browser takes; the slower one holds the other back. */
class MessagePipe {
  readonly begun: Promise<OldMessage>;
  readonly #body: Readable;
  #begin: (message: OldMessage) => void = () => {};
  #refuse: (error: unknown) => void = () => {};
  #goOn: () => void = () => {};
  #started = false;
  #complete = false;
  readonly #mostBytes: number;

  constructor(mostBytes: number, drop: () => void) {
    this.#mostBytes = mostBytes;
    this.begun = new Promise((resolve, reject) => {
      this.#begin = resolve;
      this.#refuse = reject;
    });
    this.#body = new Readable({
      read: () => this.#goOn(),
      destroy: (error, callback) => {
        if (!this.#complete) drop();
        this.#goOn();
        callback(error);
      },
    });
    // Whoever sends it hears of errors; until then nobody does, and an error that nobody hears ends the process.
    this.#body.on('error', () => {});
  }

  get sink(): BodySink {
    return {
      begin: (_uid, sizeBytes) => {
        if (sizeBytes > this.#mostBytes) {
          const text = `the message has ${sizeBytes} octets, and at most ${this.#mostBytes} come through the portal`;
          return this.fail(new MailferryError('download-too-large', text));
        }
        this.#started = true;
        return this.#begin({ sizeBytes, body: this.#body });
      },
      chunk: (bytes) => {
        if (this.#body.destroyed || this.#body.push(Buffer.from(bytes))) return undefined;
        return new Promise<void>((resolve) => {
          this.#goOn = resolve;
        });
      },
      end: () => {
        this.#complete = true;
        this.#body.push(null);
      },
      missing: (_uid, reason) =>
        this.fail(unreadable(reason?.text ?? 'the message is no longer on the old server')),
    };
  }

  /** After the command: a server that said nothing of the message has none. */
  done(): void {
    if (!this.#started) this.fail(unreadable('the message is no longer on the old server'));
  }

  fail(error: unknown): void {
    this.#refuse(error);
    this.#body.destroy(error instanceof Error ? error : new Error(String(error)));
  }
}

function unreadable(text: string): MailferryError {
  return new MailferryError('message-unreadable', text);
}

/** What people may be told of it; the cause goes into the log. */
function told(error: unknown): unknown {
  if (!isMailferryError(error)) return error;
  if (error.code === 'message-unreadable' || error.code === 'download-too-large') return error;
  const away = ['unreachable', 'throttled'].includes(troubleClassOf(error.code));
  if (away) return new MailferryError('old-unreachable', 'the old server does not answer', { cause: error });
  const text = `the old server does not give the message (${error.code})`;
  return new MailferryError('message-unreadable', text, { cause: error });
}
