/**
 * A table of Postfix that asks the database itself (pgsql_table(5)): by the function `postfix_route`, which is all that its user
 * may do there. Postfix reads it through proxymap(8), so that not each of its processes has a connection of its own. Pure.
 */
import { Secret } from '../base/secret.ts';
import type { ServerSide } from '../domain/placement.ts';
import type { HostPlace } from '../domain/host-place.ts';
import type { FileSetting } from './postfix-site.ts';
import { nexthopOf, restOf } from './transport-table.ts';

export interface PgsqlPlace {
  /** As Postfix has it: `inet:db.example.org:5432`, `unix:/run/postgresql`. */
  readonly host: string;
  readonly user: string;
  readonly database: string;
  /** More words for libpq, as `sslmode`. */
  readonly parameters: readonly (readonly [name: string, value: string])[];
  /** Null where the server knows its user by other means. */
  readonly password: Secret | null;
}

/** Beside main.cf. */
export const pgsqlFileName = 'routes.cf';
/** While the database's host is gone each lookup waits for so long, and all mail with it. */
const connectSeconds = 5;

/**
 * The database at a URL as in the configuration of the daemon. Throws what a person did wrong, as an Error: it is no URL of
 * PostgreSQL, has a password in it, or names no user.
 */
export function pgsqlPlaceOf(text: string, password: Secret | null): PgsqlPlace {
  // A URL with a user and no host is one to libpq alone.
  const form = /^postgres(?:ql)?:(\/\/[^/?#@]*@?)(.*)$/.exec(text);
  const url =
    form === null ? null : URL.parse(`postgres:${form[1]}${form[2]?.replace(/^(?=[/?])/, 'localhost')}`);
  if (url === null)
    throw new Error(
      'this is no PostgreSQL database (postgres://user@host/name). With SQLite the edge keeps the table, or answers by --socketmap',
    );
  if (url.password !== '') throw new Error('has a password in it: give that by --pgsql-password-file');
  const [user, database] = [decodeURIComponent(url.username), decodeURIComponent(url.pathname.slice(1))];
  if (user === '' || database === '')
    throw new Error('names no user, or no database: postgres://user@host/name');
  const asked = url.searchParams;
  const name = asked.get('host') ?? decodeURIComponent(url.hostname);
  const port = asked.get('port') ?? url.port;
  const host = name.startsWith('/')
    ? `unix:${name}${port === '' ? '' : `:${port}`}`
    : `inet:${name.replace(/^\[|\]$/g, '')}:${port || 5432}`;
  const parameters = [...asked].filter(([one]) => one !== 'host' && one !== 'port');
  const odd = [user, host, password?.reveal() ?? '', ...parameters.flat()].some((one) => unfit.test(one));
  if (odd) throw new Error('a name or the password begins or ends with a blank, or has a line end in it');
  return { host, user, database, parameters, password };
}

/** Postfix reads a line without the blanks at its ends. */
const unfit = /^\s|\s$|[\r\n]/;

export function pgsqlFile(place: PgsqlPlace, side: ServerSide, peer: HostPlace): FileSetting {
  const nexthop = nexthopOf(peer.host, peer.port);
  const [relayed, rest] = [nexthop, restOf(nexthop)].map(sqlText);
  const connection: PgsqlPlace['parameters'] = [
    ['dbname', place.database],
    ['connect_timeout', String(connectSeconds)],
    ...place.parameters,
  ];
  const lines = (password: string): string =>
    [
      // Twice: after a connection has died Postfix lets a host rest for a minute, unless there is another one.
      `hosts = ${place.host} ${place.host}`,
      `user = ${place.user}`,
      ...(place.password === null ? [] : [`password = ${password}`]),
      // libpq takes a name with `=` in it for a list of parameters.
      `dbname = ${connection.map(([name, value]) => `${name}=${quoted(value)}`).join(' ')}`,
      `query = SELECT CASE way WHEN 'peer' THEN ${relayed} WHEN 'rest' THEN ${rest} ELSE ':' END` +
        ` FROM postfix_route('${side}', '%s')`,
      'expansion_limit = 1',
      '',
    ].join('\n');
  return {
    name: pgsqlFileName,
    text: lines(String(place.password)),
    ...(place.password === null ? {} : { whole: new Secret(lines(place.password.reveal())) }),
  };
}

/** As libpq reads values of a connection string. */
const quoted = (value: string): string =>
  /^[\w./:-]+$/.test(value) ? value : `'${value.replace(/['\\]/g, '\\$&')}'`;

/** A literal in a query of Postfix, which replaces what follows a percent sign. */
const sqlText = (text: string): string => `'${text.replaceAll("'", "''").replaceAll('%', '%%')}'`;
