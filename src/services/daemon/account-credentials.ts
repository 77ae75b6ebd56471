/** How to log in for an account: by an app password, else by its own secret, else by the master user of the side. */
import { MailferryError } from '../../base/errors.ts';
import type { Secret } from '../../base/secret.ts';
import type { Account } from '../../state/database/accounts.ts';
import type { Credentials } from '../../sync/index.ts';
import type { Configuration } from '../configuration/schema.ts';

type Side = 'old' | 'new';
type Held = { readonly login: string; readonly secret: Secret };

export interface CredentialSources {
  readonly configuration: Pick<Configuration, Side>;
  /** By dotted key, as `old.master_password`. */
  readonly secrets: ReadonlyMap<string, Secret>;
  /** A password that the sync alone uses; null where the side has none of these. Throws `app-password-pending`. */
  readonly appPasswordOf: (accountId: string, side: Side) => Promise<Secret | null>;
  /** The account's own secret for a side; null where it has none. Throws `secret-unreadable`. */
  readonly secretOf: (accountId: string, side: Side) => Promise<Held | null>;
  /** The side's master user that the database holds; null where there is none. Throws `secret-unreadable`. */
  readonly masterOf: (side: Side) => Promise<Held | null>;
}

/** Throws `secret-missing`, `secret-unreadable`. */
export async function accountCredentials(
  { configuration, secrets, appPasswordOf, secretOf, masterOf }: CredentialSources,
  account: Pick<Account, 'id' | 'address' | 'oldLogin' | 'newLogin'>,
  side: Side,
): Promise<Credentials> {
  const user = side === 'old' ? account.oldLogin : account.newLogin;
  const app = await appPasswordOf(account.id, side);
  if (app !== null) return { kind: 'password', user, authUser: null, password: app };
  const own = await secretOf(account.id, side);
  if (own !== null) return { kind: 'password', user: own.login, authUser: null, password: own.secret };
  const { master_user: authUser } = configuration[side];
  const password = secrets.get(`${side}.master_password`);
  if (authUser !== undefined && password !== undefined) return { kind: 'password', user, authUser, password };
  const master = await masterOf(side);
  if (master !== null) return { kind: 'password', user, authUser: master.login, password: master.secret };
  const text = `${account.address} has no password for the ${side} server, and the server no master user`;
  throw new MailferryError('secret-missing', text, { side });
}
