/** The door of state/: the journal on disk. */
export type { AccountPair } from './pair.ts';
export { openState, StateFile } from './state-file.ts';
export type { StateOptions } from './state-file.ts';
