/**
 * Writes a summary for each administrator who asked: at the end of each wave of the team, and once a day while something
 * needs a person. None that would say what the last one said.
 */
import type { Clock } from '../../base/clock.ts';
import { askingCodes } from '../../domain/trouble.ts';
import type { Database } from '../../state/database/open-database.ts';
import {
  addSummary,
  endedWaves,
  type Subscriber,
  subscribers,
  writtenCauses,
} from '../../state/database/summary-mails.ts';
import { teamFacts, toldOf } from './team-facts.ts';

/** Of the machine's day: whoever is asked to act reads it in the morning. */
const morningHour = 7;

export interface SummaryOptions {
  readonly database: Database;
  readonly clock: Clock;
  /** False: no mails are sent, so none are written. */
  readonly mails: boolean;
}

/** One look. Several controls may look at once: the same cause is written once. */
export async function gatherSummaries({ database: { db }, clock, mails }: SummaryOptions): Promise<void> {
  if (!mails) return;
  const nowMs = clock.now();
  const now = new Date(nowMs);
  const day = [now.getFullYear(), now.getMonth() + 1, now.getDate()].join('-');
  for (const one of await subscribers(db)) {
    const { teamId, login } = one;
    const entry = (cause: string, wave: string | null) =>
      ({ cause, kind: 'mail', target: teamId, body: { what: 'summary', login, wave } }) as const;
    const waves = await newlyEnded(one);
    const facts = await teamFacts(db, teamId);
    const told = toldOf(facts);
    let lastTold = one.lastTold;
    for (const { cause, name } of waves) {
      await addSummary(db, { ...one, lastTold }, entry(cause, name), told, nowMs);
      lastTold = told;
    }
    // A wave's summary of today says it all.
    if (waves.length > 0 || now.getHours() < morningHour) continue;
    if ((facts.states['needs-you'] ?? 0) === 0 || told === one.lastTold) continue;
    const cause = `summary:day:${teamId}:${login}:${day}`;
    if ((await writtenCauses(db, [cause])).has(cause)) continue;
    await addSummary(db, one, entry(cause, null), told, nowMs);
  }

  async function newlyEnded(one: Subscriber): Promise<{ cause: string; name: string }[]> {
    const ended = (await endedWaves(db, one, askingCodes())).map(({ id, name }) => ({
      cause: `summary:wave:${id}:${one.login}`,
      name,
    }));
    const written = await writtenCauses(
      db,
      ended.map(({ cause }) => cause),
    );
    return ended.filter(({ cause }) => !written.has(cause));
  }
}
