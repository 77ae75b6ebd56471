/** Turns what the schema found wrong into lines that say where, what, and what is allowed instead. Pure. */
import type { z } from 'zod';
import { allowedAt, namesAt } from './describe-key.ts';

export interface ConfigurationFault {
  /** From 1; null for a key that is not in the file. */
  readonly line: number | null;
  /** Name of the environment variable that set it, if one did. */
  readonly variable: string | null;
  /** Dotted; empty for the file as a whole. */
  readonly key: string;
  readonly text: string;
}

/** `lines` as of key-lines.ts; `variables` names the environment variable for each key that one set. */
export function faultsOf(
  issues: readonly z.core.$ZodIssue[],
  lines: ReadonlyMap<string, number>,
  variables: ReadonlyMap<string, string>,
): ConfigurationFault[] {
  const faults = issues.flatMap((issue) => {
    const paths =
      issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
    return paths.map((path) => {
      const key = path.join('.');
      const variable = variables.get(key) ?? null;
      return {
        line: variable === null ? lineOf(lines, path) : null,
        variable,
        key,
        text: words(issue, path),
      };
    });
  });
  return faults.sort((a, b) => (a.line ?? Number.MAX_SAFE_INTEGER) - (b.line ?? Number.MAX_SAFE_INTEGER));
}

/** `mailferry.toml:12: old.port: ...`. */
export function faultText(file: string, { line, variable, key, text }: ConfigurationFault): string {
  const where = variable ?? (line === null ? file : `${file}:${line}`);
  return `${where}: ${key === '' ? '' : `${key}: `}${text}`;
}

/** The line of the key, else of the table it would stand in. */
function lineOf(lines: ReadonlyMap<string, number>, path: readonly PropertyKey[]): number | null {
  for (let end = path.length; end > 0; end--) {
    const line = lines.get(path.slice(0, end).join('.'));
    if (line !== undefined) return line;
  }
  return null;
}

function words(issue: z.core.$ZodIssue, path: readonly PropertyKey[]): string {
  if (issue.code === 'custom') return issue.message;
  if (issue.code === 'unrecognized_keys') {
    const known = namesAt(path.slice(0, -1)) ?? [];
    const near = nearest(String(path.at(-1)), known);
    return near === null
      ? `is not a key here; known are ${known.join(', ')}`
      : `is not a key here; did you mean ${near}?`;
  }
  const allowed = allowedAt(path) ?? issue.message;
  const absent =
    issue.code === 'invalid_type' && issue.input === undefined && issue.message.endsWith(' undefined');
  return absent ? `is missing: ${allowed}` : `is not allowed: has to be ${allowed}`;
}

/** The name that differs in at most two places (insert, delete, replace), or null. */
function nearest(wrong: string, names: readonly string[]): string | null {
  const ranked = names
    .map((name) => ({ name, distance: distance(wrong, name) }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best !== undefined && best.distance <= 2 ? best.name : null;
}

/** Levenshtein's, on short names. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (const [i, one] of [...a].entries()) {
    const next = [i + 1];
    for (const [k, other] of [...b].entries()) {
      next.push(Math.min((next[k] ?? 0) + 1, (row[k + 1] ?? 0) + 1, (row[k] ?? 0) + (one === other ? 0 : 1)));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
