/**
 * The last rung of the ladder: owners of accounts that are there on new without a password are asked by mail to give theirs in
 * the portal. The mail holds neither a password nor a secret. Some go a minute, so that whoever answers questions about them
 * is not asked by everybody at once.
 */
import type { Clock } from '../../base/clock.ts';
import { askByMail, unaskedPage } from '../../state/database/missing-passwords.ts';
import type { Database } from '../../state/database/open-database.ts';
import type { ControlLog } from '../control-context.ts';

interface AskForPasswordsOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: ControlLog;
  /** Mails to each owner; 0: none. */
  readonly most: number;
  /** From the first to the second. */
  readonly againMs: number;
}

/** Of one look, of which there are three a minute: some five thousand mails an hour. */
const mailsAtOnce = 30;
const accountsAtOnce = 500;
const actor = 'provisioning';

/** One look. Several controls may look at once: the same mail is written once. */
export async function askForPasswords(options: AskForPasswordsOptions, over?: AbortSignal): Promise<void> {
  const { database, clock, log, most, againMs } = options;
  const { db } = database;
  let written = 0;
  for (let asked = 0; asked < most; asked++) {
    for (let after: string | null = ''; after !== null && written < mailsAtOnce; ) {
      if (over?.aborted === true) return;
      const page: Awaited<ReturnType<typeof unaskedPage>> = await unaskedPage(db, {
        asked,
        sinceMs: againMs,
        after,
        limit: accountsAtOnce,
      });
      for (const accountId of page.found.slice(0, mailsAtOnce - written))
        if (await askByMail(db, { accountId, asked }, actor, clock.now())) written++;
      after = page.last;
    }
  }
  if (written > 0) log.info({ mails: written }, 'owners are asked for the password of new');
}
