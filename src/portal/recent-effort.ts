/** What copies took lately, as all who look are told: asked of the database once for many of them. */
import type { Kysely } from 'kysely';
import type { Clock } from '../base/clock.ts';
import { type CopyEffort, recentEffort } from '../state/database/account-detail.ts';
import type { Tables } from '../state/database/tables.ts';

/** It is an average over hundreds of accounts, and reads the details of all: a page that is open asks each second. */
const knownForMs = 60_000;

export type RecentEffort = () => Promise<CopyEffort | null>;

export function rememberedEffort(db: Kysely<Tables>, clock: Pick<Clock, 'monotonic'>): RecentEffort {
  let answer: Promise<CopyEffort | null> | null = null;
  let until = 0;
  return () => {
    if (answer !== null && clock.monotonic() < until) return answer;
    until = Number.POSITIVE_INFINITY;
    const asked = recentEffort(db);
    answer = asked;
    asked.then(
      // The first account that is copied anywhere is a beginning to reckon with.
      (found) => (until = clock.monotonic() + (found === null ? 0 : knownForMs)),
      () => (answer = null),
    );
    return asked;
  };
}
