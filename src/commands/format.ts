/** Numbers, sizes and durations for people, in English; scripts read --json. */

export function count(value: number): string {
  return value.toLocaleString('en-US');
}

/** "1 message", "2,000 messages". `many` where it is not `one` with an s. */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** Octets in decimal units, as disks and providers count. */
export function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = -1;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

export function duration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 90) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Where a table has to fit: cells across, and the columns of text that may be cut for it. */
export interface TableFit {
  readonly cells: number;
  readonly cut: readonly number[];
}

/** A column of text is never cut below this: a name has to be told from the next. */
const leastCells = 12;
const gap = '  ';

/** What a stream is told of its window; nothing where it is none. */
export interface Window {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

/** Cells across and lines down. A terminal without a window of its own (a serial line, `script`) tells 0: as of old, 80 by 24. */
export function windowOf({ columns, rows }: Window): { readonly columns: number; readonly rows: number } {
  return { columns: columns || 80, rows: rows || 24 };
}

/** Cut on a terminal, whose lines would wrap; whole everywhere else, where a program may read it. */
export function fitTo(stream: Window, cut: readonly number[]): TableFit | null {
  return stream.isTTY === true ? { cells: windowOf(stream).columns, cut } : null;
}

/** Columns as wide as their widest cell; numbers to the right. Cells are plain text without control characters. */
export function table(
  head: readonly string[],
  given: readonly (readonly string[])[],
  right: readonly number[],
  within: TableFit | null = null,
): string {
  const wanted = head.map((text, i) =>
    given.reduce((most, row) => Math.max(most, width(row[i] ?? '')), width(text)),
  );
  const widths = within === null ? wanted : cutWidths(wanted, within);
  const columns = head.map((_, i) =>
    fitApart(
      given.map((row) => row[i] ?? ''),
      widths[i] ?? 0,
    ),
  );
  const all = [head, ...given.map((row) => row.map((_, i) => columns[i]?.get(row[i] ?? '') ?? ''))];
  const line = (row: readonly string[]) =>
    row
      .map((cell, i) => {
        const fill = ' '.repeat(Math.max(0, (widths[i] ?? 0) - width(cell)));
        return right.includes(i) ? fill + cell : cell + fill;
      })
      .join(gap)
      .trimEnd();
  return `${all.map(line).join('\n')}\n`;
}

/** The widest column of text gives first, down to the next one, and so on. */
function cutWidths(wanted: readonly number[], { cells, cut }: TableFit): number[] {
  const widths = [...wanted];
  const over = () => widths.reduce((sum, w) => sum + w, 0) + gap.length * (widths.length - 1) - cells;
  for (let left = over(); left > 0; left--) {
    const widest = cut.reduce((a, b) => ((widths[b] ?? 0) > (widths[a] ?? 0) ? b : a), cut[0] ?? 0);
    if ((widths[widest] ?? 0) <= leastCells) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
}

/**
 * The cells of a column, cut so that none looks like another: at the end, else in the middle, else at the beginning. Whole
 * where nothing else helps: a broken line is better than two mailboxes of one name.
 */
function fitApart(cells: readonly string[], room: number): Map<string, string> {
  const texts = [...new Set(cells)];
  for (const cut of [fit, fitMiddle, fitEnd]) {
    const shown = texts.map((text) => cut(text, room));
    if (new Set(shown).size === texts.length) return new Map(texts.map((text, i) => [text, shown[i] ?? '']));
  }
  return new Map(texts.map((text) => [text, text]));
}

/** The beginning and the end of a text, with an ellipsis between them. */
function fitMiddle(text: string, cells: number): string {
  if (width(text) <= cells) return text;
  const end = fitEnd(text, Math.ceil(cells / 2)).slice(1);
  return fit(text, cells - width(end)) + end;
}

/** The end of a text, after an ellipsis. */
function fitEnd(text: string, cells: number): string {
  if (width(text) <= cells) return text;
  let kept = '';
  for (const char of [...text].toReversed()) {
    if (width(char + kept) > cells - 1) break;
    kept = char + kept;
  }
  return `…${kept}`;
}

/** The beginning of a text that fits into so many cells of a terminal, with an ellipsis where some of it is cut. */
export function fit(text: string, cells: number): string {
  if (width(text) <= cells) return text;
  let kept = '';
  let used = 0;
  for (const char of text) {
    used += width(char);
    if (used > cells - 1) break;
    kept += char;
  }
  return cells < 1 ? '' : `${kept}…`;
}

/** Cells on a terminal: wide characters of East Asian scripts and pictures take two, combining ones none. */
export function width(text: string): number {
  let cells = 0;
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    const wide =
      (code >= 0x1100 && code <= 0x115f) ||
      (code >= 0x2e80 && code <= 0xa4cf) ||
      (code >= 0xac00 && code <= 0xd7a3) ||
      (code >= 0xf900 && code <= 0xfaff) ||
      (code >= 0xfe30 && code <= 0xfe6f) ||
      (code >= 0xff00 && code <= 0xff60) ||
      (code >= 0x1f300 && code <= 0x1faff) ||
      (code >= 0x20000 && code <= 0x3fffd);
    const combining =
      (code >= 0x300 && code <= 0x36f) || code === 0x200d || (code >= 0xfe00 && code <= 0xfe0f);
    cells += wide ? 2 : combining ? 0 : 1;
  }
  return cells;
}
