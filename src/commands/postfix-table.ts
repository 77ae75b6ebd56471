/** Which table Postfix is told to read: the edge's, the edge itself, or the database. */
import { readFileSync } from 'node:fs';
import { MailferryError } from '../base/errors.ts';
import { Secret } from '../base/secret.ts';
import type { HostPlace } from '../domain/host-place.ts';
import type { PgsqlPlace, PostfixHost, PostfixSite } from '../routing/index.ts';

/** As options of the command. */
export interface TableChoice {
  readonly side?: 'old' | 'new';
  /** Of the edge. */
  readonly directory: string;
  readonly socketmap?: string;
  readonly pgsql?: string;
  readonly pgsqlPasswordFile?: string;
}

interface Table extends Pick<PostfixSite, 'table' | 'rest' | 'domains' | 'pgsql'> {
  /** A unix socket, where the edge is asked by one. */
  readonly socket: string | null;
}

/** The table as Postfix names it, by the way that was chosen. */
export async function tableOf(options: TableChoice, host: PostfixHost): Promise<Table> {
  const { side, socketmap, pgsql: url, pgsqlPasswordFile, directory } = options;
  if (url !== undefined) {
    const { pgsqlFileName } = await import('../routing/index.ts');
    const pgsql = await pgsqlOf(url, pgsqlPasswordFile);
    if (!(await host.hasTableType('pgsql')))
      throw usage('this Postfix reads no PostgreSQL tables: install postfix-pgsql (Debian)');
    const table = `proxy:pgsql:${host.files}/${pgsqlFileName}`;
    return { table, rest: null, domains: table, socket: null, pgsql };
  }
  if (pgsqlPasswordFile !== undefined) throw usage('--pgsql-password-file goes with --pgsql');
  if (socketmap !== undefined) {
    const socket = socketmap.startsWith('/') ? socketmap : null;
    const server = `socketmap:${socket === null ? 'inet' : 'unix'}:${socketmap}`;
    const rest = side === 'old' ? null : `${server}:rest`;
    return { table: `${server}:transport`, rest, domains: `${server}:domains`, socket, pgsql: null };
  }
  if (!(await host.hasTableType('lmdb')))
    throw usage('this Postfix reads no LMDB tables: install postfix-lmdb (Debian), or use --socketmap');
  const table = `lmdb:${directory}/transport`;
  return { table, rest: null, domains: table, socket: null, pgsql: null };
}

async function pgsqlOf(url: string, passwordFile: string | undefined): Promise<PgsqlPlace> {
  const { pgsqlPlaceOf } = await import('../routing/index.ts');
  let password: Secret | null = null;
  if (passwordFile !== undefined) {
    try {
      password = new Secret(readFileSync(passwordFile, 'utf8').replace(/\r?\n$/, ''));
    } catch (error) {
      throw usage(`--pgsql-password-file: ${(error as Error).message}`);
    }
    if (password.reveal() === '') throw usage(`--pgsql-password-file: ${passwordFile} is empty`);
  }
  try {
    return pgsqlPlaceOf(url, password);
  } catch (error) {
    throw usage(`--pgsql: ${(error as Error).message}`);
  }
}

/** A table that Postfix cannot open puts off all mail of the host. Null where it can; else what to do, and what it says. */
export async function unreadableOf(
  host: PostfixHost,
  side: 'old' | 'new',
  peer: HostPlace,
  { table, pgsql }: Pick<Table, 'table' | 'pgsql'>,
): Promise<string | null> {
  if (pgsql === null) {
    const said = await host.unreadable(table);
    return said && `run the edge first, or name its place by --directory or --socketmap (${said})`;
  }
  const { pgsqlFile } = await import('../routing/index.ts');
  const said = await host.unreadableFile('pgsql', pgsqlFile(pgsql, side, peer));
  return (
    said &&
    `the database has to be reached, and its user may need EXECUTE on postfix_route(text, text) (${said})`
  );
}

function usage(text: string): MailferryError {
  return new MailferryError('usage', text);
}
