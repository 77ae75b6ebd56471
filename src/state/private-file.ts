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
