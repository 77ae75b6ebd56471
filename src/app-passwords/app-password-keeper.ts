/**
 * The app password that the sync logs in with: minted when an account first needs one, renewed before it runs out, and given
 * out only when every edge of the side knows it, so that no login is refused for being early.
 */
import type { Clock } from '../base/clock.ts';
import { MailferryError } from '../base/errors.ts';
import type { Secret } from '../base/secret.ts';
import type { ServerSide } from '../domain/placement.ts';
import {
  addAppPassword,
  appPasswordInForce,
  edgesHave,
  noteAppPasswordUse,
} from '../state/database/app-passwords.ts';
import type { EnvelopeKey } from '../state/database/envelope.ts';
import type { Database } from '../state/database/open-database.ts';
import { mintPassword } from './token.ts';

export interface AppPasswordSettings {
  /** Networks in CIDR form that the workers log in from. */
  readonly nets: readonly string[];
  readonly lifeMs: number;
}

interface KeeperOptions {
  readonly database: Database;
  readonly key: EnvelopeKey;
  readonly clock: Clock;
  readonly settings: Readonly<Record<ServerSide, AppPasswordSettings | null>>;
  readonly actor: string;
}

/** Another is minted when so much of its life is left: a copy of days never ends in a refused login. */
const renewShare = 0.25;
/** Edges have a change within a second; longer than this one of them is away, and the account waits its turn. */
const patienceMs = 10_000;
const lookEveryMs = 200;
/** The one before goes on so long when somebody wants another: a login with it may be under way. */
const handOverMs = 60_000;
/** The words of Dovecot's %s that the sync logs in by. */
const protocols = ['imap'] as const;

export class AppPasswordKeeper {
  readonly #options: KeeperOptions;

  constructor(options: KeeperOptions) {
    this.#options = options;
  }

  /**
   * Null where the side has none of these. Throws `app-password-pending` while an edge of the side does not know it, and
   * `secret-unreadable`.
   */
  async passwordFor(accountId: string, side: ServerSide): Promise<Secret | null> {
    const { database, key, settings } = this.#options;
    const set = settings[side];
    if (set === null) return null;
    const found = await appPasswordInForce(database.db, key, accountId, side);
    const { actor } = this.#options;
    if (found === null || found.leftMs < set.lifeMs * renewShare)
      await this.#mint(accountId, side, set, { actor });
    // What is renewed in good time need not be waited for: the one before is good as well.
    const good = found ?? (await appPasswordInForce(database.db, key, accountId, side));
    if (good === null) throw pending(side);
    if (found === null || !(await edgesHave(database.db, side, good.epoch)))
      await this.#known(side, good.epoch);
    if (good.restsLong) await noteAppPasswordUse(database.db, good.id, actor);
    return good.password;
  }

  /** Whether accounts have passwords of their own there. */
  offers(side: ServerSide): boolean {
    return this.#options.settings[side] !== null;
  }

  /**
   * Another one because somebody asks for it; those before run out within a minute. Gives its id. Throws `app-passwords-off`,
   * `account-unknown`, and `phase-refused` where the account is done.
   */
  async renew(accountId: string, side: ServerSide, actor: string): Promise<string> {
    const set = this.#options.settings[side];
    if (set === null)
      throw new MailferryError('app-passwords-off', `there are no app passwords for the ${side} server`, {
        side,
      });
    return await this.#mint(accountId, side, set, { actor, othersForMs: handOverMs });
  }

  async #mint(
    accountId: string,
    side: ServerSide,
    { nets, lifeMs }: AppPasswordSettings,
    { actor, othersForMs }: { readonly actor: string; readonly othersForMs?: number },
  ): Promise<string> {
    const { database, key } = this.#options;
    const minted = mintPassword();
    const others = othersForMs === undefined ? {} : { othersForMs };
    const made = { ...minted, ...others, accountId, side, protocols, nets, lifeMs };
    await addAppPassword(database.db, key, made, actor);
    return minted.id;
  }

  async #known(side: ServerSide, epoch: number): Promise<void> {
    const { database, clock } = this.#options;
    const until = clock.monotonic() + patienceMs;
    while (!(await edgesHave(database.db, side, epoch))) {
      if (clock.monotonic() >= until) throw pending(side);
      await clock.sleep(lookEveryMs);
    }
  }
}

function pending(side: ServerSide): MailferryError {
  const text = `the ${side} server's mail hosts do not know the app password yet`;
  return new MailferryError('app-password-pending', text, { side });
}
