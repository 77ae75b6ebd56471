/**
 * The FIFO of IMAP commands in flight on one connection. Commands are written in the order of `run`, answers are given
 * to the oldest command that wants them. Servers answer in order only where RFC 9051 §5.5 sees an ambiguity: Dovecot
 * runs a later UID FETCH while an earlier one waits for the client to read. So two commands are in flight together only
 * if their answers can be told apart by what is in them (bodies and metadata; STATUS by name); SELECT goes alone.
 *
 * Order of one command: write up to a synchronising literal -> wait for `+` or the tagged answer -> literal -> ... ->
 * tagged answer. Nothing of another command is written in between.
 */
import type { Clock } from '../../base/clock.ts';
import { type ErrorCode, MailferryError } from '../../base/errors.ts';
import type { Connection } from '../../net/connection.ts';
import { ResponseParser } from '../../wire/imap/parser.ts';
import type { FetchAttributes, ImapResponse, ResponseSink } from '../../wire/imap/response.ts';
import { BodyRouter } from './body-router.ts';
import type { CommandHandlers, CommandPart, Tagged } from './command.ts';
import { type CommandInFlight, CommandWriter, passContinuation, release } from './command-in-flight.ts';
import { byeError, cleanText } from './refusal.ts';
import { StallWatch } from './stall.ts';

export interface PipeOptions {
  readonly side: 'old' | 'new';
  readonly clock: Clock;
  /** No byte in either direction for so long while a command is in flight: the connection is dead. */
  readonly idleTimeoutMs: number;
  /** A body has to bring 1 KB in this time; `defaultDripWindowMs` when left out. */
  readonly dripWindowMs?: number | undefined;
}

/** Of `dripWindowMs`. */
const defaultDripWindowMs = 30_000;

export class CommandPipe implements ResponseSink {
  readonly #connection: Connection;
  readonly #options: PipeOptions;
  readonly #parser: ResponseParser;
  readonly #writer: CommandWriter;
  readonly #bodies: BodyRouter;
  readonly #stall: StallWatch;
  #nextTag = 1;
  #queue: CommandInFlight[] = [];
  #inFlight: CommandInFlight[] = [];
  #writing = false;
  #bye: MailferryError | null = null;
  #failure: MailferryError | null = null;
  #greeting: { resolve: (r: ImapResponse) => void; reject: (e: unknown) => void } | null = null;
  #timer: NodeJS.Timeout | null = null;
  #loggingOut = false;
  /** Gets what no command wanted: capability changes, EXISTS, ALERT ... */
  onUnsolicited: ((response: ImapResponse) => void) | null = null;
  /** Called once, when the connection has ended; `failure` says why. */
  onStopped: (() => void) | null = null;
  /** Goes over all words of the server before anybody sees them: a server may repeat the password it was sent. */
  redact: (text: string) => string = (text) => text;

  constructor(connection: Connection, options: PipeOptions) {
    this.#connection = connection;
    this.#options = options;
    const { clock, idleTimeoutMs, dripWindowMs = defaultDripWindowMs } = options;
    this.#stall = new StallWatch(idleTimeoutMs, dripWindowMs, clock.monotonic());
    this.#writer = new CommandWriter(connection, () => this.closed);
    this.#bodies = new BodyRouter(() => this.#inFlight);
    this.#parser = new ResponseParser(this);
  }

  get closed(): boolean {
    return this.#failure !== null;
  }

  get failure(): MailferryError | null {
    return this.#failure;
  }

