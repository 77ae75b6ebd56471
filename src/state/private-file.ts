/** Makes files that only their owner may read: SQLite alone would leave it to the umask. */
import { closeSync, openSync } from 'node:fs';

/** Makes an empty file unless there is one; never opens one that is there, since closing it would drop its locks. */
export function createPrivately(file: string): void {
  try {
    closeSync(openSync(file, 'wx', 0o600));
  } catch (error) {
    if ((error as { readonly code?: unknown }).code !== 'EEXIST') throw error;
  }
}

/**
 * SQLite opens a file that it may only read without a word, and leaves a log and an index behind that nobody may
 * write. Only for the holder of the run lock: closing a file drops all locks that this process has on it.
 */
export function checkWritable(file: string): void {
  closeSync(openSync(file, 'r+'));
}
