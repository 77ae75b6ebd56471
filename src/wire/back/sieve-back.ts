/**
 * ManageSieve up to the login, as a client of the server where the account lives (RFC 5804 §1.7, §2.1, §2.2; XCLIENT as Dovecot has it). Pure.
 *
 *   capabilities -> (STARTTLS -> capabilities) -> (XCLIENT) -> AUTHENTICATE -> outcome
 */
import { harmless, printable } from './back-core.ts';
import { saslMessage } from './credentials.ts';
import { LineBack } from './line-back.ts';

type Step = 'capabilities' | 'starttls' | 'xclient' | 'authenticate';

export class SieveBack extends LineBack {
  #step: Step = 'capabilities';
  #mechanisms: readonly string[] = [];
  #names = new Set<string>();

  protected encrypted(): void {
    this.#mechanisms = [];
    this.#names.clear();
    // RFC 5804 §2.2: they come again, unasked.
    this.#step = 'capabilities';
  }

  protected hear(line: string): void {
    const [, word = '', text = ''] = /^(OK|NO|BYE)(?: (.*)|$)/is.exec(line) ?? [];
    const answer = word.toUpperCase();
    if (answer === 'BYE') return void this.fail(`it said BYE ${printable(text)}`);
    if (answer === '') return this.#other(line);
    const isOk = answer === 'OK';
    switch (this.#step) {
      case 'capabilities':
        if (isOk) return this.#next();
        return void this.fail(`it greeted with ${printable(line)}`);
      case 'starttls':
        if (isOk) this.beginTls();
        else this.fail('it has no TLS');
        return;
      case 'xclient':
        return this.#logIn();
      default:
        if (isOk) this.accept([]);
        else if (/^\((TRYLATER|QUOTA|REFERRAL|ENCRYPT-NEEDED)/i.test(text))
          this.fail(`it said ${printable(text)}`);
        else this.done({ kind: 'refused' });
    }
  }

  /** A line of the capabilities, or a challenge. */
  #other(line: string): void {
    const [, name = '', value = ''] = /^"([^"]*)"(?: "(.*)")?$/s.exec(line) ?? [];
    if (this.#step === 'authenticate') {
      // A refused token is told why, as a string; it is answered with nothing, and the refusal follows.
      if (this.options.login.by === 'token') this.say('""');
      else this.fail('it asked for what nobody has');
      return;
    }
    if (this.#step !== 'capabilities' || name === '') return void this.fail('it does not speak ManageSieve');
    this.#names.add(name.toUpperCase());
    if (name.toUpperCase() === 'SASL') this.#mechanisms = value.toUpperCase().split(' ');
  }

  #next(): void {
    const { client } = this.options;
    if (this.wantsTls) {
      if (!this.#names.has('STARTTLS')) return void this.fail('it has no TLS');
      return this.#ask('starttls', 'STARTTLS');
    }
    if (client === null || !this.#names.has('XCLIENT')) return this.#logIn();
    const { host, port, session, ttl } = client;
    const pairs = [
      ['ADDR', host],
      ['PORT', port],
      ['SESSION', session],
      ['TTL', ttl],
    ] as const;
    // Not strings, though the protocol has no other arguments (seen with Dovecot 2.3.19).
    this.#ask('xclient', `XCLIENT ${pairs.map(([name, value]) => `${name}=${harmless(value)}`).join(' ')}`);
  }

  #logIn(): void {
    const { mechanism, base64 } = saslMessage(this.options);
    if (!this.#mechanisms.includes(mechanism))
      return void this.fail(`it has no ${mechanism}, which this login needs`);
    this.#ask('authenticate', `AUTHENTICATE "${mechanism}" "${base64}"`);
  }

  #ask(step: Step, line: string): void {
    this.#step = step;
    this.say(line);
  }
}
