/**
 * A login by password, for oneself or on behalf of another user. Three ways are known for the latter; which one a server
 * takes is the operator's to say, as a refused try may count as an attack.
 */
import type { Credentials } from '../../sync/mail-store.ts';
import { plain } from '../../wire/sasl/plain.ts';
import { quotedOrLiteral } from './command-text.ts';
import type { Tagged } from './command.ts';
import type { ImapStoreOptions } from './options.ts';
import type { CommandPipe } from './pipe.ts';
import { authenticateBy, methodMissing } from './sasl.ts';

type PasswordCredentials = Extract<Credentials, { readonly kind: 'password' }>;
type Place = Pick<ImapStoreOptions, 'host' | 'port' | 'side' | 'authMechanism'>;

/** The last answer: of the login, or of PROXYAUTH where the login was taken. */
export async function logInByPassword(
  pipe: CommandPipe,
  credentials: PasswordCredentials,
  capabilities: readonly string[],
  options: Place,
): Promise<Tagged> {
  const { user, authUser, onBehalf = 'authzid' } = credentials;
  if (authUser === null) return await asOne(pipe, credentials, user, '', capabilities, options);
  if (onBehalf === 'authzid') return await asOne(pipe, credentials, authUser, user, capabilities, options);
  if (onBehalf !== 'proxyauth')
    return await asOne(pipe, credentials, onBehalf.login, '', capabilities, options);
  const answer = await asOne(pipe, credentials, authUser, '', capabilities, options);
  if (answer.status !== 'OK') return answer;
  return await pipe.run('PROXYAUTH', [' ', ...quotedOrLiteral(user, capabilities)]);
}

/** By AUTHENTICATE PLAIN where it is offered, else by LOGIN, which knows no `authzid`. */
async function asOne(
  pipe: CommandPipe,
  credentials: PasswordCredentials,
  name: string,
  authzid: string,
  capabilities: readonly string[],
  options: Place,
): Promise<Tagged> {
  const offered = capabilities.includes('AUTH=PLAIN');
  const wanted = options.authMechanism;
  const password = credentials.password.reveal();
  if (wanted === 'PLAIN' || (offered && (wanted === null || authzid !== ''))) {
    const response = plain({ authzid, authcid: name, password });
    return await authenticateBy(pipe, 'PLAIN', response, capabilities, credentials);
  }
  if (authzid !== '')
    throw methodMissing(options, 'AUTH=PLAIN, which a login on behalf of another user needs');
  if (capabilities.includes('LOGINDISABLED')) {
    throw methodMissing(options, 'a login by password (LOGINDISABLED)');
  }
  return await pipe.run('LOGIN', [
    ' ',
    ...quotedOrLiteral(name, capabilities),
    ' ',
    ...quotedOrLiteral(password, capabilities),
  ]);
}
