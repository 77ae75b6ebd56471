/** With which message the login goes on to the server. Pure. */
import { latin1Of } from '../../base/bytes.ts';
import { oauthbearer } from '../sasl/oauthbearer.ts';
import { plain } from '../sasl/plain.ts';
import { xoauth2 } from '../sasl/xoauth2.ts';
import type { BackOptions } from './back.ts';

export interface SaslMessage {
  readonly mechanism: 'PLAIN' | 'XOAUTH2' | 'OAUTHBEARER';
  readonly base64: string;
}

/** A name and a password for commands that take no more. */
export interface NamePassword {
  readonly name: string;
  readonly password: string;
}

export function saslMessage(options: BackOptions): SaslMessage {
  const { user, login } = options;
  if (login.by === 'token') {
    const token = login.token.reveal();
    const { mechanism } = login;
    const message =
      mechanism === 'XOAUTH2' ? xoauth2({ user, token }) : oauthbearer({ user, token, ...options.server });
    return { mechanism, base64: btoa(latin1Of(message)) };
  }
  const { name, password } = namePassword(options) ?? { name: user, password: '' };
  const authzid = authzidOf(options);
  const message = plain({ ...(authzid === null ? {} : { authzid }), authcid: name, password });
  return { mechanism: 'PLAIN', base64: btoa(latin1Of(message)) };
}

/** Null where a name and a password are not enough: a token, or a name to act for. */
export function namePassword(options: BackOptions): NamePassword | null {
  const { user, login, master } = options;
  if (login.by === 'token') return null;
  if (master === null)
    return { name: login.authzid === null ? user : login.user, password: login.password.reveal() };
  const name = master.form === 'authzid' ? master.user : `${user}${master.form}${master.user}`;
  return { name, password: master.password };
}

/** Whose mail is opened, where that is not who logs in. */
export function authzidOf({ user, login, master }: BackOptions): string | null {
  if (login.by === 'token') return null;
  if (master !== null) return master.form === 'authzid' ? user : null;
  return login.authzid === null ? null : user;
}
