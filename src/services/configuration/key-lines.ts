/** Finds where a key stands in a TOML text: the parser checks the grammar but forgets the places. Pure. */

/**
 * The line (from 1) of each key, by its dotted path; a table stands at its header. Only what a configuration here uses:
 * tables, bare and quoted keys, dotted keys, strings over several lines.
 */
export function keyLines(toml: string): ReadonlyMap<string, number> {
  const lines = new Map<string, number>();
  let table: string[] = [];
  let openString: string | null = null;
  for (const [i, line] of toml.split('\n').entries()) {
    if (openString !== null) {
      if (line.includes(openString)) openString = null;
      continue;
    }
    const header = /^\s*\[\[?\s*([^\]]+?)\s*\]\]?\s*(#.*)?$/.exec(line);
    if (header?.[1] !== undefined) {
      table = splitKey(header[1]);
      note(lines, table, i + 1);
      continue;
    }
    const pair = /^\s*((?:"[^"]*"|'[^']*'|[\w.-]|\s*\.\s*)+?)\s*=(.*)$/.exec(line);
    if (pair?.[1] === undefined) continue;
    note(lines, [...table, ...splitKey(pair[1])], i + 1);
    const quotes = /("""|''')/.exec(pair[2] ?? '')?.[1];
    if (quotes !== undefined && (pair[2] ?? '').split(quotes).length === 2) openString = quotes;
  }
  return lines;
}

function note(lines: Map<string, number>, path: readonly string[], line: number): void {
  const key = path.join('.');
  if (!lines.has(key)) lines.set(key, line);
}

function splitKey(text: string): string[] {
  return [...text.matchAll(/"([^"]*)"|'([^']*)'|([\w-]+)/g)].map((m) => m[1] ?? m[2] ?? m[3] ?? '');
}
