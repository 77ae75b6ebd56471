/**
 * POP3 up to the login, as a client of the server where the account lives (RFC 1939 §7, RFC 2595 §4, RFC 5034). Pure.
 *
 *   greeting -> (STLS) -> CAPA -> (XCLIENT) -> login -> outcome
 */
import { harmless, printable } from './back-core.ts';
import { authzidOf, namePassword, saslMessage } from './credentials.ts';
import { LineBack } from './line-back.ts';

type Step = 'greeting' | 'stls' | 'capa' | 'capa-lines' | 'xclient' | 'user' | 'pass' | 'auth';

/** RFC 3206 §4, RFC 2449 §8: what keeps people out though their password may be right. */
const passing = /^\[(SYS\/|IN-USE|LOGIN-DELAY)/i;
/** RFC 5034 §4: with the command at most 255 octets; what is longer follows a challenge. */
const maxInitial = 200;

export class Pop3Back extends LineBack {
  #step: Step = 'greeting';
  #knowsXclient = false;
  #mechanisms: readonly string[] = [];
  /** What goes behind the next challenge, or after USER. */
  #pending: string | null = null;

  protected encrypted(): void {
    this.#mechanisms = [];
    this.#ask('capa', 'CAPA');
  }

  protected hear(line: string): void {
    if (this.#step === 'capa-lines') return this.#capability(line);
    const [, word = '', text = ''] = /^(\+OK|-ERR|\+)(?: (.*)|$)/is.exec(line) ?? [];
    if (word === '') return void this.fail('it does not speak POP3');
    if (word === '+') return this.#goOn();
    const isOk = word.toUpperCase() === '+OK';
    switch (this.#step) {
      case 'greeting':
        if (!isOk) return void this.fail(`it greeted with ${printable(line)}`);
        // Dovecot says so to hosts that it trusts, in the banner only.
        this.#knowsXclient = /\[XCLIENT\]/i.test(text);
        if (this.wantsTls) this.#ask('stls', 'STLS');
        else this.#ask('capa', 'CAPA');
        return;
      case 'stls':
        if (isOk) this.beginTls();
        else this.fail('it has no TLS');
        return;
      case 'capa':
        // A server of 1996 has none, and takes USER.
        if (isOk) this.#step = 'capa-lines';
        else this.#introduce();
        return;
      case 'xclient':
        return this.#logIn();
      case 'user':
        if (isOk) return this.#ask('pass', this.#pending ?? '');
        break;
      default:
        if (isOk) return this.accept([]);
    }
    if (passing.test(text)) this.fail(`it said ${printable(text)}`);
    else this.done({ kind: 'refused' });
  }

  #capability(line: string): void {
    if (line === '.') return this.#introduce();
    const [, list = ''] = /^SASL (.*)$/i.exec(line) ?? [];
    if (list !== '') this.#mechanisms = list.toUpperCase().split(' ');
  }

  #introduce(): void {
    const { client } = this.options;
    if (client === null || !this.#knowsXclient) return this.#logIn();
    const { host, port, session, ttl } = client;
    this.#ask(
      'xclient',
      `XCLIENT ADDR=${harmless(host)} PORT=${harmless(port)} SESSION=${harmless(session)} TTL=${harmless(ttl)}`,
    );
  }

  #logIn(): void {
    const { mechanism, base64 } = saslMessage(this.options);
    const simple = namePassword(this.options);
    if (this.#mechanisms.includes(mechanism)) {
      const goesAtOnce = base64.length <= maxInitial;
      this.#pending = goesAtOnce ? null : base64;
      return this.#ask('auth', `AUTH ${mechanism}${goesAtOnce ? ` ${base64}` : ''}`);
    }
    if (simple === null || authzidOf(this.options) !== null)
      return void this.fail(`it has no ${mechanism}, which this login needs`);
    // USER ends at the line's end, but some servers end it at a blank.
    if (/\s/.test(simple.name)) return void this.fail('a name with a blank needs PLAIN, which it has not');
    this.#pending = `PASS ${simple.password}`;
    this.#ask('user', `USER ${simple.name}`);
  }

  #goOn(): void {
    if (this.#step !== 'auth') return void this.fail('it asked for what nobody has');
    // A challenge behind a refused token is answered with nothing; the refusal follows.
    const isToken = this.options.login.by === 'token';
    if (this.#pending === null && !isToken) return void this.fail('it asked for what nobody has');
    this.say(this.#pending ?? '');
    this.#pending = null;
  }

  #ask(step: Step, line: string): void {
    this.#step = step;
    this.say(line);
  }
}
