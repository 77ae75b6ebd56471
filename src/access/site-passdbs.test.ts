import { expect, test } from 'vitest';
import { keepingLogins, passdbsOf } from './site-passdbs.ts';

const doveconf = (second: string) => `protocols = " imap"
passdb {
  args = /etc/dovecot/mailferry-app-passwords.conf.ext
  driver = sql
  result_failure = continue
}
passdb {
  args = /etc/dovecot/masters
  driver = passwd-file
  master = yes
}
passdb {
  args = username_format=%u /etc/dovecot/users
  driver = passwd-file
${second}}
passdb {
  driver = pam
  result_success = continue-ok
}
plugin {
  quota = maildir
}
`;

test('a database of the site that keeps a good login for itself is found', () => {
  expect(keepingLogins(passdbsOf(doveconf('')))).toEqual([
    {
      driver: 'passwd-file',
      args: 'username_format=%u /etc/dovecot/users',
      name: null,
      isMaster: false,
      resultSuccess: 'return-ok',
    },
  ]);
  expect(keepingLogins(passdbsOf(doveconf('  result_success = return\n')))).toHaveLength(1);
  expect(keepingLogins(passdbsOf(doveconf('  result_success = continue-ok\n')))).toEqual([]);
});

test('blocks of 2.4 have names', () => {
  const text = 'passdb mailferry-proxy {\n  driver = sql\n}\npassdb sql {\n  query = x\n}\n';
  expect(keepingLogins(passdbsOf(text))).toMatchObject([{ driver: 'sql', name: 'sql' }]);
});
