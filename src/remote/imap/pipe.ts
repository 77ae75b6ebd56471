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
import type { CommandHandlers, CommandPart, LiteralPart, Tagged } from './command.ts';
import { Stage } from './stage.ts';
import { byeError, cleanText } from './refusal.ts';

interface Command {
  readonly tag: string;
  readonly name: string;
  readonly parts: readonly CommandPart[];
  readonly handlers: CommandHandlers;
  readonly resolve: (tagged: Tagged) => void;
  readonly reject: (error: unknown) => void;
  /** Set while a synchronising literal waits; true = go on, false = the command was answered. */
  onContinue: ((go: boolean) => void) | null;
  /** Called when the command is answered or lost. */
  onAnswered: (() => void) | null;
  answered: boolean;
}

export interface PipeOptions {
  readonly side: 'old' | 'new';
  readonly clock: Clock;
  /** No byte in either direction for so long while a command is in flight: the connection is dead. */
  readonly idleTimeoutMs: number;
  /** A body has to bring 1 KB in this time; `defaultDripWindowMs` when left out. */
  readonly dripWindowMs?: number | undefined;
}

/** A body that arrives slower than this in a window is dripping (F-13): give the connection up. */
const dripBytes = 1024;
const defaultDripWindowMs = 30_000;

export class CommandPipe implements ResponseSink {
  readonly #connection: Connection;
  readonly #options: PipeOptions;
  readonly #parser: ResponseParser;
  #nextTag = 1;
  #queue: Command[] = [];
  #inFlight: Command[] = [];
  #writing = false;
  #bodyOwner: Command | null = null;
  #heldInPush: Promise<void>[] = [];
  #bye: MailferryError | null = null;
  #failure: MailferryError | null = null;
  #stages: Uint8Array[] = [];
  #greeting: { resolve: (r: ImapResponse) => void; reject: (e: unknown) => void } | null = null;
  #timer: NodeJS.Timeout | null = null;
  #lastBytes = 0;
  #lastProgressAt: number;
  #dripFrom: { at: number; bytes: number } | null = null;
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
    this.#lastProgressAt = options.clock.monotonic();
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
      this.#timer = setInterval(() => this.#watch(), this.#watchEveryMs());
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
        if (this.#inFlight.length === 0) this.#lastProgressAt = this.#options.clock.monotonic();
        this.#inFlight.push(command);
        const written = this.#writeCommand(command);
        await written;
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

  async #writeCommand(command: Command): Promise<void> {
    const stage = new Stage(this.#connection, this.#stages);
    stage.text(`${command.tag} ${command.name}`);
    for (const part of command.parts) {
      if (typeof part === 'string') stage.text(part);
      else if (part instanceof Uint8Array) await stage.bytes(part);
      else {
        const go = await this.#writeLiteral(command, part, stage);
        if (!go) return;
      }
    }
    stage.text('\r\n');
    stage.flush();
    await stage.drained();
  }

  async #writeLiteral(command: Command, part: LiteralPart, stage: Stage): Promise<boolean> {
    stage.text(`${part.binary ? '~' : ''}{${part.sizeBytes}${part.synchronising ? '' : '+'}}\r\n`);
    if (part.synchronising) {
      const go = new Promise<boolean>((resolve) => {
        command.onContinue = resolve;
      });
      stage.flush();
      if (command.answered || this.#failure !== null) return false;
      if (!(await go)) return false;
    }
    if (command.handlers.progress) command.handlers.progress.literalStarted = true;
    if (part.body instanceof Uint8Array) {
      await stage.bytes(part.body);
      return true;
    }
    stage.flush();
    let sent = 0;
    await part.body((bytes) => {
      sent += bytes.length;
      if (sent > part.sizeBytes) throw new Error('the body is longer than was announced');
      return this.#connection.write(bytes);
    });
    if (sent !== part.sizeBytes) throw new Error('the body is shorter than was announced');
    return this.#failure === null;
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
    if (this.#heldInPush.length === 0) return;
    const held = this.#heldInPush;
    this.#heldInPush = [];
    return Promise.all(held).then(
      () => undefined,
      (error) => this.destroy('connection-lost', 'what was being received could not be passed on', error),
    );
  }

  response(response: ImapResponse): void {
    if (response.kind === 'tagged') this.#tagged({ ...response, text: this.redact(response.text) });
    else if (response.kind === 'continuation') this.#continuation(response.text);
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
    command.answered = true;
    command.onContinue?.(false);
    command.onAnswered?.();
    command.resolve(response);
  }

  #continuation(text: string): void {
    for (const command of this.#inFlight) {
      if (command.onContinue !== null) {
        const go = command.onContinue;
        command.onContinue = null;
        go(true);
        return;
      }
      if (command.handlers.continuation !== undefined) {
        command.handlers.continuation(text);
        return;
      }
    }
    // A `+` that nobody waits for does no harm.
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
      this.#bodyComplete(response.attributes);
      return;
    }
    for (const command of this.#inFlight) {
      if (command.handlers.untagged?.(response)) return;
    }
    this.onUnsolicited?.(response);
  }

