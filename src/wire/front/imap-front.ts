/**
 * IMAP up to the login, as a server (RFC 9051 §6.1 and §6.2): what was typed is taken apart, and nothing of it is relayed as it came. Pure.
 */
import { bytesOf, latin1Of } from '../../base/bytes.ts';
import { passwordLogin } from '../sasl/read.ts';
import { type FrontOptions, mechanisms, type Refusal } from './front.ts';
import { type Ending, endingTexts, FrontCore, unavailableText } from './front-core.ts';
import { ImapCommandReader, type ImapToken, textOfToken } from './imap-command.ts';
import { SaslExchange, type SaslStep, tokenRefusal } from './sasl-exchange.ts';

const refusalTexts: Readonly<Record<Refusal, string>> = {
  credentials: '[AUTHENTICATIONFAILED] Authentication failed.',
  unavailable: `[UNAVAILABLE] ${unavailableText}`,
  'too-many': '[LIMIT] Too many connections.',
};

export class ImapFront extends FrontCore {
  #reader: ImapCommandReader;
  /** Of the login that is under way. */
  #tag = '*';
  /** What the client answers next; `refused` after a token that was not taken. */
  #exchange: SaslExchange | 'refused' | null = null;
  /** Whoever asked by CAPABILITY expects them untagged after the login as well. */
  #asked = false;

  constructor(options: FrontOptions) {
    super(options);
    this.#reader = new ImapCommandReader(this.input, options.limits.commandBytes);
  }

  greeting(): Uint8Array {
    return bytesOf(`* OK [CAPABILITY ${this.#capabilities()}] Ready.\r\n`);
  }

  /** What to tell the client, and what is for the backend. `capabilities`: the backend's own, after login. */
  accepted(capabilities: readonly string[]): { readonly answer: Uint8Array; readonly rest: Uint8Array } {
    const names = capabilities.join(' ');
    const untagged = this.#asked && names !== '' ? `* CAPABILITY ${names}\r\n` : '';
    const code = names === '' ? '' : `[CAPABILITY ${names}] `;
    return { answer: bytesOf(`${untagged}${this.#tag} OK ${code}Logged in.\r\n`), rest: this.take() };
  }

  protected forget(): void {
    this.#reader = new ImapCommandReader(this.input, this.options.limits.commandBytes);
    this.#exchange = null;
    this.#asked = false;
  }

  protected endLine(why: Ending): string {
    return `* BYE ${endingTexts[why]}`;
  }

  protected refuse(why: Refusal, isToken: boolean): boolean {
    if (isToken && why === 'credentials') {
      this.#exchange = 'refused';
      this.send(`+ ${tokenRefusal}`);
      return false;
    }
    this.send(`${this.#tag} NO ${refusalTexts[why]}`);
    return true;
  }

  protected read(): boolean {
    if (this.#exchange !== null) return this.#readAnswer(this.#exchange);
    const read = this.#reader.next();
    switch (read.kind) {
      case 'more':
        return false;
      case 'continue':
        this.send('+ OK');
        return true;
      case 'too-big':
        return read.lost ? this.endBy('too-long') : this.#bad(read.tag, endingTexts['too-long']);
      case 'bad':
        return this.#bad(read.tag, 'That is no command.');
      default:
        return this.counted() && this.#obey(read.tag, read.name, read.tokens);
    }
  }

  #obey(tag: string, name: string, tokens: readonly ImapToken[]): boolean {
    const alone = tokens.length === 0;
    if (name === 'CAPABILITY' && alone) {
      this.#asked = true;
      this.send(`* CAPABILITY ${this.#capabilities()}`);
      return this.#ok(tag);
    }
    if (name === 'NOOP' && alone) return this.#ok(tag);
    if (name === 'LOGOUT' && alone) {
      this.send('* BYE Logging out.');
      this.#ok(tag);
      return this.end();
    }
    // What a client says of itself is not handed on: among it may be whose connection it claims to be (x-originating-ip).
    if (name === 'ID' && isIdArgument(tokens)) {
      this.send('* ID NIL');
      return this.#ok(tag);
    }
    if (name === 'STARTTLS' && alone) {
      if (this.isOffered) return this.beginTls(`${tag} OK Begin TLS now.`);
      return this.#bad(tag, this.tls === 'active' ? 'TLS is active.' : 'There is no TLS.');
    }
    if (name === 'LOGIN' && tokens.length === 2) return this.#login(tag, tokens);
    if (name === 'AUTHENTICATE' && (tokens.length === 1 || tokens.length === 2))
      return this.#authenticate(tag, tokens);
    return this.#bad(tag, 'Please log in first.');
  }

