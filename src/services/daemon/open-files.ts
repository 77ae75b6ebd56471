/** Whether this process may open as many files as its configuration may need: each connection is one (F-99). */
import { readFileSync } from 'node:fs';

/** For the database, the log, people's browsers and what Node itself holds. */
const ownFiles = 300;

interface Limits {
  readonly old: { readonly limits: { readonly connections: number } };
  readonly new: { readonly limits: { readonly connections: number } };
}

/** What an operator should be told; null where there is room, or nobody knows. */
export function tooFewFiles(limits: Limits, allowed: number | null): string | null {
  const needed = limits.old.limits.connections + limits.new.limits.connections + ownFiles;
  if (allowed === null || allowed >= needed) return null;
  return (
    `only ${allowed} files may be open in this process, and ${needed} may be needed: raise the limit ` +
    '(LimitNOFILE= of the service, or ulimit -n) or lower limits.connections'
  );
}

/** The hard limit: Node raises the soft one to it when it starts. Null where the system does not tell. */
export function openFilesAllowed(
  read: () => string = () => readFileSync('/proc/self/limits', 'utf8'),
): number | null {
  try {
    const found = /^Max open files\s+\S+\s+(\d+)/m.exec(read());
    return found === null ? null : Number(found[1]);
  } catch {
    return null;
  }
}