  bodyBegin(soFar: FetchAttributes, section: string, sizeBytes: number): void {
    // A second body of the same response belongs to the same command.
    this.#bodyOwner ??= this.#fetching(soFar.uid);
    this.#dripFrom = { at: this.#options.clock.monotonic(), bytes: this.#connection.bytesIn };
    this.#bodyOwner?.handlers.body?.begin(soFar, section, sizeBytes);
  }

  bodyChunk(bytes: Uint8Array): void {
    const held = this.#bodyOwner?.handlers.body?.chunk(bytes);
    if (held !== undefined) this.#heldInPush.push(held);
  }

  bodyEnd(): void {
    this.#dripFrom = null;
    this.#bodyOwner?.handlers.body?.end();
  }

  #bodyComplete(attributes: FetchAttributes): void {
    const owner = this.#bodyOwner ?? this.#fetching(attributes.uid);
    this.#bodyOwner = null;
    const held = owner?.handlers.body?.complete(attributes);
    if (held !== undefined) this.#heldInPush.push(held);
  }

  /** The command that asked for the body of this UID; while the UID is not known, the oldest that asked for any. */
  #fetching(uid: number | undefined): Command | null {
    let oldest: Command | null = null;
    for (const command of this.#inFlight) {
      const { body } = command.handlers;
      if (body === undefined) continue;
      if (uid === undefined || body.wants(uid)) return command;
      oldest ??= command;
    }
    return oldest;
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
      command.answered = true;
      command.onContinue?.(false);
      command.onAnswered?.();
      command.reject(error);
    }
    this.onStopped?.();
  }

  /** Often enough to notice a timeout in time; every two seconds with the usual ones. */
  #watchEveryMs(): number {
    const { idleTimeoutMs, dripWindowMs = defaultDripWindowMs } = this.#options;
    return Math.min(2000, idleTimeoutMs / 4, dripWindowMs / 4);
  }

  #watch(): void {
    const now = this.#options.clock.monotonic();
    const bytes = this.#connection.bytesIn + this.#connection.bytesOut - this.#connection.unsentBytes;
    // A command that was refused before its literal was through is answered, and still has to be written to its end.
    const first = this.#inFlight[0];
    const idle = first === undefined ? !this.#writing : first.handlers.maySilent?.() === true;
    if (bytes !== this.#lastBytes || idle || this.#connection.holdsPeer) {
      this.#lastBytes = bytes;
      this.#lastProgressAt = now;
    } else if (now - this.#lastProgressAt > this.#options.idleTimeoutMs) {
      const seconds = Math.round(this.#options.idleTimeoutMs / 1000);
      const what = this.#inFlight[0] === undefined ? 'take a literal' : `answer ${this.#inFlight[0].name}`;
      if (this.#bye !== null) {
        this.#stop(this.#bye);
        this.#connection.destroy(this.#bye);
      } else this.destroy('connection-lost', `the server did not ${what} for ${seconds} s`);
      return;
    }
    const drip = this.#dripFrom;
    const windowMs = this.#options.dripWindowMs ?? defaultDripWindowMs;
    if (drip === null || now - drip.at < windowMs) return;
    const slow = this.#connection.bytesIn - drip.bytes < dripBytes && !this.#connection.holdsPeer;
    if (slow) {
      const seconds = Math.round(windowMs / 1000);
      this.destroy('connection-lost', `a message arrives slower than 1 KB in ${seconds} s`);
    } else this.#dripFrom = { at: now, bytes: this.#connection.bytesIn };
  }
}
