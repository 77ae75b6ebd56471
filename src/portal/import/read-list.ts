/**
 * A list of accounts, CSV or JSON, into rows for the database, or every fault with its line. Pure: octets in, values
 * out. No fault repeats what stands in a field, and passwords are `Secret` values as soon as they are read.
 */
import { CsvError, parse } from 'csv-parse/sync';
import { allowedText, faultText } from '../../domain/import-words.ts';
import type { Words } from '../../domain/trouble.ts';
import type { ImportFault, ImportRow } from '../../state/database/import-decision.ts';
import { maxFaultsTold, maxRowLength, maxRows } from './limits.ts';
import { type Column, columns, readFields } from './read-fields.ts';

export interface ReadList {
  /** Those without a fault; each address stands in them once. */
  readonly rows: readonly ImportRow[];
  /** Not empty: the rows are not to be imported. The first of them. */
  readonly faults: readonly ImportFault[];
}

type Fields = Readonly<Partial<Record<Column, string>>>;
/** The line (of CSV) or the number of the entry (of JSON), from 1. */
interface Entry {
  readonly line: number;
  readonly fields: Fields;
}

/** Of CSV with a header row; `,`, `;` and tabulators separate, whichever the header has most of. */
export function readCsv(octets: Uint8Array): ReadList {
  const text = utf8(octets);
  if (text === null) {
    return wrong(firstNotUtf8(octets), faultText.notUtf8, allowedText.utf8);
  }
  let records: { readonly record: readonly string[]; readonly info: { readonly lines: number } }[];
  try {
    records = parse(text, {
      bom: true,
      info: true,
      delimiter: separatorOf(text),
      relax_column_count: true,
      skip_empty_lines: true,
      max_record_size: maxRowLength,
    }) as unknown as typeof records;
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const lines = typeof error.lines === 'number' ? error.lines : 1;
    return wrong(lines, faultText.notCsv, allowedText.csv);
  }
  const [head, ...body] = records;
  if (head === undefined) return wrong(1, faultText.empty, allowedText.head(columns.join(', ')));
  const names = head.record.map((name) => name.trim().toLowerCase());
  const faults = headFaults(names);
  if (faults.length > 0) return { rows: [], faults };
  const unequal: ImportFault[] = [];
  const entries = body.flatMap(({ record, info }): Entry[] => {
    const line = info.lines - record.join('').split('\n').length + 1;
    if (record.length === 1 && record[0]?.trim() === '') return [];
    if (record.length > names.length) {
      const allowed = allowedText.fields(names.length);
      unequal.push({ line, column: '', text: faultText.fields(record.length), allowed });
      return [];
    }
    return [{ line, fields: Object.fromEntries(record.map((value, i) => [names[i], value])) as Fields }];
  });
  return readEntries(entries, unequal);
}

/** Of a JSON array of objects with the names of the columns; `aliases` may be an array, `quota` a number. */
export function readJson(octets: Uint8Array): ReadList {
  const allowed = allowedText.json;
  const content = utf8(octets);
  // Entries cannot be counted in what cannot be read: the line is told in words.
  if (content === null) return wrong(1, faultText.notUtf8In(firstNotUtf8(octets)), allowed);
  let list: unknown;
  try {
    list = JSON.parse(content.replace(/^\uFEFF/, ''));
  } catch (error) {
    return wrong(1, notJson(error), allowed);
  }
  if (!Array.isArray(list)) return wrong(1, faultText.notList, allowed);
  const faults: ImportFault[] = [];
  const entries = list.flatMap((entry: unknown, i): Entry[] => {
    const line = i + 1;
    if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) {
      faults.push({ line, column: '', text: faultText.notObject, allowed });
      return [];
    }
    const fields: Partial<Record<Column, string>> = {};
    for (const [name, value] of Object.entries(entry)) {
      const column = columns.find((one) => one === name);
      const field = column === undefined ? null : textOf(column, value);
      if (column === undefined) {
        // A password in the place of a name is not told.
        const text = faultText.unknownName(/^[a-z_]{1,40}$/i.test(name) ? nameOf(name) : null);
        faults.push({ line, column: '', text, allowed: allowedText.names(columns.join(', ')) });
      } else if (field === null) {
        faults.push({ line, column, text: faultText.noText, allowed: allowedText.quoted });
      } else fields[column] = field;
    }
    return [{ line, fields }];
  });
  return readEntries(entries, faults);
}

