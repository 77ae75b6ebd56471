/**
 * What Dovecot on new is told so that accounts that Mailferry makes are known to it: a passdb and a userdb on the edge's replica.
 * Whoever is in neither is looked for in the databases that are there already. Pure.
 */
import type { DovecotFile, DovecotSite } from './dovecot-settings.ts';
import { fieldColumns } from './user-fields.ts';

const snippet = 'conf.d/06-mailferry-users.conf';
/** Of their own: see dovecot-settings.ts. */
const passwordQuery = 'mailferry-passwords.conf.ext';
const userQuery = 'mailferry-users.conf.ext';
/** Nothing has this hash: an account whose password nobody knows is there, for a master user and for mail. */
const nobodys = `{SHA256}${'A'.repeat(43)}=`;

const head =
  '# Written by mailferry config dovecot --side new; --undo takes it away.\n' +
  '# Accounts that Mailferry makes here. Everybody else goes on to the databases below.\n';
// With "continue" a replica that cannot be read keeps nobody from their mail who is in a database below; of whom it alone
// may know, Dovecot says that it cannot tell now, and mail waits.
const results = '  result_failure = continue\n  result_internalfail = continue\n';

/**
 * `fields`: where mail lies and whose it is, as Dovecot's `default_fields`; empty where mail_home, mail_uid and mail_gid say it.
 * They are columns of the query where they can be: `default_fields` know only the name that was asked for, and an alias would
 * get a mailbox of its own.
 */
export function dovecotUserFiles(
  { version, replica, configDirectory }: DovecotSite,
  fields: string,
): DovecotFile[] {
  const { columns, rest } = fieldColumns(fields);
  if (version === '2.4') {
    const block = (kind: string, name: string, query: string, more: string) =>
      `${kind} ${name} {\n  driver = sql\n  sql_driver = sqlite\n  sqlite_path = ${replica}\n  query = ${query}\n${results}${more}}\n`;
    const lines = rest.length === 0 ? '' : `  fields {\n${rest.map((one) => `    ${one}\n`).join('')}  }\n`;
    const quota = "CASE WHEN quota_bytes IS NULL THEN NULL ELSE quota_bytes || 'B' END AS quota_storage_size";
    const text =
      head +
      block('passdb', 'mailferry-passwords', passwordsOf('%{user}'), '') +
      block('userdb', 'mailferry-users', usersOf('%{user}', [quota, ...columns]), lines);
    return [{ name: snippet, text, mode: 0o644 }];
  }
  const block = (kind: string, file: string, more: string) =>
    `${kind} {\n  driver = sql\n  args = ${configDirectory}/${file}\n${results}${more}}\n`;
  const quota = "CASE WHEN quota_bytes IS NULL THEN NULL ELSE '*:bytes=' || quota_bytes END AS quota_rule";
  const defaults = rest.length === 0 ? '' : `  default_fields = ${rest.join(' ')}\n`;
  const connect = `# Written by mailferry config dovecot.\ndriver = sqlite\nconnect = ${replica}\n`;
  return [
    {
      name: snippet,
      text: head + block('passdb', passwordQuery, '') + block('userdb', userQuery, defaults),
      mode: 0o644,
    },
    { name: passwordQuery, text: `${connect}password_query = ${passwordsOf('%u')}\n`, mode: 0o644 },
    {
      name: userQuery,
      text: `${connect}user_query = ${usersOf('%u', [quota, ...columns])}\niterate_query = SELECT login AS user FROM user\n`,
      mode: 0o644,
    },
  ];
}

function passwordsOf(user: string): string {
  return `SELECT login AS user, coalesce(hash, '${nobodys}') AS password FROM ${knownAs(user)}`;
}

function usersOf(user: string, columns: readonly string[]): string {
  return `SELECT ${['login AS user', ...columns].join(', ')} FROM ${knownAs(user)}`;
}

/** By its login, else by any of its addresses: by these mail comes, and people log in by them too. A login goes before an address. */
function knownAs(user: string): string {
  // Two questions by an index each: with OR all accounts would be looked through, at each login and for each mail.
  const byLogin = `SELECT account_id, 0 AS rank FROM user WHERE login = '${user}' COLLATE NOCASE`;
  const byAddress = `SELECT account_id, 1 FROM address WHERE address = lower('${user}')`;
  return `user WHERE account_id = (SELECT account_id FROM (${byLogin} UNION ALL ${byAddress}) ORDER BY rank LIMIT 1)`;
}
