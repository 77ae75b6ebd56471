/** POP3 up to the login, as a server (RFC 1939 §4, RFC 2449, RFC 2595 §4, RFC 5034). Pure. */
import { bytesOf, bytesOfLatin1 } from '../../base/bytes.ts';
import { passwordLogin, readField } from '../sasl/read.ts';
import type { Refusal } from './front.ts';
import { type Ending, endingTexts, unavailableText } from './front-core.ts';
import { LineFront } from './line-front.ts';

/** RFC 3206 §4 and §5: by its code a program knows whether to ask its user for another password. */
const refusalTexts: Readonly<Record<Refusal, string>> = {
  credentials: '-ERR [AUTH] Authentication failed.',
  unavailable: `-ERR [SYS/TEMP] ${unavailableText}`,
  'too-many': '-ERR [SYS/TEMP] Too many connections.',
};

export class Pop3Front extends LineFront {
  protected readonly refusals = refusalTexts;
  protected readonly words = {
    challenge: '+ ',
    unknownMechanism: '-ERR There is no such mechanism here.',
    needsTls: '-ERR Begin TLS first.',
    badBase64: '-ERR That is no base 64.',
    givenUp: '-ERR Given up.',
  };
  /** From USER, until PASS. */
  #user: string | null = null;

  greeting(): Uint8Array {
    return bytesOf('+OK Ready.\r\n');
  }

  accepted(): { readonly answer: Uint8Array; readonly rest: Uint8Array } {
    return { answer: bytesOf('+OK Logged in.\r\n'), rest: this.take() };
  }

  protected override forget(): void {
    super.forget();
    this.#user = null;
  }

  protected endLine(why: Ending): string {
    return `-ERR ${endingTexts[why]}`;
  }

  protected obey(line: string): boolean {
    const [, name = '', argument = null] = /^([a-z]{3,8})(?: (.*))?$/is.exec(line) ?? [];
    const command = name.toUpperCase();
    // PASS belongs to the USER right before it.
    const user = this.#user;
    this.#user = null;
    if (command === 'CAPA' && argument === null) return this.#capabilities();
    if (command === 'QUIT' && argument === null) {
      this.send('+OK Bye.');
      return this.end();
    }
    if (command === 'STLS' && argument === null) {
      if (this.isOffered) return this.beginTls('+OK Begin TLS now.');
      return this.fault(`-ERR ${this.tls === 'active' ? 'TLS is active.' : 'There is no TLS.'}`);
    }
    if (command === 'USER' && argument !== null) return this.#takeUser(argument);
    if (command === 'PASS' && argument !== null) {
      if (user === null) return this.fault('-ERR Say USER first.');
      // A blank within is part of it (RFC 1939 §7).
      const password = readField(bytesOfLatin1(argument));
      const read = password === null ? null : passwordLogin(user, password);
      return this.await(read === null ? null : { by: 'password', ...read });
    }
    if (command === 'AUTH' && argument === null) return this.#list(this.options.mechanisms);
    if (command === 'AUTH' && argument !== null) return this.authenticate(argument);
    return this.fault('-ERR Please log in first.');
  }

  #takeUser(argument: string): boolean {
    if (!this.mayLogIn) {
      this.send(this.words.needsTls);
      return true;
    }
    // A name that is no text is nobody's, and asked for its password all the same.
    this.#user = readField(bytesOfLatin1(argument)) ?? '';
    this.send('+OK Password, please.');
    return true;
  }

  #capabilities(): boolean {
    const { capabilities, mechanisms } = this.options;
    const login = this.mayLogIn ? ['USER', `SASL ${mechanisms.join(' ')}`] : [];
    return this.#list([...capabilities, ...(this.isOffered ? ['STLS'] : []), ...login]);
  }

  #list(lines: readonly string[]): boolean {
    this.send(['+OK', ...lines, '.'].join('\r\n'));
    return true;
  }
}
