/**
 * What Dovecot on old is told so that people reach the side where their account lives: a passdb behind the site's own, which
 * reads the edge's replica. Old checks each password first; a row of ours only says where a login goes that was good. Pure.
 */
import type { DovecotFile, DovecotSite } from '../app-passwords/index.ts';

/** As Dovecot's `%s` names them. `smtp`, by which Postfix asks, is none: it would take any row for "the password is right". */
export const proxiedServices = ['imap', 'pop3', 'sieve', 'submission'] as const;
export type ProxiedService = (typeof proxiedServices)[number];

export interface ProxyTarget {
  /** Of new: a name that its certificate bears. */
  readonly host: string;
  readonly ports: Readonly<Record<ProxiedService, number>>;
  /** `any-cert`: encrypted, whoever answers; `none` for a network that nobody else is in. */
  readonly tls: 'verify' | 'any-cert' | 'none';
  /** Issuers of new's certificate (PEM); null: those that the host knows. */
  readonly caFile: string | null;
}

/** Dovecot's own name of the service that takes these logins, and of the protocol in its `protocols`. */
const loginServices: Readonly<Record<ProxiedService, string>> = {
  imap: 'imap-login',
  pop3: 'pop3-login',
  sieve: 'managesieve-login',
  submission: 'submission-login',
};

export const standardPorts: ProxyTarget['ports'] = { imap: 993, pop3: 995, sieve: 4190, submission: 587 };
/** Ports on which TLS begins with the connection; on others it is asked for (STARTTLS, STLS). */
const implicitTls: Readonly<Record<ProxiedService, boolean>> = {
  imap: true,
  pop3: true,
  sieve: false,
  submission: false,
};

/** Behind all that Debian reads before: passdbs are asked in the order in which they are read. */
const snippet = 'conf.d/99-mailferry-proxy.conf';
/** Of its own: two passdbs of one driver with the same arguments take each other's answers (CVE-2022-30550). */
const query = 'mailferry-proxy.conf.ext';

const head =
  '# Written by mailferry config dovecot --side old --proxy-to; --undo takes it away.\n' +
  '# Logins that the passdbs above found good go on to new where the account has moved. It finds no password good itself.\n';
// Where it cannot be told where an account lives, "old" would be a guess: the login fails for now, and the program tries again.
const results =
  '  result_success = return-ok\n  result_failure = return-ok\n  result_internalfail = return-fail\n';

export function dovecotProxyFiles(
  { version, replica, configDirectory }: DovecotSite,
  target: ProxyTarget,
  protocols: readonly string[],
): DovecotFile[] {
  if (version === '2.4') {
    const issuers = target.caFile === null ? '' : `ssl_client_ca_file = ${target.caFile}\n`;
    const text =
      `${head}${issuers}passdb mailferry-proxy {\n  driver = sql\n  sql_driver = sqlite\n  sqlite_path = ${replica}\n` +
      `  query = ${rowFor(target, '%{user}', '%{protocol | lower}')}\n  skip = unauthenticated\n${results}}\n`;
    return [{ name: snippet, text, mode: 0o644 }];
  }
  return [
    {
      name: snippet,
      text: `${head}${storeOf(target, protocols)}passdb {\n  driver = sql\n  args = ${configDirectory}/${query}\n  skip = unauthenticated\n${results}}\n`,
      mode: 0o644,
    },
    {
      name: query,
      text:
        '# Written by mailferry config dovecot.\n' +
        `driver = sqlite\nconnect = ${replica}\npassword_query = ${rowFor(target, '%u', '%Ls')}\n`,
      mode: 0o644,
    },
  ];
}

/**
 * The login processes of 2.3 pass over `ssl_client_ca_file` and ask OpenSSL's own store (seen with 2.3.19), which their chroot hides
 * from them; that store is another file where the environment says so.
 */
function storeOf({ tls, caFile }: ProxyTarget, protocols: readonly string[]): string {
  if (tls !== 'verify') return '';
  const file = caFile === null ? '' : `import_environment = $import_environment SSL_CERT_FILE=${caFile}\n`;
  const services = proxiedServices.filter((one) => protocols.includes(one));
  return file + services.map((one) => `service ${loginServices[one]} {\n  chroot =\n}\n`).join('');
}

/** The sum overflows where `column` is not as it is to be, and that is a failure for now: of the row, or of the whole replica. */
const unless = (column: string, wanted: string) => `abs(-9223372036854775807 - (${column} <> '${wanted}'))`;

function rowFor(target: ProxyTarget, user: string, service: string): string {
  const ports = proxiedServices.map((one) => `WHEN '${one}' THEN '${target.ports[one]}'`).join(' ');
  const names = proxiedServices.map((one) => `'${one}'`).join(', ');
  // Two questions by an index each: with OR all accounts would be looked through, at each login.
  const byLogin = `SELECT id, 0 AS rank FROM account WHERE old_login = '${user}' COLLATE NOCASE`;
  const byAddress = `SELECT account_id, 1 FROM address WHERE address = lower('${user}')`;
  const own = `SELECT id FROM (${byLogin} UNION ALL ${byAddress}) ORDER BY rank LIMIT 1`;
  const columns = [
    'NULL AS password',
    "'Y' AS nopassword",
    "'Y' AS proxy",
    'new_login AS destuser',
    `'${target.host}' AS host`,
    `CASE '${service}' ${ports} END AS port`,
    ...tlsColumns(target, service),
  ];
  const row = [
    `SELECT ${columns.join(', ')} FROM account WHERE id = (${own})`,
    // While a switch is under way nobody can be told where to go.
    `AND '${service}' IN (${names}) AND logins <> 'old' AND ${unless('logins', 'new')}`,
  ].join(' ');
  // Before it has everything, whom it does not know may have moved all the same.
  const whole = `SELECT ${columns.map(() => 'NULL').join(', ')} FROM meta WHERE name = 'complete' AND ${unless('value', '1')} = 0`;
  return `${row} UNION ALL ${whole}`;
}

function tlsColumns({ tls }: ProxyTarget, service: string): string[] {
  if (tls === 'none') return [];
  const value = tls === 'verify' ? 'yes' : 'any-cert';
  const implicit = proxiedServices.filter((one) => implicitTls[one]).map((one) => `'${one}'`);
  const isImplicit = `'${service}' IN (${implicit.join(', ')})`;
  return [
    `CASE WHEN ${isImplicit} THEN '${value}' END AS ssl`,
    `CASE WHEN NOT ${isImplicit} THEN '${value}' END AS starttls`,
  ];
}
