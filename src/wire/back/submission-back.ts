/**
 * Submission up to the login, as a client of the server where the account lives (RFC 6409, RFC 4954, RFC 3207; XCLIENT as Postfix has it). Pure.
 *
 *   greeting -> EHLO -> (STARTTLS -> EHLO) -> (XCLIENT -> EHLO) -> AUTH -> outcome
 */
import type { BackOptions } from './back.ts';
import { printable } from './back-core.ts';
import { saslMessage } from './credentials.ts';
import { LineBack } from './line-back.ts';

type Step = 'greeting' | 'ehlo' | 'starttls' | 'xclient' | 'auth';

export interface SubmissionBackOptions extends BackOptions {
  /** As the client called itself. */
  readonly helo: string;
}

/** RFC 4954 §4: with the command at most 12,288 octets. */
const maxInitial = 12_000;

export class SubmissionBack extends LineBack {
  readonly #helo: string;
  #step: Step = 'greeting';
  /** Lines of an answer that goes on. */
  #lines: string[] = [];
  #wasIntroduced = false;
  #pending: string | null = null;

  constructor(options: SubmissionBackOptions) {
    super(options);
    this.#helo = options.helo;
  }

  protected encrypted(): void {
    this.#lines = [];
    this.#greet();
  }

  protected hear(line: string): void {
    const [, code = '', more = '', text = ''] = /^([2-5]\d\d)(?:([ -])(.*))?$/s.exec(line) ?? [];
    if (code === '') return void this.fail('it does not speak SMTP');
    this.#lines.push(text);
    if (more === '-') return;
    const lines = this.#lines;
    this.#lines = [];
    this.#answered(Number(code), lines);
  }

  #answered(code: number, lines: readonly string[]): void {
    const said = printable(`${code} ${lines.join(' ')}`);
    if (code === 421) return void this.fail(`it said ${said}`);
    const isGood = code >= 200 && code < 300;
    switch (this.#step) {
      case 'greeting':
        if (!isGood) return void this.fail(`it greeted with ${said}`);
        return this.#greet();
      case 'ehlo':
        if (!isGood) return void this.fail(`it said ${said}`);
        return this.#next(lines.slice(1));
      case 'starttls':
        if (isGood) this.beginTls();
        else this.fail('it has no TLS');
        return;
      case 'xclient':
        // It greets anew, as for a new client. Whom it does not trust it refuses, and serves all the same.
        return this.#greet();
      default:
        return this.#loggedIn(code, said);
    }
  }

  #loggedIn(code: number, said: string): void {
    if (code === 235) return this.accept([]);
    const isToken = this.options.login.by === 'token';
    if (code === 334 && (this.#pending !== null || isToken)) {
      this.say(this.#pending ?? '');
      this.#pending = null;
    } else if (code === 535) this.done({ kind: 'refused' });
    else this.fail(`it said ${said}`);
  }

  #next(offered: readonly string[]): void {
    const line = (name: string) => offered.find((one) => one.toUpperCase().split(/[ =]/, 1)[0] === name);
    if (this.wantsTls) {
      if (line('STARTTLS') === undefined) return void this.fail('it has no TLS');
      return this.#ask('starttls', 'STARTTLS');
    }
    const attributes = line('XCLIENT')?.toUpperCase().split(' ').slice(1) ?? [];
    const { client } = this.options;
    if (client !== null && !this.#wasIntroduced && attributes.includes('ADDR')) {
      this.#wasIntroduced = true;
      const address = client.host.includes(':') ? `IPV6:${client.host}` : client.host;
      const known = [
        ['ADDR', address],
        ['PORT', client.port],
        ['HELO', this.#helo],
        ['PROTO', 'ESMTP'],
      ] as const;
      const said = known.filter(([name]) => attributes.includes(name));
      return this.#ask(
        'xclient',
        `XCLIENT ${said.map(([name, value]) => `${name}=${xtext(value)}`).join(' ')}`,
      );
    }
    this.#logIn(line('AUTH')?.toUpperCase().split(/[ =]/).slice(1) ?? []);
  }

  #logIn(mechanisms: readonly string[]): void {
    const { mechanism, base64 } = saslMessage(this.options);
    if (!mechanisms.includes(mechanism))
      return void this.fail(`it has no ${mechanism}, which this login needs`);
    const goesAtOnce = base64.length <= maxInitial;
    this.#pending = goesAtOnce ? null : base64;
    this.#ask('auth', `AUTH ${mechanism}${goesAtOnce ? ` ${base64}` : ''}`);
  }

  #greet(): void {
    this.#ask('ehlo', `EHLO ${harmlessName(this.#helo)}`);
  }

  #ask(step: Step, line: string): void {
    this.#step = step;
    this.say(line);
  }
}

/** RFC 3461 §4: what is no letter, digit or harmless sign is written as `+` and two digits. */
function xtext(value: string | number): string {
  const escaped = (char: string): string =>
    `+${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
  return String(value).replace(/[^\w.:[\]-]/g, escaped);
}

const harmlessName = (name: string): string => name.replace(/[^\w.:[\]-]/g, '') || 'localhost';
