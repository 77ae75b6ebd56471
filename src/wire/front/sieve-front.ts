/** ManageSieve up to the login, as a server (RFC 5804 §1.6, §1.7, §2.1 to §2.3). Pure. */
import { bytesOf } from '../../base/bytes.ts';
import { type FrontOptions, mechanisms, type Refusal } from './front.ts';
import { type Ending, endingTexts, FrontCore, unavailableText } from './front-core.ts';
import { type ImapToken, textOfToken, tokensOf } from './imap-command.ts';
import { PieceReader, type Pieces } from './piece-reader.ts';
import { SaslExchange, type SaslStep } from './sasl-exchange.ts';

const refusalTexts: Readonly<Record<Refusal, string>> = {
  credentials: 'NO "Authentication failed."',
  unavailable: `NO (TRYLATER) "${unavailableText}"`,
  'too-many': 'NO (TRYLATER) "Too many connections."',
};

export interface SieveOptions extends FrontOptions {
  /** `capabilities` here are lines as they are sent: `"SIEVE" "fileinto vacation"`. */
  readonly capabilities: readonly string[];
}

export class SieveFront extends FrontCore {
  #reader: PieceReader;
  /** What the client answers next. */
  #exchange: SaslExchange | null = null;

  constructor(options: SieveOptions) {
    super(options);
    this.#reader = new PieceReader(this.input, options.limits.commandBytes);
  }

  greeting(): Uint8Array {
    return bytesOf(`${this.#capabilities('OK "Ready."')}\r\n`);
  }

  accepted(): { readonly answer: Uint8Array; readonly rest: Uint8Array } {
    return { answer: bytesOf('OK "Logged in."\r\n'), rest: this.take() };
  }

  protected override encrypted(): void {
    // RFC 5804 §2.2: the capabilities come again, unasked.
    this.send(this.#capabilities('OK "TLS is active."'));
  }

  protected forget(): void {
    this.#reader = new PieceReader(this.input, this.options.limits.commandBytes);
    this.#exchange = null;
  }

  protected endLine(why: Ending): string {
    return `BYE "${endingTexts[why]}"`;
  }

  /** A token that is refused ends the exchange at once: there is no line on which a challenge would be a refusal. */
  protected refuse(why: Refusal): boolean {
    this.send(refusalTexts[why]);
    return true;
  }

  protected read(): boolean {
    const read = this.#reader.next();
    switch (read.kind) {
      case 'more':
        return false;
      case 'continue':
        // Only servers send literals of that form; whoever waits now would wait for ever.
        return this.endBy('faults');
      case 'too-big':
        return this.endBy('too-long');
      default:
        return this.#exchange === null
          ? this.#command(read.pieces)
          : this.#answer(this.#exchange, read.pieces);
    }
  }

  #command(pieces: Pieces): boolean {
    if (!this.counted()) return false;
    const [first = '', ...others] = pieces;
    const [, name = ''] = /^([a-z]{1,20})(?= |$)/i.exec(typeof first === 'string' ? first : '') ?? [];
    const behind = typeof first === 'string' ? first.slice(name.length) : '';
    const tokens = name === '' ? null : tokensOf([behind, ...others]);
    if (tokens === null) return this.fault('NO "That is no command."');
    const alone = tokens.length === 0;
    switch (name.toUpperCase()) {
      case 'CAPABILITY':
        if (!alone) break;
        this.send(this.#capabilities('OK "Done."'));
        return true;
      case 'NOOP':
        this.send('OK "Done."');
        return true;
      case 'LOGOUT':
        if (!alone) break;
        this.send('OK "Bye."');
        return this.end();
      case 'STARTTLS':
        if (alone && this.isOffered) return this.beginTls('OK "Begin TLS now."');
        return this.fault(`NO "${this.tls === 'active' ? 'TLS is active.' : 'There is no TLS.'}"`);
      case 'AUTHENTICATE':
        if (tokens.length === 1 || tokens.length === 2) return this.#authenticate(tokens);
        break;
    }
    return this.fault('NO "Please log in first."');
  }

  #authenticate([first, initial]: readonly ImapToken[]): boolean {
    const name = (stringOf(first) ?? '').toUpperCase();
    const mechanism = mechanisms.find((one) => one === name);
    if (mechanism === undefined || !this.options.mechanisms.includes(mechanism)) {
      this.send('NO "There is no such mechanism here."');
      return true;
    }
    if (!this.mayLogIn) {
      this.send('NO (ENCRYPT-NEEDED) "Begin TLS first."');
      return true;
    }
    const exchange = new SaslExchange(mechanism);
    if (initial === undefined) return this.#step(exchange, exchange.begin(null));
    const text = stringOf(initial);
    // An initial response of nothing is an empty string here, not "=".
    return this.#step(exchange, text === null ? { kind: 'bad' } : exchange.answer(text));
  }

  #answer(exchange: SaslExchange, pieces: Pieces): boolean {
    this.#exchange = null;
    const [first = '', ...others] = pieces;
    // A string alone on its line, without the blank that the grammar of commands wants.
    const tokens = typeof first === 'string' ? tokensOf([` ${first}`, ...others]) : null;
    const text = tokens?.length === 1 ? stringOf(tokens[0]) : null;
    if (text === '*') {
      this.send('NO "Given up."');
      return true;
    }
    return this.#step(exchange, text === null ? { kind: 'bad' } : exchange.answer(text));
  }

  #step(exchange: SaslExchange, step: SaslStep): boolean {
    if (step.kind === 'bad') return this.fault('NO "That is no base 64."');
    if (step.kind === 'login') return this.await(step.login);
    this.send(`"${step.challenge}"`);
    this.#exchange = exchange;
    return true;
  }

  #capabilities(last: string): string {
    const { capabilities, mechanisms: known } = this.options;
    // RFC 5804 §1.7: there is always a SASL line, empty where nothing may be tried yet.
    const sasl = `"SASL" "${this.mayLogIn ? known.join(' ') : ''}"`;
    return [...capabilities, sasl, ...(this.isOffered ? ['"STARTTLS"'] : []), last].join('\r\n');
  }
}

/** Atoms are none of this protocol's strings. */
function stringOf(token: ImapToken | undefined): string | null {
  return token === undefined || typeof token === 'string' || 'atom' in token ? null : textOfToken(token);
}
