/** What the fronts of all protocols have in common: order, limits, TLS and the one login at a time. Pure. */
import { bytesOf } from '../../base/bytes.ts';
import { FrontInput } from './front-input.ts';
import type { FrontEvent, FrontOptions, Login, Refusal } from './front.ts';

/** Why a front ends by itself. */
export type Ending =
  | 'before-tls'
  | 'behind-starttls'
  | 'commands'
  | 'faults'
  | 'pipelined'
  | 'too-long'
  | 'tries';

export const endingTexts: Readonly<Record<Ending, string>> = {
  'before-tls': 'Something came before TLS began.',
  'behind-starttls': 'Something came behind the command that begins TLS.',
  commands: 'Too many commands before a login.',
  faults: 'Too many commands that are none.',
  pipelined: 'Too much was sent before the login was answered.',
  'too-long': 'That is too long.',
  tries: 'Too many tries.',
};

export const unavailableText = 'This account cannot be reached at the moment. Please try again later.';

export abstract class FrontCore {
  protected readonly options: FrontOptions;
  protected readonly input = new FrontInput();
  #state: 'reading' | 'waiting' | 'tls' | 'over' = 'reading';
  #tls: FrontOptions['tls'];
  #commands = 0;
  #faults = 0;
  #attempts = 0;
  #isToken = false;
  #events: FrontEvent[] = [];

  constructor(options: FrontOptions) {
    this.options = options;
    this.#tls = options.tls;
  }

  push(bytes: Uint8Array): FrontEvent[] {
    if (this.#state === 'over') return [];
    this.input.push(bytes);
    // Sent before the handshake, and read after it as if it were encrypted (CVE-2011-0411).
    if (this.#state === 'tls') this.endBy('before-tls');
    else if (this.#state === 'waiting' && this.input.length > this.options.limits.pipelinedBytes)
      this.endBy('pipelined');
    return this.#run();
  }

  /** TLS is there: all that was said before is forgotten. Gives what the protocol says then. */
  tlsStarted(): FrontEvent[] {
    this.#tls = 'active';
    this.#state = 'reading';
    this.input.rest();
    this.forget();
    this.encrypted();
    return this.#run();
  }

  /** The login was not taken. */
  refused(why: Refusal): FrontEvent[] {
    if (this.#state !== 'waiting') return [];
    this.#state = 'reading';
    if (this.refuse(why, this.#isToken)) this.#afterRefusal();
    return this.#run();
  }

  /** The backend took it, and the front is over: what the client has sent behind its login is for the backend. */
  protected take(): Uint8Array {
    this.#state = 'over';
    return this.input.rest();
  }

  /** Reads one command, or what belongs to one. Says whether there may be more to read. */
  protected abstract read(): boolean;
  /** What was begun, and what was learned in clear. */
  protected abstract forget(): void;
  /** Answers the login. False: there is more to come of it, and `refusalDone` follows. */
  protected abstract refuse(why: Refusal, isToken: boolean): boolean;
  /** The last line of a front that ends by itself. */
  protected abstract endLine(why: Ending): string;

  /** What is said when TLS has begun; nothing, mostly. */
  protected encrypted(): void {}

  protected refusalDone(): void {
    this.#afterRefusal();
  }

  protected get tls(): FrontOptions['tls'] {
    return this.#tls;
  }

  protected get mayLogIn(): boolean {
    return this.#tls === 'active' || this.options.plaintext;
  }

  protected get isOffered(): boolean {
    return this.#tls === 'offered';
  }

  protected send(line: string): void {
    this.#events.push({ kind: 'send', bytes: bytesOf(`${line}\r\n`) });
  }

  /** Counts a command; false where it was one too many. */
  protected counted(): boolean {
    this.#commands += 1;
    if (this.#commands > this.options.limits.commands) this.endBy('commands');
    return this.#state !== 'over';
  }

  /** Answers what is no command. */
  protected fault(line: string): boolean {
    this.#faults += 1;
    this.send(line);
    if (this.#faults >= this.options.limits.faults) this.endBy('faults');
    return this.#state !== 'over';
  }

  protected await(login: Login | null): false {
    this.#attempts += 1;
    this.#state = 'waiting';
    this.#isToken = login?.by === 'token';
    this.#events.push({ kind: 'login', login });
    return false;
  }

  protected beginTls(line: string): false {
    // One who stands between could have put commands behind it, which would pass for encrypted ones.
    if (this.input.length > 0) return this.endBy('behind-starttls');
    this.send(line);
    this.#state = 'tls';
    this.#events.push({ kind: 'start-tls' });
    return false;
  }

  protected endBy(why: Ending): false {
    this.send(this.endLine(why));
    return this.end();
  }

  protected end(): false {
    this.#state = 'over';
    this.input.rest();
    this.forget();
    this.#events.push({ kind: 'end' });
    return false;
  }

  #afterRefusal(): void {
    if (this.#attempts >= this.options.limits.attempts) this.endBy('tries');
  }

  #run(): FrontEvent[] {
    while (this.#state === 'reading' && this.read());
    return this.#events.splice(0);
  }
}