/** The parser's words hold what stands there, and are not told; where it stopped is. */
function notJson(error: unknown): Words {
  const line = /\(line (\d+) column \d+\)/.exec((error as Error).message)?.[1];
  return line === undefined ? faultText.notJson : faultText.notJsonIn(line);
}

function textOf(column: Column, value: unknown): string | null {
  if (value === null) return '';
  if (typeof value === 'string') return value;
  if (column === 'quota' && typeof value === 'number') return String(value);
  if (column === 'aliases' && Array.isArray(value) && value.every((one) => typeof one === 'string')) {
    return value.join(' ');
  }
  return null;
}

function readEntries(entries: readonly Entry[], before: readonly ImportFault[]): ReadList {
  if (entries.length > maxRows) {
    return wrong(maxRows + 1, faultText.rows(entries.length), allowedText.rows(maxRows));
  }
  const rows: ImportRow[] = [];
  const faults = [...before];
  const lineOf = new Map<string, number>();
  for (const { line, fields } of entries) {
    const read = readFields(line, fields);
    faults.push(...read.faults);
    if (read.row === null) continue;
    let twice = false;
    for (const [column, address] of [
      ['address', read.row.address] as const,
      ...read.row.aliases.map((alias) => ['aliases', alias] as const),
    ]) {
      const first = lineOf.get(address);
      if (first === undefined) lineOf.set(address, line);
      else {
        twice = true;
        const text = faultText.addressTwice(address, first);
        faults.push({ line, column, text, allowed: allowedText.addressOnce });
      }
    }
    if (!twice) rows.push(read.row);
  }
  return { rows, faults: faults.sort((a, b) => a.line - b.line).slice(0, maxFaultsTold) };
}

function headFaults(names: readonly string[]): ImportFault[] {
  const allowed = allowedText.columns(columns.join(', '));
  const known: readonly string[] = columns;
  // A list without a header begins with an account, maybe with its password: nothing of it is told. One that has a name
  // of ours and no address in it is a header with a slip in it.
  const isHead = names.some((name) => known.includes(name)) && !names.some((name) => name.includes('@'));
  const faults = names
    .filter((name, i) => !known.includes(name) || names.indexOf(name) !== i)
    .map((name) => ({
      line: 1,
      column: known.includes(name) ? name : '',
      text: known.includes(name)
        ? faultText.columnTwice
        : faultText.unknownColumn(isHead ? nameOf(name) : null),
      allowed,
    }));
  if (!names.includes('address'))
    faults.push({ line: 1, column: 'address', text: faultText.missing, allowed });
  return faults;
}

/** Longer ones are no names. */
const nameAtMost = 40;

function nameOf(name: string): string {
  const plain = name.replace(/\p{Cc}/gu, ' ');
  return plain.length > nameAtMost ? `${plain.slice(0, nameAtMost)}…` : plain;
}

function separatorOf(text: string): string {
  const head = text.slice(0, text.search(/[\r\n]|$/));
  const count = (separator: string) => head.split(separator).length;
  return [',', ';', '\t'].reduce((best, one) => (count(one) > count(best) ? one : best));
}

/** The first line (from 1) that is not UTF-8: in UTF-8 a line end is never part of another character. */
function firstNotUtf8(octets: Uint8Array): number {
  let line = 1;
  for (let from = 0; ; line += 1) {
    const end = octets.indexOf(0x0a, from);
    if (utf8(octets.subarray(from, end < 0 ? undefined : end)) === null || end < 0) return line;
    from = end + 1;
  }
}

function utf8(octets: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(octets);
  } catch {
    return null;
  }
}

function wrong(line: number, text: Words, allowed: Words): ReadList {
  return { rows: [], faults: [{ line, column: '', text, allowed }] };
}
