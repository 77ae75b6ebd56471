/** Every RFC that a comment in src/ leans on must be in the table of docs/protocols.md, where a reader looks it up. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');

export function rfcNumbers(text: string): Set<number> {
  return new Set([...text.matchAll(/\bRFC\s+(\d{3,5})\b/g)].map(([, number]) => Number(number)));
}

/** Numbers in the first column of the table. */
export function listedRfcs(protocols: string): Set<number> {
  return new Set([...protocols.matchAll(/^\|\s*RFC\s+(\d{3,5})\s*\|/gm)].map(([, number]) => Number(number)));
}

if (import.meta.main) {
  const listed = listedRfcs(readFileSync(join(root, 'docs/protocols.md'), 'utf8'));
  let missing = 0;
  for (const file of readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).sort()) {
    if (!file.endsWith('.ts')) continue;
    for (const number of rfcNumbers(readFileSync(join(root, 'src', file), 'utf8'))) {
      if (listed.has(number)) continue;
      missing += 1;
      process.stdout.write(`src/${file}: RFC ${number} is not in the table of docs/protocols.md\n`);
    }
  }
  process.exitCode = missing === 0 ? 0 : 1;
}
