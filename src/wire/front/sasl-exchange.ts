/** One AUTHENTICATE (or AUTH) of a client: what it is asked, and the login that comes of it. Pure; the same for all protocols. */
import { decodeChallenge } from '../sasl/message.ts';
import { passwordLogin, readField, readOauthbearer, readPlain, readXoauth2 } from '../sasl/read.ts';
import type { Login, Mechanism } from './front.ts';

export type SaslStep =
  /** The text goes behind `+`, in base 64 already. */
  | { readonly kind: 'ask'; readonly challenge: string }
  | { readonly kind: 'login'; readonly login: Login | null }
  /** It is no base 64. */
  | { readonly kind: 'bad' };

/** `User Name` and `Password`, which no client reads: all take the first question for the name. */
const questions = ['VXNlciBOYW1lAA==', 'UGFzc3dvcmQA'] as const;

export class SaslExchange {
  readonly #mechanism: Mechanism;
  #user: string | null = null;
  #asked = 0;

  constructor(mechanism: Mechanism) {
    this.#mechanism = mechanism;
  }

  /** `initial`: as it came with the command, `=` for an empty one (RFC 4959 §3); null where none did. */
  begin(initial: string | null): SaslStep {
    if (initial !== null) return this.answer(initial === '=' ? '' : initial);
    return this.#mechanism === 'LOGIN' ? this.#ask() : { kind: 'ask', challenge: '' };
  }

  answer(text: string): SaslStep {
    const message = decodeChallenge(text);
    // It would be taken with blanks around it.
    if (message === null || text !== text.trim()) return { kind: 'bad' };
    switch (this.#mechanism) {
      case 'PLAIN': {
        const read = readPlain(message);
        return { kind: 'login', login: read === null ? null : { by: 'password', ...read } };
      }
      case 'XOAUTH2':
      case 'OAUTHBEARER': {
        const read = this.#mechanism === 'XOAUTH2' ? readXoauth2(message) : readOauthbearer(message);
        const mechanism = this.#mechanism;
        return { kind: 'login', login: read === null ? null : { by: 'token', mechanism, ...read } };
      }
      default:
        return this.#loginAnswer(message);
    }
  }

  #loginAnswer(message: Uint8Array): SaslStep {
    const text = readField(message);
    if (this.#user === null) {
      // A name that nobody can have is asked for its password like any other.
      this.#user = text ?? '';
      this.#asked = 1;
      return this.#ask();
    }
    const read = text === null ? null : passwordLogin(this.#user, text);
    return { kind: 'login', login: read === null ? null : { by: 'password', ...read } };
  }

  #ask(): SaslStep {
    return { kind: 'ask', challenge: questions[this.#asked] ?? '' };
  }
}

/** After a refused token a server sends why, as JSON, and waits for one more message (RFC 7628 §3.2.2). */
export const tokenRefusal = btoa('{"status":"invalid_token"}');