  #login(tag: string, [user, password]: readonly ImapToken[]): boolean {
    if (!this.mayLogIn) return this.#needsTls(tag);
    this.#tag = tag;
    const [name, secret] = [textOfToken(user), textOfToken(password)];
    const read = name === null || secret === null ? null : passwordLogin(name, secret);
    return this.await(read === null ? null : { by: 'password', ...read });
  }

  #authenticate(tag: string, [first, initial]: readonly ImapToken[]): boolean {
    const name = (textOfToken(first) ?? '').toUpperCase();
    const mechanism = mechanisms.find((one) => one === name);
    if (mechanism === undefined || !this.options.mechanisms.includes(mechanism)) {
      this.send(`${tag} NO [CANNOT] There is no such mechanism here.`);
      return true;
    }
    if (!this.mayLogIn) return this.#needsTls(tag);
    this.#tag = tag;
    const exchange = new SaslExchange(mechanism);
    return this.#step(exchange, exchange.begin(initial === undefined ? null : textOfToken(initial)));
  }

  #readAnswer(exchange: SaslExchange | 'refused'): boolean {
    const line = this.input.line(this.options.limits.commandBytes);
    if (line === 'more') return false;
    if (line === 'too-long') return this.endBy('too-long');
    this.#exchange = null;
    if (exchange === 'refused') {
      this.send(`${this.#tag} NO ${refusalTexts.credentials}`);
      this.refusalDone();
      return true;
    }
    const text = latin1Of(line);
    if (text === '*') {
      this.send(`${this.#tag} BAD Given up.`);
      return true;
    }
    return this.#step(exchange, exchange.answer(text));
  }

  #step(exchange: SaslExchange, step: SaslStep): boolean {
    if (step.kind === 'bad') return this.#bad(this.#tag, 'That is no base 64.');
    if (step.kind === 'login') return this.await(step.login);
    this.send(`+ ${step.challenge}`);
    this.#exchange = exchange;
    return true;
  }

  #needsTls(tag: string): boolean {
    this.send(`${tag} NO [PRIVACYREQUIRED] Begin TLS first.`);
    return true;
  }

  #capabilities(): string {
    const { capabilities, mechanisms: known } = this.options;
    const auth = this.mayLogIn ? known.map((one) => `AUTH=${one}`) : ['LOGINDISABLED'];
    return [...capabilities, ...(this.isOffered ? ['STARTTLS'] : []), ...auth].join(' ');
  }

  #ok(tag: string): boolean {
    this.send(`${tag} OK Done.`);
    return true;
  }

  #bad(tag: string | null, text: string): boolean {
    return this.fault(`${tag ?? '*'} BAD ${text}`);
  }
}

/** `NIL`, or a list of strings and NILs, one deep (RFC 2971 §3.1). */
function isIdArgument(tokens: readonly ImapToken[]): boolean {
  const [first, ...rest] = tokens;
  if (rest.length === 0) return first !== undefined && first !== '(' && first !== ')' && 'atom' in first;
  return (
    first === '(' && rest.at(-1) === ')' && rest.slice(0, -1).every((token) => typeof token !== 'string')
  );
}
