/**
 * Rows for an edge as soon as there are some: a question waits while there are none, so that a change is on its way within
 * milliseconds of its commit.
 */
import type { Clock } from '../../base/clock.ts';
import type { EnvelopeKey } from './envelope.ts';
import { type EdgeRows, edgeRowsAfter } from './edge-rows.ts';
import type { Database } from './open-database.ts';
import type { Side } from './servers.ts';

/** A hint may be lost. */
const lookAnywayMs = 5_000;

interface EdgeQuestion {
  readonly side: Side;
  readonly after: number;
  readonly limit: number;
  /** Without rows the answer comes after so long. */
  readonly waitMs: number;
  /** Without it no users of new are told. */
  readonly key?: EnvelopeKey;
}

/** Whoever aborts gets what is there then. */
export async function edgeRowsWhenThere(
  database: Database,
  clock: Clock,
  { waitMs, ...question }: EdgeQuestion,
  signal: AbortSignal,
): Promise<EdgeRows> {
  const until = clock.monotonic() + waitMs;
  let wake = () => {};
  // Before the first look: what comes between look and wait is not missed.
  const hearing = waitMs === 0 ? null : database.listen(() => wake());
  try {
    for (;;) {
      const heard = new Promise<void>((resolve) => {
        wake = resolve;
      });
      const page = await edgeRowsAfter(database.db, question);
      const left = until - clock.monotonic();
      if (page.rows.length > 0 || page.latest !== question.after || left <= 0 || signal.aborted) return page;
      const rest = new AbortController();
      const asleep = clock.sleep(Math.min(left, lookAnywayMs), AbortSignal.any([signal, rest.signal]));
      await Promise.race([heard, asleep.catch(() => {})]);
      rest.abort();
    }
  } finally {
    await hearing?.close();
  }
}
