/**
 * IMAP up to the login, as a client of the server where the account lives. Pure.
 *
 *   greeting -> (STARTTLS) -> (CAPABILITY) -> (ID with the client's place) -> login -> outcome
 */
import { bytesOf, concatBytes } from '../../base/bytes.ts';
import { PieceReader, type Pieces } from '../front/piece-reader.ts';
import { hasCapability } from '../imap/capability.ts';
import { type BackOptions, maxServerLine } from './back.ts';
import { BackCore, harmless, printable } from './back-core.ts';
import { authzidOf, namePassword, type SaslMessage, saslMessage } from './credentials.ts';

type Step = 'greeting' | 'starttls' | 'capability' | 'id' | 'login';

/** RFC 5530: what keeps people out though their password may be right. */
const passing = /^\[(UNAVAILABLE|INUSE|LIMIT|SERVERBUG|CONTACTADMIN|PRIVACYREQUIRED|ALERT)\b/i;

export class ImapBack extends BackCore {
  #reader = new PieceReader(this.input, maxServerLine);
  #step: Step = 'greeting';
  #capabilities: readonly string[] | null = null;
  /** What goes behind `+`, in order. */
  #parts: Uint8Array[] = [];

  protected encrypted(): void {
    this.#capabilities = null;
    this.#reader = new PieceReader(this.input, maxServerLine);
    this.#next();
  }

  protected read(): boolean {
    const read = this.#reader.next();
    if (read.kind === 'more') return false;
    // A server's literal follows unasked.
    if (read.kind === 'continue') return true;
    if (read.kind === 'too-big') return this.fail('it sent a line that is too long');
    this.#take(read.pieces);
    return true;
  }

  #take(pieces: Pieces): void {
    const [first = ''] = pieces;
    const line = typeof first === 'string' ? first : '';
    const [, tag = '', rest = ''] = /^(\S+) ?(.*)$/s.exec(line) ?? [];
    if (tag === '*') this.#untagged(rest);
    else if (tag === '+') this.#goOn();
    else if (tag === this.#step) this.#tagged(rest);
    else this.fail('it does not speak IMAP');
  }

  #untagged(text: string): void {
    const [, word = '', behind = ''] = /^(\S+) ?(.*)$/s.exec(text) ?? [];
    const name = word.toUpperCase();
    if (name === 'CAPABILITY') this.#capabilities = behind.split(' ').filter(Boolean);
    if (name === 'BYE') return void this.fail(`it said BYE ${printable(behind)}`);
    if (this.#step !== 'greeting') return;
    // Logged in as whom? Whoever stands between could say so to keep TLS away (CVE-2020-14093).
    if (name !== 'OK') return void this.fail(`it greeted with ${printable(word)}`);
    this.#learn(behind);
    this.#next();
  }

  #goOn(): void {
    const part = this.#parts.shift();
    if (this.#step !== 'login' || part === undefined) {
      // A challenge behind a refused token is answered with nothing; the refusal follows.
      if (this.#step === 'login' && this.options.login.by === 'token') this.send(bytesOf('\r\n'));
      else this.fail('it asked for what nobody has');
      return;
    }
    this.send(part);
  }

  #tagged(text: string): void {
    const [, word = '', behind = ''] = /^(\S+) ?(.*)$/s.exec(text) ?? [];
    const isOk = word.toUpperCase() === 'OK';
    const step = this.#step;
    if (step === 'login') {
      if (isOk) {
        this.#learn(behind);
        this.accept(this.#capabilities ?? []);
      } else if (passing.test(behind)) this.fail(`it said ${printable(behind)}`);
      else if (word.toUpperCase() === 'NO') this.done({ kind: 'refused' });
      else this.fail(`it did not understand the login: ${printable(behind)}`);
      return;
    }
    if (step === 'starttls') {
      if (isOk) this.beginTls();
      else this.fail('it has no TLS');
      return;
    }
    this.#learn(behind);
    if (step === 'capability' && this.#capabilities === null) this.#capabilities = [];
    this.#next();
  }

  /** After the greeting, TLS, the capabilities or ID. */
  #next(): void {
    const { client } = this.options;
    if (this.isOver) return;
    if (this.wantsTls) return this.#ask('starttls', 'STARTTLS');
    if (this.#capabilities === null) return this.#ask('capability', 'CAPABILITY');
    if (client !== null && this.#step !== 'id' && hasCapability(this.#capabilities, 'ID'))
      return this.#ask('id', `ID (${idOf(client)})`);
    this.#logIn(this.#capabilities);
  }

  #logIn(capabilities: readonly string[]): void {
    const message = saslMessage(this.options);
    // Those after the login are others; a server tells them before its answer, or in it.
    this.#capabilities = null;
    const simple = namePassword(this.options);
    if (hasCapability(capabilities, `AUTH=${message.mechanism}`))
      return this.#authenticate(message, capabilities);
    if (simple === null || authzidOf(this.options) !== null)
      return void this.fail(`it has no ${message.mechanism}, which this login needs`);
    if (hasCapability(capabilities, 'LOGINDISABLED'))
      return void this.fail('it takes no password on this connection');
    // Each argument as a literal that waits: no character of a password means anything then.
    const [name, password] = [bytesOf(simple.name), bytesOf(simple.password)];
    this.#parts = [
      concatBytes([name, bytesOf(` {${password.length}}\r\n`)]),
      concatBytes([password, bytesOf('\r\n')]),
    ];
    this.#ask('login', `LOGIN {${name.length}}`);
  }

  #authenticate({ mechanism, base64 }: SaslMessage, capabilities: readonly string[]): void {
    if (hasCapability(capabilities, 'SASL-IR'))
      return this.#ask('login', `AUTHENTICATE ${mechanism} ${base64}`);
    this.#parts = [bytesOf(`${base64}\r\n`)];
    this.#ask('login', `AUTHENTICATE ${mechanism}`);
  }

  /** `[CAPABILITY ...]` of a status response. */
  #learn(text: string): void {
    const found = /^\[CAPABILITY ([^\]\r\n]+)\]/i.exec(text)?.[1];
    if (found !== undefined) this.#capabilities = found.split(' ').filter(Boolean);
  }

  /** The step is the tag. */
  #ask(step: Step, command: string): void {
    this.#step = step;
    this.say(`${step} ${command}`);
  }
}

/** As Dovecot reads it (its forwarding documentation): whose connection this is, from a host that it trusts. */
function idOf({
  host,
  port,
  localHost,
  localPort,
  ttl,
  session,
}: NonNullable<BackOptions['client']>): string {
  const pairs = [
    ['x-originating-ip', host],
    ['x-originating-port', port],
    ['x-connected-ip', localHost],
    ['x-connected-port', localPort],
    ['x-proxy-ttl', ttl],
    ['x-session-id', session],
  ] as const;
  return pairs.map(([key, value]) => `"${key}" "${harmless(value)}"`).join(' ');
}
