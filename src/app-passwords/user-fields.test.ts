import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { fieldColumns } from './user-fields.ts';

/** As Dovecot gets them for a login, once it has read the query for variables, of which there are none left but `%%`. */
function valuesOf(fields: string, login: string): unknown {
  const database = new DatabaseSync(':memory:');
  try {
    const { columns } = fieldColumns(fields);
    const query = `select ${columns.join(', ')} from (select ? as login)`.replaceAll('%%', '%');
    return { ...database.prepare(query).get(login) };
  } finally {
    database.close();
  }
}

test.each([
  ['uid=vmail gid=8 home=/var/vmail/%d/%n', { uid: 'vmail', gid: '8', home: '/var/vmail/Example.org/Anna' }],
  ['home=/m/%Ld/%Ln mail=maildir:~/%u', { home: '/m/example.org/anna', mail: 'maildir:~/Anna@Example.org' }],
  [
    "home=/m/%{user | domain | lower}/%{user|username} note=it's_100%%",
    { home: '/m/example.org/Anna', note: "it's_100%" },
  ],
])('%s', (fields, values) => {
  expect(valuesOf(fields, 'Anna@Example.org')).toEqual(values);
  expect(fieldColumns(fields).rest).toEqual([]);
});

test('a login without a domain has none', () => {
  expect(valuesOf('home=/m/%d/%n', 'anna')).toEqual({ home: '/m//anna' });
});

test('fields with other variables, and what is no field, stay as they are', () => {
  expect(fieldColumns('uid=vmail home=/m/%1n/%n mail=maildir:%h/x quota_rule:2=a %')).toEqual({
    columns: ["'vmail' AS uid"],
    rest: ['home=/m/%1n/%n', 'mail=maildir:%h/x', 'quota_rule:2=a', '%'],
  });
  expect(fieldColumns('')).toEqual({ columns: [], rest: [] });
});
