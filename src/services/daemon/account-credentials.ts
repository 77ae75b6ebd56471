/**
 * How to log in for an account: by an app password, else by its own secret, else by a token, else by the master user of the
 * side.
 */
import { MailferryError } from '../../base/errors.ts';
import type { Secret } from '../../base/secret.ts';
import { type SignIn, signIns } from '../../domain/sign-in.ts';
import type { Account } from '../../state/database/accounts.ts';
import type { CurrentCredentials } from '../../remote/imap/index.ts';
import type { Credentials, OnBehalf } from '../../sync/index.ts';
import type { Configuration } from '../configuration/schema.ts';

type Side = 'old' | 'new';
type Held = { readonly login: string; readonly secret: Secret };

type TokenFor = Pick<Account, 'id' | 'address'>;

export interface CredentialSources {
  readonly configuration: Pick<Configuration, Side>;
  /** By dotted key, as `old.master_password`. */
  readonly secrets: ReadonlyMap<string, Secret>;
  /** A password that the sync alone uses; null where the side has none of these. Throws `app-password-pending`. */
  readonly appPasswordOf: (accountId: string, side: Side) => Promise<Secret | null>;
  /** The account's own secret for a side; null where it has none. Throws `secret-unreadable`. */
  readonly secretOf: (accountId: string, side: Side) => Promise<Held | null>;
  /** A token that is asked for before each login; null where the side has none. */
  readonly accessTokenOf: (account: TokenFor, side: Side, user: string) => CurrentCredentials | null;
  /** The side's master user that the database holds; null where there is none. Throws `secret-unreadable`. */
  readonly masterOf: (side: Side) => Promise<Held | null>;
}

/** Throws `secret-missing`, `secret-unreadable`. */
export async function accountCredentials(
  { configuration, secrets, appPasswordOf, secretOf, accessTokenOf, masterOf }: CredentialSources,
  account: Pick<Account, 'id' | 'address' | 'oldLogin' | 'newLogin'>,
  side: Side,
): Promise<Credentials | CurrentCredentials> {
  const user = side === 'old' ? account.oldLogin : account.newLogin;
  const by: Readonly<Record<SignIn, () => Promise<Credentials | CurrentCredentials | null>>> = {
    'app-password': async () => {
      const password = await appPasswordOf(account.id, side);
      return password === null ? null : { kind: 'password', user, authUser: null, password };
    },
    'own-password': async () => {
      const own = await secretOf(account.id, side);
      return own === null
        ? null
        : { kind: 'password', user: own.login, authUser: null, password: own.secret };
    },
    'access-token': async () => accessTokenOf(account, side, user),
    'master-user': async () => {
      const { master_user: configured, master_login: way } = configuration[side];
      const password = secrets.get(`${side}.master_password`);
      const asMaster = (authUser: string, secret: Secret): Credentials => {
        return {
          kind: 'password',
          user,
          authUser,
          password: secret,
          onBehalf: onBehalfOf(way, user, authUser),
        };
      };
      if (configured !== undefined && password !== undefined) return asMaster(configured, password);
      const master = await masterOf(side);
      return master === null ? null : asMaster(master.login, master.secret);
    },
  };
  for (const one of signIns) {
    const found = await by[one]();
    if (found !== null) return found;
  }
  const text = `${account.address} has no password for the ${side} server, and the server no master user`;
  throw new MailferryError('secret-missing', text, { side });
}

/** `way` as `master_login` of the configuration has it. */
function onBehalfOf(way: string, user: string, master: string): OnBehalf {
  if (way === 'authzid' || way === 'proxyauth') return way;
  const values: Readonly<Record<string, string>> = {
    '{user}': user,
    '{local}': user.replace(/@[^@]*$/, ''),
    '{master}': master,
  };
  return { login: way.replaceAll(/\{(?:user|local|master)\}/g, (name) => values[name] ?? name) };
}
