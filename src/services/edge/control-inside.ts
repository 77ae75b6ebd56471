/** Control as an edge within the daemon reaches it: by the database that both use, without a token and a network. */
import type { Clock } from '../../base/clock.ts';
import type { ServerSide } from '../../domain/placement.ts';
import type { EdgeControl } from '../../routing/index.ts';
import { edgeRowsWhenThere } from '../../state/database/edge-row-stream.ts';
import type { EnvelopeKey } from '../../state/database/envelope.ts';
import { latestEpoch } from '../../state/database/edge-rows.ts';
import { checkKnown, noteEdge, noteReport, registerInside } from '../../state/database/edges.ts';
import type { Database } from '../../state/database/open-database.ts';

interface InsideEdge {
  readonly side: ServerSide;
  /** As pages and the audit log name it. */
  readonly name: string;
  readonly version: string;
}

/** Makes the edge known, as enrolment does for others. Throws `edge-exists`. */
export async function controlInside(
  database: Database,
  key: EnvelopeKey,
  { side, name, version }: InsideEdge,
  clock: Clock,
): Promise<EdgeControl> {
  const { db } = database;
  const id = await registerInside(db, { side, name, version }, `edge:${name}`, clock.now());
  return {
    rowsAfter: async (after, limit, waitMs, signal) => {
      const page = await edgeRowsWhenThere(database, clock, { side, after, limit, waitMs, key }, signal);
      // One that an operator has removed learns nothing more, as with a token.
      await checkKnown(db, id);
      return page;
    },
    acknowledge: (epoch, health) => noteEdge(db, id, { epoch, version, health }),
    report: (report) => noteReport(db, id, report),
    look: async () => ({ latest: await latestEpoch(db), clockAheadMs: null }),
  };
}
