/**
 * What Dovecot on a mail host is told so that the sync's own passwords are good there: the first passdb of its chain, which
 * reads the edge's replica. It knows no passwords of people and answers for none of them. Pure.
 */

export type DovecotVersion = '2.3' | '2.4';

export interface DovecotSite {
  readonly version: DovecotVersion;
  /** The edge's replica. */
  readonly replica: string;
  /** Dovecot's folder; file names below are within it. */
  readonly configDirectory: string;
}

export interface DovecotFile {
  readonly name: string;
  readonly text: string;
  /** Of the file. */
  readonly mode: number;
}

/** Before 10-auth.conf: passdbs are asked in the order in which they are read. */
const snippet = 'conf.d/05-mailferry.conf';
/** Of its own: two passdbs of one driver with the same arguments take each other's answers (CVE-2022-30550). */
const query = 'mailferry-app-passwords.conf.ext';

export function dovecotFiles({ version, replica, configDirectory }: DovecotSite): DovecotFile[] {
  const head =
    '# Written by mailferry config dovecot; --undo takes it away.\n' +
    '# Passwords that the sync alone logs in with, from its own hosts. Everybody else goes on to the passdbs below.\n';
  // A replica that cannot be read must not keep people from their mail.
  const results = '  result_failure = continue\n  result_internalfail = continue\n';
  if (version === '2.4') {
    const text =
      `${head}passdb mailferry-app-passwords {\n  driver = sql\n  sql_driver = sqlite\n  sqlite_path = ${replica}\n` +
      `  query = ${rowFor('%{password}', '%{user}', '%{protocol | lower}', '%s')}\n${results}}\n`;
    return [{ name: snippet, text, mode: 0o644 }];
  }
  return [
    {
      name: snippet,
      text: `${head}passdb {\n  driver = sql\n  args = ${configDirectory}/${query}\n${results}}\n`,
      mode: 0o644,
    },
    {
      name: query,
      text:
        '# Written by mailferry config dovecot.\n' +
        `driver = sqlite\nconnect = ${replica}\npassword_query = ${rowFor('%w', '%u', '%Ls', '%%s')}\n`,
      mode: 0o644,
    },
  ];
}

/** The part of the password before the dot names the row; Dovecot compares the hash, and the network by `allow_nets`. */
function rowFor(password: string, user: string, protocol: string, seconds: string): string {
  return [
    'SELECT login AS user, hash AS password, nets AS allow_nets FROM app_password',
    `WHERE id = substr('${password}', 1, instr('${password}', '.') - 1) AND login = '${user}' COLLATE NOCASE`,
    `AND instr(protocols, ' ${protocol} ') > 0 AND expires_at > CAST(strftime('${seconds}', 'now') AS INTEGER)`,
  ].join(' ');
}
