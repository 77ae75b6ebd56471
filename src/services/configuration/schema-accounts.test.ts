import { expect, test } from 'vitest';
import { discovery, passwordsOfOld } from './schema-accounts.ts';

/** The keys that are missing. */
const missing = (schema: typeof discovery | typeof passwordsOfOld, source: object) =>
  schema.safeParse(source).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? [];

test.each([
  [discovery, { kind: 'csv' }, ['file']],
  [discovery, { kind: 'passwd-file' }, ['file']],
  [discovery, { kind: 'command' }, ['command']],
  [discovery, { kind: 'doveadm' }, []],
  [discovery, {}, []],
  [passwordsOfOld, { kind: 'passwd-file' }, ['file']],
  [passwordsOfOld, { kind: 'passwd-file', file: '/etc/dovecot/users' }, []],
  [passwordsOfOld, { kind: 'sql' }, ['url', 'query']],
  [passwordsOfOld, { kind: 'sql', url: '/users.sqlite', query: 'select 1' }, []],
  [passwordsOfOld, { kind: 'command' }, ['command']],
])('a source that is read has to be named (%#)', (schema, source, keys) => {
  expect(missing(schema, source)).toEqual(keys.map((key) => `${key}: has to be given`));
});
