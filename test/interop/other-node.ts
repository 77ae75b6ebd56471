/** Finds the Node of the machine itself, beside the packaged one that runs the tests. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join, sep } from 'node:path';

/** The first `node` in PATH outside node_modules whose version fits, or null. */
export function otherNode(fits: (major: number, minor: number) => boolean): string | null {
  const folders = (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => !folder.includes(`node_modules${sep}`));
  for (const folder of new Set([...folders, '/usr/bin', '/usr/local/bin'])) {
    const node = join(folder, 'node');
    if (!existsSync(node)) continue;
    const version = execFileSync(node, ['--version'], { encoding: 'utf8' });
    const [, major, minor] = /^v(\d+)\.(\d+)/.exec(version) ?? [];
    if (fits(Number(major), Number(minor))) return node;
  }
  return null;
}
