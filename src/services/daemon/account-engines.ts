/** How the worker reaches an account on both sides: stores within the servers' budgets, the journal, the secrets. */
import { readFileSync } from 'node:fs';
import type { Clock } from '../../base/clock.ts';
import type { OpenedEngine } from '../../fleet/runner-env.ts';
import type { BothLimiters } from '../../fleet/both-limiters.ts';
import { BudgetedStore } from '../../fleet/budgeted-store.ts';
import type { ServerBudget } from '../../fleet/server-budget.ts';
import type { TlsTrust } from '../../net/tls-trust.ts';
import {
  type CurrentCredentials,
  defaultConnectTimeoutMs,
  defaultIdleTimeoutMs,
  openImapStore,
} from '../../remote/imap/index.ts';
import type { Account } from '../../state/database/accounts.ts';
import { DatabaseJournal } from '../../state/database/journal.ts';
import type { Lease } from '../../state/database/leases.ts';
import type { Database } from '../../state/database/open-database.ts';
import { sawServer } from '../../state/database/servers.ts';
import type { Credentials, MailStore } from '../../sync/index.ts';
import type { Log } from '../../telemetry/log.ts';
import type { Configuration, ServerConfiguration } from '../configuration/schema.ts';
import { describeHeader } from '../describe-header.ts';
import { accountCredentials, type CredentialSources } from './account-credentials.ts';
import { renewedStore } from './renewed-store.ts';

type Side = 'old' | 'new';

export interface EnginesOptions extends CredentialSources {
  readonly database: Database;
  readonly configuration: Configuration;
  readonly budgets: Readonly<Record<Side, ServerBudget>>;
  readonly limiter: BothLimiters;
  readonly clock: Clock;
  readonly log: Log;
}

const seenEveryMs = 60_000;

export class AccountEngines {
  readonly #options: EnginesOptions;
  readonly #seenAt: Record<Side, number> = { old: Number.NEGATIVE_INFINITY, new: Number.NEGATIVE_INFINITY };
  readonly #trust: Readonly<Record<Side, TlsTrust>>;

  /** Reads the certificates that the configuration names. */
  constructor(options: EnginesOptions) {
    this.#options = options;
    this.#trust = { old: trustOf(options.configuration.old), new: trustOf(options.configuration.new) };
  }

  /** Throws `secret-missing`, `secret-unreadable`. */
  async open(account: Account, lease: Lease, mayWrite: () => boolean): Promise<OpenedEngine> {
    const { database, budgets, limiter, clock } = this.#options;
    const old = await this.#store(account, 'old');
    const fresh = await this.#store(account, 'new');
    const stores = {
      old: this.#budgeted(...old, false, mayWrite),
      fresh: this.#budgeted(...fresh, false, mayWrite),
      listening: this.#budgeted(...old, true, mayWrite),
    };
    return {
      ...stores,
      cut: () => {
        for (const store of Object.values(stores)) store.cut();
      },
      limiter,
      journal: new DatabaseJournal(database, account.id, lease),
      clock,
      random: Math.random,
      describeHeader,
      rests: (close) => {
        const inUse = [budgets.old.rests(close), budgets.new.rests(close)];
        return () => {
          for (const end of inUse) end();
        };
      },
    };
  }

  #budgeted(store: MailStore, master: boolean, listens: boolean, mayWrite: () => boolean): BudgetedStore {
    const { budgets, configuration, clock } = this.#options;
    const { connections_per_account: maxConnections } = configuration[store.side].limits;
    return new BudgetedStore(store, budgets[store.side], clock, {
      listens,
      maxConnections,
      mayWrite,
      master,
      opened: ({ abilities }) => this.#seen(store.side, abilities.capabilities),
    });
  }

  /** For people: what the server can do, and when it was last reached; written once a minute at most. */
  #seen(side: Side, capabilities: readonly string[]): void {
    const { database, clock, log } = this.#options;
    const now = clock.monotonic();
    if (now - this.#seenAt[side] < seenEveryMs) return;
    this.#seenAt[side] = now;
    sawServer(database.db, side, capabilities).catch((error: unknown) =>
      log.warn({ err: error }, 'not noted'),
    );
  }

  /** Whether it logs in as the side's master user stands beside it. */
  async #store(account: Account, side: Side): Promise<readonly [MailStore, boolean]> {
    const server = this.#options.configuration[side];
    const now = () => accountCredentials(this.#options, account, side);
    const first = await now();
    const open = (credentials: Credentials | CurrentCredentials) =>
      openImapStore({
        side,
        host: server.host,
        port: server.port ?? (server.tls === 'implicit' ? 993 : 143),
        security: server.tls,
        allowPlaintext: server.tls === 'none' || server.allow_plaintext,
        trust: this.#trust[side],
        credentials,
        authMechanism: null,
        clock: this.#options.clock,
        connectTimeoutMs: defaultConnectTimeoutMs,
        idleTimeoutMs: defaultIdleTimeoutMs,
      });
    // An app password runs out, or is revoked, while the account is followed for weeks.
    const renewed = server.app_passwords.nets.length > 0;
    const store = renewed ? renewedStore(first, now, open) : open(first);
    return [store, first.kind === 'password' && first.authUser !== null];
  }
}

export function trustOf(server: ServerConfiguration): TlsTrust {
  return {
    caPem: server.ca_file === undefined ? null : readFileSync(server.ca_file, 'utf8'),
    fingerprintsSha256: server.tls_fingerprints.map((text) =>
      text
        .replace(/^sha256:/, '')
        .replaceAll(':', '')
        .toLowerCase(),
    ),
  };
}