  /** Starts reading and resolves with the server's greeting. */
  greeting(timeoutMs: number): Promise<ImapResponse> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => this.destroy('connect-timeout', 'the server accepted the connection but sent no greeting'),
        timeoutMs,
      );
      this.#greeting = {
        resolve: (r) => {
          clearTimeout(timer);
          resolve(r);
        },
        reject: (e) => {
          clearTimeout(timer);
          reject(e);
        },
      };
      this.#connection.start({
        bytes: (view) => this.#onBytes(view),
        closed: (error) => this.#onClosed(error),
      });
      this.#timer = setInterval(() => this.#watch(), this.#stall.everyMs);
      this.#timer.unref();
    });
  }

  run(name: string, parts: readonly CommandPart[], handlers: CommandHandlers = {}): Promise<Tagged> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== null) {
        reject(this.#failure);
        return;
      }
      const tag = `M${this.#nextTag++}`;
      const waits = { onContinue: null, onAnswered: null, answered: false };
      this.#queue.push({ tag, name, parts, handlers, resolve, reject, ...waits });
      if (!this.#writing) void this.#writeQueue();
    });
  }

  /** Writes a bare line in the middle of a command (SASL answers, DONE). */
  raw(bytes: Uint8Array): void {
    void this.#connection.write(bytes);
  }

  /** The server agreed to STARTTLS, and nothing follows its answer (seen to in `#tagged`). */
  async startTls(): Promise<void> {
    await this.#connection.startTls();
  }

  async logout(): Promise<void> {
    if (this.#failure !== null) return;
    this.#loggingOut = true;
    const answered = this.run('LOGOUT', []).then(
      () => undefined,
      () => undefined,
    );
    const patience = new AbortController();
    await Promise.race([answered, this.#options.clock.sleep(2000, patience.signal).catch(() => {})]);
    patience.abort();
    this.#stop(new MailferryError('connection-lost', 'logged out', { side: this.#options.side }));
    this.#connection.destroy(null);
  }

  destroy(code: ErrorCode, text: string, cause?: unknown): void {
    const serverText = cause instanceof MailferryError ? cause.serverText : undefined;
    const error = new MailferryError(code, text, { side: this.#options.side, cause, serverText });
    this.#stop(error);
    this.#connection.destroy(error);
  }

  // --- writing ---------------------------------------------------------------------------------------------------

  async #writeQueue(): Promise<void> {
    this.#writing = true;
    try {
      for (let command = this.#queue.shift(); command !== undefined; command = this.#queue.shift()) {
        if (this.#inFlight.length === 0) this.#stall.progressed(this.#options.clock.monotonic());
        this.#inFlight.push(command);
        await this.#writer.write(command);
        if (command.handlers.alone === true && !command.answered) {
          await new Promise<void>((resolve) => {
            command.onAnswered = resolve;
          });
        }
        if (this.#failure !== null) return;
      }
    } catch (error) {
      this.destroy('connection-lost', 'a message could not be sent to its end', error);
    } finally {
      this.#writing = false;
    }
  }

  // --- reading ---------------------------------------------------------------------------------------------------

  #onBytes(view: Uint8Array): void | Promise<void> {
    try {
      this.#parser.push(view);
    } catch (error) {
      const known = error instanceof MailferryError ? error : null;
      this.destroy(known?.code ?? 'internal', known?.message ?? 'the answer could not be read', error);
      return;
    }
    const held = this.#bodies.takeHeld();
    if (held === null) return;
    return Promise.all(held).then(
      () => undefined,
      (error) => this.destroy('connection-lost', 'what was being received could not be passed on', error),
    );
  }

  response(response: ImapResponse): void {
    if (response.kind === 'tagged') this.#tagged({ ...response, text: this.redact(response.text) });
    else if (response.kind === 'continuation') passContinuation(this.#inFlight, response.text);
    else if (response.kind === 'condition') this.#untagged({ ...response, text: this.redact(response.text) });
    else this.#untagged(response);
  }

  #tagged(response: Tagged): void {
    const index = this.#inFlight.findIndex((c) => c.tag === response.tag);
    const command = this.#inFlight[index];
    if (command === undefined) {
      this.destroy(
        'protocol-violation',
        `the server answered a command that was not given (${cleanText(this.redact(response.tag))})`,
      );
      return;
    }
    if (command.name === 'STARTTLS' && this.#parser.pending > 0) {
      // Whatever the server sent behind its OK in clear text is an injection (F-14); nothing of it is looked at.
      this.destroy('protocol-violation', 'the server sent more behind STARTTLS; the connection was closed');
      return;
    }
    if (response.status === 'BYE') {
      // Office 365 ends connections this way (F-10): what was under way has no answer.
      const error = byeError(response.code, response.text, this.#options.side);
      this.#stop(error);
      this.#connection.destroy(error);
      return;
    }
    this.#inFlight.splice(index, 1);
    release(command);
    command.resolve(response);
  }

  #untagged(response: ImapResponse): void {
    if (this.#greeting !== null) {
      const greeting = this.#greeting;
      this.#greeting = null;
      greeting.resolve(response);
      return;
    }
    if (response.kind === 'condition' && response.status === 'BYE') {
      if (!this.#loggingOut) this.#bye = byeError(response.code, response.text, this.#options.side);
      return;
    }
    if (response.kind === 'fetch' && response.attributes.bodies !== undefined) {
      this.#bodies.complete(response.attributes);
      return;
    }
    for (const command of this.#inFlight) {
      if (command.handlers.untagged?.(response)) return;
    }
    this.onUnsolicited?.(response);
  }

  bodyBegin(soFar: FetchAttributes, section: string, sizeBytes: number): void {
    this.#stall.bodyBegins(this.#options.clock.monotonic(), this.#connection.bytesIn);
    this.#bodies.begin(soFar, section, sizeBytes);
  }

  bodyChunk(bytes: Uint8Array): void {
    this.#bodies.chunk(bytes);
  }

  bodyEnd(): void {
    this.#stall.bodyEnds();
    this.#bodies.end();
  }

  // --- the end ---------------------------------------------------------------------------------------------------

  #onClosed(error: MailferryError | null): void {
    this.#stop(
      this.#bye ??
        error ??
        new MailferryError('connection-lost', 'the server closed the connection', {
          side: this.#options.side,
        }),
    );
  }

  #stop(error: MailferryError): void {
    if (this.#failure !== null) return;
    this.#failure = error;
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#greeting?.reject(error);
    this.#greeting = null;
    const lost = [...this.#inFlight, ...this.#queue];
    this.#inFlight = [];
    this.#queue = [];
    for (const command of lost) {
      release(command);
      command.reject(error);
    }
    this.onStopped?.();
  }

  #watch(): void {
    const { bytesIn, bytesOut, unsentBytes, holdsPeer } = this.#connection;
    const first = this.#inFlight[0];
    const found = this.#stall.look({
      nowMs: this.#options.clock.monotonic(),
      movedBytes: bytesIn + bytesOut - unsentBytes,
      bytesIn,
      // A command that was refused before its literal was through is answered, and still has to be written to its end.
      idle: first === undefined ? !this.#writing : first.handlers.maySilent?.() === true,
      holdsPeer,
    });
    if (found === null) return;
    if (found === 'dripping') {
      const seconds = Math.round(this.#stall.dripWindowMs / 1000);
      this.destroy('connection-lost', `a message arrives slower than 1 KB in ${seconds} s`);
    } else if (this.#bye !== null) {
      this.#stop(this.#bye);
      this.#connection.destroy(this.#bye);
    } else {
      const seconds = Math.round(this.#stall.idleTimeoutMs / 1000);
      const what = first === undefined ? 'take a literal' : `answer ${first.name}`;
      this.destroy('connection-lost', `the server did not ${what} for ${seconds} s`);
    }
  }
}
