/**
 * Which addresses are selected, as the address of the page says it. Three forms, so that Back and a reload find them:
 * `all` of what search and filter show; the ends of up to 120 ids; and beyond that `many`, with the ids in the entry of
 * the browser's history (a copied address then brings no selection). Pure.
 */
/** 120 ends of 12 signs make 1,560: addresses of 2,000 signs are understood everywhere. */
export const mostInAddress = 120;
const endLength = 12;
const separator = '.';

interface Row {
  readonly id: string;
}

export interface KeptSelection {
  /** For the address; undefined where nothing is selected. */
  readonly sel: string | undefined;
  /** For the entry of the history; null where the address says all. */
  readonly ids: readonly string[] | null;
}

/** The ends of ids are random: two of a team that share twelve hexadecimal digits will not be met. */
const endOf = (id: string): string => id.slice(-endLength).replaceAll(/[^\w-]/g, '_');

/** `shown`: the rows that search and filter leave. */
export function keepSelection(selected: ReadonlySet<string>, shown: readonly Row[]): KeptSelection {
  if (selected.size === 0) return { sel: undefined, ids: null };
  if (selected.size === shown.length && shown.every(({ id }) => selected.has(id)))
    return { sel: 'all', ids: null };
  const ids = [...selected];
  if (ids.length > mostInAddress) return { sel: 'many', ids };
  return { sel: ids.map(endOf).join(separator), ids: null };
}

/** What of the team's accounts it names; who is gone meanwhile is selected no longer. */
export function readSelection(
  sel: string | undefined,
  kept: unknown,
  accounts: readonly Row[],
  shown: readonly Row[],
): ReadonlySet<string> {
  if (sel === undefined) return new Set();
  if (sel === 'all') return new Set(shown.map(({ id }) => id));
  if (sel === 'many') {
    const known = new Set(accounts.map(({ id }) => id));
    return new Set(Array.isArray(kept) ? kept.filter((id): id is string => known.has(id as string)) : []);
  }
  const ends = new Set(sel.split(separator));
  return new Set(accounts.filter(({ id }) => ends.has(endOf(id))).map(({ id }) => id));
}
