/** Where the lab keeps what it may use again (certificates, unpacked servers), and where a running server lives. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const projectRoot = resolve(import.meta.dirname, '../..');

/** The cache: `.lab/` in the checkout, or MAILFERRY_LAB_CACHE. Everything in it can be made again. */
export function labCache(...parts: string[]): string {
  const root = process.env['MAILFERRY_LAB_CACHE'] ?? join(projectRoot, '.lab');
  const path = join(root, ...parts);
  mkdirSync(path, { recursive: true });
  return path;
}

/** A new directory for one server. Short, because a Unix socket's path may have 107 octets only. */
export function newLabDirectory(what: string): string {
  const dir = mkdtempSync(join(tmpdir(), `mf-${what}-`));
  // Servers started by root give up root, and must still find their files.
  chmodSync(dir, 0o755);
  return dir;
}

/**
 * Removes a server's directory, unless MAILFERRY_LAB_KEEP is set: somebody then wants to read its logs. Tries again for
 * seconds: a server's last process may write a file into a directory that is just being emptied.
 */
export function removeLabDirectory(dir: string): void {
  if (process.env['MAILFERRY_LAB_KEEP'] === undefined)
    rmSync(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}
