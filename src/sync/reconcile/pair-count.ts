/**
 * How many connection pairs a run uses when nobody said so: begins with two, adds one as long as that made it clearly
 * faster, and takes one away again where it made it slower (two servers that share a disk, a server that slows down
 * whoever knocks too often). Pure: one reading after the other goes in, the wanted number comes out.
 */

/** More pairs than this only wait for each other on any server that was measured, and many servers allow ten a person. */
export const maxPairs = 4;
/** Two overlap the reading of one side with the writing of the other, whatever the servers are. */
export const firstPairs = 2;
/** A change below this is the noise of two mailboxes with different mail. */
const clearly = 0.15;
/** An octet's share of a message's cost: about 32 KB of body take as long as the message itself. */
const octetsPerMessage = 32_768;

export interface PairState {
  readonly wanted: number;
  /** Work per second in the reading before; null before the first. */
  readonly before: number | null;
  /** No more is tried: the last step did not help. */
  readonly settled: boolean;
}

export const firstState: PairState = { wanted: firstPairs, before: null, settled: false };

/** Work done in a reading, in messages' worth. */
export function workOf(messages: number, octets: number): number {
  return messages + octets / octetsPerMessage;
}

export function nextState(state: PairState, perSecond: number): PairState {
  if (state.settled) return state;
  if (state.before === null) return { wanted: state.wanted + 1, before: perSecond, settled: false };
  if (perSecond > state.before * (1 + clearly)) {
    const wanted = Math.min(maxPairs, state.wanted + 1);
    return { wanted, before: perSecond, settled: wanted === state.wanted };
  }
  // The last one did not help: it goes, and the search is over.
  return { wanted: Math.max(firstPairs, state.wanted - 1), before: perSecond, settled: true };
}
