/** Fronts whose commands are single lines: POP3 and submission. Pure. */
import { latin1Of } from '../../base/bytes.ts';
import { mechanisms, type Refusal } from './front.ts';
import { FrontCore } from './front-core.ts';
import { SaslExchange, type SaslStep, tokenRefusal } from './sasl-exchange.ts';

/** How each protocol says it. */
export interface SaslWords {
  /** Before a challenge. */
  readonly challenge: string;
  readonly unknownMechanism: string;
  readonly needsTls: string;
  readonly badBase64: string;
  readonly givenUp: string;
}

export abstract class LineFront extends FrontCore {
  protected abstract readonly words: SaslWords;
  protected abstract readonly refusals: Readonly<Record<Refusal, string>>;
  /** What the client answers next; `refused` after a token that was not taken. */
  #exchange: SaslExchange | 'refused' | null = null;

  /** `line` in ISO 8859-1: names and passwords are read from it as octets. */
  protected abstract obey(line: string): boolean;
  protected forget(): void {
    this.#exchange = null;
  }

  protected read(): boolean {
    const line = this.input.line(this.options.limits.commandBytes);
    if (line === 'more') return false;
    if (line === 'too-long') return this.endBy('too-long');
    const text = latin1Of(line);
    const exchange = this.#exchange;
    if (exchange === null) return this.counted() && this.obey(text);
    this.#exchange = null;
    if (exchange === 'refused') {
      this.send(this.refusals.credentials);
      this.refusalDone();
      return true;
    }
    if (text === '*') {
      this.send(this.words.givenUp);
      return true;
    }
    return this.#step(exchange, exchange.answer(text));
  }

  /** `AUTH MECHANISM [INITIAL]` (RFC 4954 §4, RFC 5034 §4). */
  protected authenticate(argument: string): boolean {
    const [, name = '', initial = null] = /^(\S+)(?: (\S+))?$/.exec(argument) ?? [];
    const mechanism = mechanisms.find((one) => one === name.toUpperCase());
    if (mechanism === undefined || !this.options.mechanisms.includes(mechanism)) {
      this.send(this.words.unknownMechanism);
      return true;
    }
    if (!this.mayLogIn) {
      this.send(this.words.needsTls);
      return true;
    }
    const exchange = new SaslExchange(mechanism);
    return this.#step(exchange, exchange.begin(initial));
  }

  protected refuse(why: Refusal, isToken: boolean): boolean {
    if (!isToken || why !== 'credentials') {
      this.send(this.refusals[why]);
      return true;
    }
    // A token was not taken: why is told, and one more message is waited for.
    this.#exchange = 'refused';
    this.send(`${this.words.challenge}${tokenRefusal}`);
    return false;
  }

  #step(exchange: SaslExchange, step: SaslStep): boolean {
    if (step.kind === 'bad') return this.fault(this.words.badBase64);
    if (step.kind === 'login') return this.await(step.login);
    this.send(`${this.words.challenge}${step.challenge}`);
    this.#exchange = exchange;
    return true;
  }
}
