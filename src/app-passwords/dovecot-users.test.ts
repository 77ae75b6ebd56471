import { expect, test } from 'vitest';
import { dovecotUserFiles } from './dovecot-users.ts';

const site = { replica: '/var/lib/r.sqlite', configDirectory: '/etc/dovecot' };

test('for 2.4 all of it stands in one file, by its manual', () => {
  const [file, ...others] = dovecotUserFiles(
    { ...site, version: '2.4' },
    'uid=vmail home=/var/vmail/%{user} mail_path=%{home}/m',
  );
  expect(others).toEqual([]);
  expect(file?.text).toContain('passdb mailferry-passwords {\n  driver = sql\n  sql_driver = sqlite\n');
  expect(file?.text).toContain('LIMIT 1)\n  result_failure = continue\n');
  expect(file?.text).toContain(
    "quota_bytes || 'B' END AS quota_storage_size, 'vmail' AS uid, '/var/vmail/' || login AS home FROM user",
  );
  expect(file?.text).toContain('  fields {\n    mail_path=%{home}/m\n  }\n');
});

test('for 2.3 each database has arguments of its own, and without fields none are said', () => {
  const files = dovecotUserFiles({ ...site, version: '2.3' }, '');
  expect(files.map(({ name }) => name)).toEqual([
    'conf.d/06-mailferry-users.conf',
    'mailferry-passwords.conf.ext',
    'mailferry-users.conf.ext',
  ]);
  expect(files[0]?.text).not.toContain('default_fields');
  // Nobody's hash is never the answer to an account that has one.
  expect(files[1]?.text).toMatch(/coalesce\(hash, '\{SHA256\}A{43}='\) AS password/);
});
