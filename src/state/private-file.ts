/** Makes and reads files that only their owner may read: SQLite alone would leave it to the umask. */
import { closeSync, mkdirSync, openSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** Makes an empty file unless there is one; never opens one that is there, since closing it would drop its locks. */
export function createPrivately(file: string): void {
  try {
    closeSync(openSync(file, 'wx', 0o600));
  } catch (error) {
    if ((error as { readonly code?: unknown }).code !== 'EEXIST') throw error;
  }
}

/**
 * Makes a directory for its owner only, and those above it that are missing. One level at a time: Node's own
 * `recursive` never ends where mkdir says ENOENT below a directory that is there, as in /proc.
 */
export function makeDirectoryPrivately(directory: string): void {
  if (statSync(directory, { throwIfNoEntry: false })?.isDirectory()) return;
  const above = dirname(directory);
  if (above !== directory) makeDirectoryPrivately(above);
  try {
    mkdirSync(directory, { mode: 0o700 });
  } catch (error) {
    // Another process may have made it meanwhile.
    if (!statSync(directory, { throwIfNoEntry: false })?.isDirectory()) throw error;
  }
}

/**
 * SQLite opens a file that it may only read without a word, and leaves a log and an index behind that nobody may
 * write. Only for the holder of the run lock: closing a file drops all locks that this process has on it.
 */
export function checkWritable(file: string): void {
  closeSync(openSync(file, 'r+'));
}

/** The text of a file with a secret. Throws where it cannot be read, or others than its owner may read it. */
export function readPrivately(file: string): string {
  const mode = statSync(file).mode & 0o777;
  if ((mode & 0o077) !== 0) throw new Error(`its mode is 0${mode.toString(8)}, it has to be 0600`);
  return readFileSync(file, 'utf8').trim();
}
