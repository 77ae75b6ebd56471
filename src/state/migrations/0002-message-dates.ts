// breaking: the release before cannot read chunks with dates.
import type { Migration } from 'kysely/migration';

/**
 * Dates stand in the ledger's chunks and in the intents' JSON, so no table changes. Chunks without them stay readable
 * (sync/ledger-codec.ts), and so do intents (intents.ts); only an older program has to be kept away.
 */
export const messageDates: Migration = {
  async up(): Promise<void> {},
};
