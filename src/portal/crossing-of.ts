/** Reads all that is shown of one account on its way. */
import type { Kysely } from 'kysely';
import { detailsOf } from '../state/database/account-detail.ts';
import { accountPlace, accountView } from '../state/database/account-list.ts';
import { signInBy } from '../domain/sign-in.ts';
import { phaseTimes } from '../state/database/audit.ts';
import { loginOf, masterOwner } from '../state/database/credentials.ts';
import { lacksPassword } from '../state/database/missing-passwords.ts';
import { planOf } from '../state/database/plans.ts';
import { refusedByMailbox } from '../state/database/refused-list.ts';
import type { Locale } from '../state/database/sessions.ts';
import type { Tables } from '../state/database/tables.ts';
import { teamById } from '../state/database/teams.ts';
import { type MailPrograms, newServerUsable } from './mail-programs.ts';
import { eyesOf } from './policies/horizon.ts';
import type { Principal } from './policies/scopes.ts';
import type { RecentEffort } from './recent-effort.ts';
import { type CrossingAnswer, crossingAnswer } from './presenters/crossing.ts';

interface CrossingFacts {
  readonly locale: Locale;
  readonly nowMs: number;
  readonly mailPrograms: MailPrograms | null;
  readonly pollMs: number;
  /** Of old: accounts have passwords for the sync alone there, or the configuration names a master user. */
  readonly old: { readonly appPasswords: boolean; readonly tokens: boolean; readonly master: boolean };
  /** Whether a password that its owner gives is put on new. */
  readonly takesPasswords: boolean;
  readonly effort: RecentEffort;
}

/** Throws `account-unknown`. */
export async function crossingOf(
  db: Kysely<Tables>,
  account: string,
  caller: Principal,
  { locale, nowMs, mailPrograms, pollMs, takesPasswords, effort, old }: CrossingFacts,
): Promise<CrossingAnswer> {
  const view = await accountView(db, account);
  const teamId = (await accountPlace(db, view.id))?.teamId ?? null;
  const eyes = eyesOf(caller, view.id);
  const times = await phaseTimes(db, view.id);
  const rows = {
    view,
    team: teamId === null ? null : await teamById(db, teamId),
    plan: await planOf(db, view.id),
    detail: (await detailsOf(db, [view.id])).get(view.id)?.detail ?? null,
    refused: await refusedByMailbox(db, view.id),
    effort: view.phase === 'old' || view.phase === 'copying' ? await effort() : null,
    mailPrograms: mailPrograms !== null && newServerUsable(view.phase),
    pollMs,
    signIn: signInBy({
      'app-password': old.appPasswords,
      'own-password': view.secrets.has('old'),
      'access-token': old.tokens,
      'master-user': old.master || (await loginOf(db, { owner: masterOwner, side: 'old' })) !== null,
    }),
    keepPassword: takesPasswords && eyes.owner && (await lacksPassword(db, view.id)),
    ...times,
  };
  return crossingAnswer(rows, eyes, locale, nowMs);
}
