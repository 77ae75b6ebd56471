/** What the backs of all protocols have in common: order, limits, TLS and the one outcome. Pure. */
import { bytesOf } from '../../base/bytes.ts';
import { FrontInput } from '../front/front-input.ts';
import { type BackEvent, type BackOptions, maxServerBytes, type Outcome } from './back.ts';

export abstract class BackCore {
  protected readonly options: BackOptions;
  protected readonly input = new FrontInput();
  #state: 'talking' | 'tls' | 'over' = 'talking';
  #isSecure: boolean;
  #used = 0;
  #events: BackEvent[] = [];

  constructor(options: BackOptions) {
    this.options = options;
    this.#isSecure = options.tls === 'active';
  }

  push(bytes: Uint8Array): BackEvent[] {
    if (this.#state === 'over') return [];
    this.#used += bytes.length;
    this.input.push(bytes);
    if (this.#state === 'tls') this.fail('it sent something before TLS began');
    while (this.#state === 'talking' && this.read());
    if (this.#state === 'talking' && this.#used > maxServerBytes)
      this.fail('it says too much before the login');
    return this.#events.splice(0);
  }

  /** TLS is there: what was said in clear counts no more. */
  tlsStarted(): BackEvent[] {
    this.#state = 'talking';
    this.#isSecure = true;
    this.input.rest();
    this.encrypted();
    return this.#events.splice(0);
  }

  /** Reads one answer. Says whether there may be more to read. */
  protected abstract read(): boolean;
  /** Forgets what was said in clear, and goes on. */
  protected abstract encrypted(): void;

  /** TLS is wanted, and not there yet. */
  protected get wantsTls(): boolean {
    return this.options.tls === 'starttls' && !this.#isSecure;
  }

  protected get isOver(): boolean {
    return this.#state === 'over';
  }

  /** The server said that it begins. */
  protected beginTls(): void {
    // Sent in clear, and read as if it were encrypted (CVE-2021-38371).
    if (this.input.length > 0) return void this.fail('it sent something behind its answer to STARTTLS');
    this.#state = 'tls';
    this.#events.push({ kind: 'start-tls' });
  }

  protected say(line: string): void {
    this.send(bytesOf(`${line}\r\n`));
  }

  protected send(bytes: Uint8Array): void {
    this.#events.push({ kind: 'send', bytes });
  }

  protected accept(capabilities: readonly string[]): void {
    this.done({ kind: 'accepted', capabilities, rest: this.input.rest() });
  }

  protected fail(why: string): false {
    this.done({ kind: 'unavailable', why });
    return false;
  }

  protected done(outcome: Outcome): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    this.#events.push({ kind: 'done', outcome });
  }
}

/** For a log: a server may say anything. */
export function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, 200);
}

/** A value that stands within quotes or between blanks, and cannot end them. */
export function harmless(value: string | number): string {
  return String(value).replace(/[^\w.:+/-]/g, '');
}
