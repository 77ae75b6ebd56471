/**
 * What Dovecot on new is told so that accounts that Mailferry makes are known to it: a passdb and a userdb on the edge's replica.
 * Whoever is in neither is looked for in the databases that are there already. Pure.
 */
import type { DovecotFile, DovecotSite } from './dovecot-settings.ts';

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

/** `fields`: where mail lies and whose it is, as Dovecot's `default_fields`; empty where mail_home, mail_uid and mail_gid say it. */
export function dovecotUserFiles(
  { version, replica, configDirectory }: DovecotSite,
  fields: string,
): DovecotFile[] {
  if (version === '2.4') {
    const block = (kind: string, name: string, query: string, more: string) =>
      `${kind} ${name} {\n  driver = sql\n  sql_driver = sqlite\n  sqlite_path = ${replica}\n  query = ${query}\n${results}${more}}\n`;
    const lines =
      fields === ''
        ? ''
        : `  fields {\n${fields
            .split(' ')
            .map((field) => `    ${field}\n`)
            .join('')}  }\n`;
    const quota = "CASE WHEN quota_bytes IS NULL THEN NULL ELSE quota_bytes || 'B' END AS quota_storage_size";
    const text =
      head +
      block('passdb', 'mailferry-passwords', passwordsOf('%{user}'), '') +
      block('userdb', 'mailferry-users', usersOf('%{user}', quota), lines);
    return [{ name: snippet, text, mode: 0o644 }];
  }
  const block = (kind: string, file: string, more: string) =>
    `${kind} {\n  driver = sql\n  args = ${configDirectory}/${file}\n${results}${more}}\n`;
  const quota = "CASE WHEN quota_bytes IS NULL THEN NULL ELSE '*:bytes=' || quota_bytes END AS quota_rule";
  const defaults = fields === '' ? '' : `  default_fields = ${fields}\n`;
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
      text: `${connect}user_query = ${usersOf('%u', quota)}\niterate_query = SELECT login AS user FROM user\n`,
      mode: 0o644,
    },
  ];
}

function passwordsOf(user: string): string {
  return `SELECT login AS user, coalesce(hash, '${nobodys}') AS password FROM user WHERE login = '${user}' COLLATE NOCASE`;
}

function usersOf(user: string, quota: string): string {
  return `SELECT login AS user, ${quota} FROM user WHERE login = '${user}' COLLATE NOCASE`;
}
