/** Small values that belong to the account, by key. */
import { text } from './row-value.ts';
import type { Sql } from './sql.ts';

export function allNotes(sql: Sql): Record<string, string> {
  const rows = sql.all('select name, value from note order by name');
  return Object.fromEntries(rows.map((row) => [text(row, 'name'), text(row, 'value')]));
}

export function putNote(sql: Sql, name: string, value: string | null): void {
  if (value === null) {
    sql.run('delete from note where name = ?', name);
    return;
  }
  sql.run(
    'insert into note (name, value) values (?, ?) on conflict (name) do update set value = excluded.value',
    name,
    value,
  );
}
