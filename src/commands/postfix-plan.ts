/** What `mailferry config postfix` is told, what comes of it for a host, and how it is told again. */
import { existsSync } from 'node:fs';
import { MailferryError } from '../base/errors.ts';
import type { HostPlace } from '../domain/host-place.ts';
import type { PostfixHost, PostfixSettings } from '../routing/index.ts';
import { tableOf, type TableChoice, unreadableOf } from './postfix-table.ts';

export const tlsLevels = ['none', 'may', 'encrypt', 'verify', 'secure', 'dane-only'] as const;

/** As options of the command. */
export interface PostfixTold extends TableChoice {
  readonly peer?: HostPlace;
  readonly peerAddress: readonly string[];
  readonly deliver?: string;
  readonly tls: (typeof tlsLevels)[number];
  readonly caFile?: string;
  readonly connections: number;
  readonly soften: boolean;
  readonly open: boolean;
}

/** When nothing else is said. */
export const postfixStandards = {
  directory: '/var/lib/mailferry-edge',
  tls: 'verify',
  connections: 20,
  configDirectory: '/etc/postfix',
} as const;

/** Of the options only what says how the host is to be; no secret is among them. */
export function postfixTold(options: PostfixTold): PostfixTold {
  const { side, peer, peerAddress, directory, socketmap, pgsql, pgsqlPasswordFile } = options;
  const { deliver, tls, caFile, connections, soften, open } = options;
  return {
    ...(side && { side }),
    ...(peer && { peer: { host: peer.host, port: peer.port } }),
    peerAddress: [...peerAddress],
    directory,
    ...(socketmap !== undefined && { socketmap }),
    ...(pgsql !== undefined && { pgsql }),
    ...(pgsqlPasswordFile !== undefined && { pgsqlPasswordFile }),
    ...(deliver !== undefined && { deliver }),
    tls,
    ...(caFile !== undefined && { caFile }),
    connections,
    soften,
    open,
  };
}

/** The words that say the same on a command line; those that are so anyhow are left out. */
export function postfixArguments(told: PostfixTold, configDirectory: string): string[] {
  const { side, peer, peerAddress, directory, socketmap, pgsql, pgsqlPasswordFile } = told;
  const option = (name: string, value: string | undefined, standard?: string): string[] =>
    value === undefined || value === standard ? [] : [name, value];
  return [
    ...option('--side', side),
    ...option('--peer', peer && hostText(peer)),
    ...peerAddress.flatMap((one) => option('--peer-address', one)),
    ...option('--directory', directory, postfixStandards.directory),
    ...option('--socketmap', socketmap),
    ...option('--pgsql', pgsql),
    ...option('--pgsql-password-file', pgsqlPasswordFile),
    ...option('--deliver', told.deliver),
    ...option('--tls', told.tls, postfixStandards.tls),
    ...option('--ca-file', told.caFile),
    ...option('--connections', String(told.connections), String(postfixStandards.connections)),
    ...(told.soften ? [] : ['--no-soften']),
    ...(told.open ? ['--open'] : []),
    ...option('--config-directory', configDirectory, postfixStandards.configDirectory),
  ];
}

/** `new.example.org`, `[2001:db8::1]:2525`; port 25 goes without saying. */
export function hostText({ host, port }: HostPlace): string {
  const name = host.includes(':') ? `[${host}]` : host;
  return port === 25 ? name : `${name}:${port}`;
}

/**
 * What Postfix on this host is to be told. `apply`: it is about to be, so that the table has to be readable. Throws `usage` for
 * what is missing, or stands in the way.
 */
export async function settingsFor(
  options: PostfixTold & { readonly apply?: boolean },
  host: PostfixHost,
): Promise<PostfixSettings> {
  const { networkOf, postfixSettings, refusalOf } = await import('../routing/index.ts');
  const { side, peer, peerAddress, deliver, tls, caFile = null } = options;
  if (side === undefined) throw usage('--side is needed: the side that this host is, old or new');
  if (peer === undefined)
    throw usage('--peer is needed: where mail for accounts of the other side goes, as host or host:port');
  if (peerAddress.length === 0)
    throw usage('--peer-address is needed: mail from there is delivered here, which keeps it from looping');
  const peerAddresses = peerAddress.map((text) => {
    const network = networkOf(text);
    if (network !== null) return network;
    throw usage(
      `--peer-address: ${text} is no IP address, and no network without bits beyond its mask (192.0.2.0/28)`,
    );
  });
  if (caFile !== null && !existsSync(caFile)) throw usage(`--ca-file: there is no ${caFile}`);
  const { table, rest, domains, socket, pgsql } = await tableOf(options, host);
  const look = await host.look();
  const delivery = deliver ?? look.current['virtual_transport'] ?? '';
  const deliversAll = deliver !== undefined;
  const refusal = refusalOf({ side, delivery, deliversAll, tls, caFile, socket }, look);
  if (refusal !== null) throw usage(refusal);
  const unreadable = options.apply !== true ? null : await unreadableOf(host, side, peer, { table, pgsql });
  if (unreadable !== null) throw usage(`Postfix cannot read ${table}; ${unreadable}`);
  const chrootOf = (name: string) =>
    look.services.find((one) => one.name === name && one.type === 'unix')?.chroot ?? '-';
  return postfixSettings({
    side,
    peer,
    peerAddresses,
    table,
    rest,
    domains,
    pgsql,
    files: host.files,
    delivery,
    deliversAll,
    tls,
    caFile,
    connections: options.connections,
    soften: options.soften,
    closed: side === 'new' && !options.open,
    chroot: chrootOf('smtp'),
    lmtpChroot: chrootOf('lmtp'),
    postscreen: look.services.some(({ command }) => command === 'postscreen'),
    current: look.current,
  });
}

function usage(text: string): MailferryError {
  return new MailferryError('usage', text);
}
