/**
 * What follows when new's connection ends in an upload, again and again (F-62). Cyrus 3.6 dies in a MULTIAPPEND that passes
 * its 100 keywords a mailbox, where a single APPEND gets a clean NO; other servers die at one message. Each loss costs the
 * grace of an unknown outcome, so few are allowed:
 *
 *   the same MULTIAPPEND twice    from then on each message of the mailbox has an APPEND of its own
 *   the same message, twice       without its keywords
 *                     four times  given up, so that the rest goes on; one of the four may have been the network's
 *
 * Where the batch had been lost already, that counts as one. So these are five losses in a row at most, and one more that
 * has another cause does not end the run. Pure.
 */
export interface UploadLosses {
  readonly batch: { readonly firstUid: number; readonly lastUid: number; readonly times: number } | null;
  /** MULTIAPPEND is not used any more. */
  readonly apart: boolean;
  readonly suspect: { readonly uid: number; readonly times: number } | null;
}

export const noLosses: UploadLosses = { batch: null, apart: false, suspect: null };

const batchLosses = 2;
const lossesBeforeFewerFlags = 2;
const lossesOfMessage = 4;

/** After a MULTIAPPEND that ended the connection, with the UIDs on old of its first and last message. */
export function afterLostBatch(before: UploadLosses, firstUid: number, lastUid: number): UploadLosses {
  const { batch } = before;
  // What is fetched anew may be cut into other batches, but it begins at the same message.
  const same = batch !== null && firstUid >= batch.firstUid && firstUid <= batch.lastUid;
  const times = same ? batch.times + 1 : 1;
  return { ...before, batch: { firstUid, lastUid, times }, apart: before.apart || times >= batchLosses };
}

/** After an APPEND of one message that ended the connection. */
export function afterLostMessage(before: UploadLosses, uid: number): UploadLosses {
  const { suspect, batch, apart } = before;
  const inBatch = apart && batch !== null && uid >= batch.firstUid && uid <= batch.lastUid;
  const earlier = suspect?.uid === uid ? suspect.times : inBatch ? 1 : 0;
  return { ...before, suspect: { uid, times: earlier + 1 } };
}

/** Whether the message may be what the server dies of: it goes alone, and without its keywords. */
export function dropsKeywords({ suspect }: UploadLosses, uid: number): boolean {
  return suspect?.uid === uid && suspect.times >= lossesBeforeFewerFlags;
}

/** Whether the message that was lost last is tried no more. */
export function isGivenUp({ suspect }: UploadLosses): boolean {
  return suspect !== null && suspect.times >= lossesOfMessage;
}
