/** Submission up to the login, as a server (RFC 6409, RFC 4954, RFC 3207). No mail is taken before; after it the backend has the word. Pure. */
import { bytesOf } from '../../base/bytes.ts';
import type { FrontOptions, Refusal } from './front.ts';
import { type Ending, endingTexts, unavailableText } from './front-core.ts';
import { LineFront } from './line-front.ts';

const refusalTexts: Readonly<Record<Refusal, string>> = {
  credentials: '535 5.7.8 Authentication failed.',
  unavailable: `454 4.7.0 ${unavailableText}`,
  'too-many': '454 4.7.0 Too many connections.',
};
/** RFC 5321 §4.1.2: a domain or an address literal. It is said again to the backend, and so it is nothing else. */
const heloForm = /^[\w.:[\]-]{1,255}$/;

export interface SubmissionOptions extends FrontOptions {
  /** This host's. */
  readonly name: string;
}

export class SubmissionFront extends LineFront {
  protected readonly refusals = refusalTexts;
  protected readonly words = {
    challenge: '334 ',
    unknownMechanism: '504 5.5.4 There is no such mechanism here.',
    needsTls: '530 5.7.0 Begin TLS first.',
    badBase64: '501 5.5.2 That is no base 64.',
    givenUp: '501 5.7.0 Given up.',
  };
  readonly #name: string;
  #helo: string | null = null;

  constructor(options: SubmissionOptions) {
    super(options);
    this.#name = options.name;
  }

  /** As the client called itself; null before it did. */
  get helo(): string | null {
    return this.#helo;
  }

  greeting(): Uint8Array {
    return bytesOf(`220 ${this.#name} ESMTP\r\n`);
  }

  accepted(): { readonly answer: Uint8Array; readonly rest: Uint8Array } {
    return { answer: bytesOf('235 2.7.0 Logged in.\r\n'), rest: this.take() };
  }

  protected override forget(): void {
    super.forget();
    // RFC 3207 §4.2: what was said before TLS is as if it had not been.
    this.#helo = null;
  }

  protected endLine(why: Ending): string {
    return `421 4.7.0 ${endingTexts[why]}`;
  }

  protected obey(line: string): boolean {
    const [, name = '', argument = ''] = /^([a-z]{4,8})(?: +(.*?))? *$/i.exec(line) ?? [];
    const alone = argument === '';
    switch (name.toUpperCase()) {
      case 'EHLO':
      case 'HELO':
        return this.#greet(argument, name.toUpperCase() === 'EHLO');
      case 'NOOP':
      case 'RSET':
        this.send('250 2.0.0 Done.');
        return true;
      case 'QUIT':
        this.send('221 2.0.0 Bye.');
        return this.end();
      case 'STARTTLS':
        if (!alone) return this.fault('501 5.5.4 STARTTLS takes nothing.');
        if (this.isOffered) return this.beginTls('220 2.0.0 Begin TLS now.');
        return this.fault(`503 5.5.1 ${this.tls === 'active' ? 'TLS is active.' : 'There is no TLS.'}`);
      case 'AUTH':
        if (this.#helo === null) return this.fault('503 5.5.1 Say EHLO first.');
        return this.authenticate(argument);
      case 'MAIL':
      case 'RCPT':
      case 'DATA':
      case 'BDAT':
      case 'VRFY':
      case 'EXPN':
        return this.fault('530 5.7.0 Please log in first.');
      default:
        return this.fault('500 5.5.2 That is no command.');
    }
  }

  #greet(argument: string, isExtended: boolean): boolean {
    if (!heloForm.test(argument)) return this.fault('501 5.5.4 That is no name of a host.');
    this.#helo = argument;
    if (!isExtended) {
      this.send(`250 ${this.#name}`);
      return true;
    }
    const { capabilities, mechanisms } = this.options;
    const auth = this.mayLogIn ? [`AUTH ${mechanisms.join(' ')}`] : [];
    const lines = [this.#name, ...capabilities, ...(this.isOffered ? ['STARTTLS'] : []), ...auth];
    this.send(lines.map((one, at) => `250${at === lines.length - 1 ? ' ' : '-'}${one}`).join('\r\n'));
    return true;
  }
}
