/** The accounts that are moved: who logs in as what, and where each stands. */
import type { Kysely, Selectable } from 'kysely';
import { MailferryError } from '../../base/errors.ts';
import { type Phase, type PhaseEvent, phaseAfter, phases } from '../../domain/phase.ts';
import { shardOf } from '../../domain/shard.ts';
import { addAddresses, domainOf } from './addresses.ts';
import { appendAudit } from './audit.ts';
import { nextOf } from './counters.ts';
import { databaseNow } from './dialect.ts';
import { endAccess } from './end-of-access.ts';
import { appendEvent } from './events.ts';
import { addDomains } from './domains.ts';
import { checkLease, type Lease } from './leases.ts';
import { newId } from './new-id.ts';
import type { AccountTable, Tables } from './tables.ts';

export interface NewAccount {
  /** The mail address; one account for each. */
  readonly address: string;
  readonly oldLogin: string;
  readonly newLogin: string;
}

export interface Account extends NewAccount {
  /** UUIDv7. */
  readonly id: string;
  readonly phase: Phase;
  /** The number of its last change among those of all accounts: of its phase, addresses, logins or app passwords. */
  readonly epoch: number;
}

/** Gives its id. Throws `account-exists`. `nowMs` only orders ids; the row's time is the database's. */
export async function addAccount(
  db: Kysely<Tables>,
  { address, oldLogin, newLogin }: NewAccount,
  actor: string,
  nowMs: number,
): Promise<string> {
  return db.transaction().execute(async (inside) => {
    const epoch = await nextOf(inside, 'epoch');
    const id = newId(nowMs);
    const row = {
      id,
      address,
      old_login: oldLogin,
      new_login: newLogin,
      phase: 'old',
      epoch,
      shard: shardOf(id),
      domain: domainOf(address),
    };
    const added = await inside
      .insertInto('account')
      .values({ ...row, created_at_ms: databaseNow(inside) })
      .onConflict((conflict) => conflict.column('address').doNothing())
      .returning('id')
      .executeTakeFirst();
    if (added === undefined) throw new MailferryError('account-exists', `${address} is an account already`);
    await addDomains(inside, [{ name: row.domain, teamId: null }]);
    await addAddresses(inside, [{ address, accountId: id }]);
    await appendAudit(inside, { actor, action: 'account.add', subject: id, detail: { address } });
    await appendEvent(inside, { kind: 'account.add', subject: id, detail: { address } });
    return id;
  });
}

/** Throws `account-unknown`. */
export async function accountOf(db: Kysely<Tables>, id: string): Promise<Account> {
  const row = await db.selectFrom('account').selectAll().where('id', '=', id).executeTakeFirst();
  if (row === undefined) throw new MailferryError('account-unknown', `there is no account ${id}`);
  return accountOfRow(row);
}

export interface PhaseChange {
  readonly accountId: string;
  readonly event: PhaseEvent;
  readonly actor: string;
  /** Of the worker that acts; absent where a person does. */
  readonly lease?: Lease;
}

/**
 * The only way a phase changes: one transaction with the account's next epoch, the audit row and the event; at `done` also the
 * end of all that the sync logs in with. Throws `phase-refused` where the event cannot happen, `lease-lost`, `account-unknown`.
 */
export async function changePhase(db: Kysely<Tables>, change: PhaseChange): Promise<Account> {
  const { accountId, event, actor, lease } = change;
  return db.transaction().execute(async (inside) => {
    if (lease !== undefined) await checkLease(inside, lease);
    // Before the account is read: from here on no other phase can change.
    const epoch = await nextOf(inside, 'epoch');
    const account = await accountOf(inside, accountId);
    const phase = phaseAfter(account.phase, event);
    if (phase === null) {
      throw new MailferryError(
        'phase-refused',
        `"${event}" cannot happen to an account that is ${account.phase}`,
      );
    }
    await inside.updateTable('account').set({ phase, epoch }).where('id', '=', accountId).execute();
    const detail = { event, from: account.phase, to: phase, epoch };
    await appendAudit(inside, { actor, action: 'account.phase', subject: accountId, detail });
    await appendEvent(inside, { kind: 'account.phase', subject: accountId, detail });
    if (phase === 'done') await endAccess(inside, accountId, actor);
    return { ...account, phase, epoch };
  });
}

/** Throws `database-damaged` where the phase is no word that we know. */
export function accountOfRow(row: Selectable<AccountTable>): Account {
  const phase = phases.find((one) => one === row.phase);
  if (phase === undefined) {
    throw new MailferryError('database-damaged', `the account ${row.id} is in the phase ${row.phase}`);
  }
  const { id, address, epoch } = row;
  return { id, address, oldLogin: row.old_login, newLogin: row.new_login, phase, epoch };
}
