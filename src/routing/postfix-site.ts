/** What `config postfix` is told of a mail host, and the form of what it tells Postfix. Types, and names that several use. */
import type { ServerSide } from '../domain/placement.ts';
import type { Secret } from '../base/secret.ts';
import type { PgsqlPlace } from './postfix-pgsql.ts';

export type TlsLevel = 'none' | 'may' | 'encrypt' | 'verify' | 'secure' | 'dane-only';

export interface PostfixSite {
  readonly side: ServerSide;
  readonly peer: { readonly host: string; readonly port: number };
  /** IP addresses or networks (CIDR) that the peer sends from. */
  readonly peerAddresses: readonly string[];
  /**
   * Postfix's name of the table, `lmdb:/var/lib/mailferry-edge/transport`, `socketmap:inet:127.0.0.1:8425:transport`, or
   * `proxy:pgsql:/etc/postfix/mailferry/routes.cf`.
   */
  readonly table: string;
  /** Where the last of these asks. */
  readonly pgsql: PgsqlPlace | null;
  /** The table for all other addresses of the domains where that is one of its own, as with socketmap. */
  readonly rest: string | null;
  /** The table of the domains themselves. */
  readonly domains: string;
  /** Folder of the small tables, beside main.cf. */
  readonly files: string;
  /** Where a mailbox of this host is delivered, `lmtp:unix:private/dovecot-lmtp`. */
  readonly delivery: string;
  /** Whether the operator named the delivery: then it is that of all mailboxes here, whatever transport_maps say. */
  readonly deliversAll: boolean;
  readonly tls: TlsLevel;
  readonly caFile: string | null;
  /** Connections to the peer at a time. */
  readonly connections: number;
  /** A refusal for good by the peer, or by the delivery of what it relayed, is a refusal for now. */
  readonly soften: boolean;
  /** New only: strangers are refused for now, until the cutover. */
  readonly closed: boolean;
  /** As the services `smtp` and `lmtp` have it in master.cf: `y`, `n` or `-`. */
  readonly chroot: string;
  readonly lmtpChroot: string;
  readonly postscreen: boolean;
  /** Values of main.cf as they are now, by name; what is left out is empty. */
  readonly current: Readonly<Record<string, string>>;
}

/** One value of main.cf. `set`: ours alone. `front`, `back`: ours are elements of the site's list. */
export interface MainSetting {
  readonly name: string;
  readonly how: 'set' | 'front' | 'back';
  readonly value: string;
  readonly why: string;
}

export interface ServiceSetting {
  /** The first eight columns of master.cf. */
  readonly line: string;
  readonly options: readonly { readonly name: string; readonly value: string }[];
  readonly why: string;
}

export interface FileSetting {
  readonly name: string;
  /** As it is shown. */
  readonly text: string;
  /** As it is written where a secret stands in it: then for root and Postfix's own group alone. */
  readonly whole?: Secret;
}

export interface PostfixSettings {
  readonly main: readonly MainSetting[];
  readonly services: readonly ServiceSetting[];
  readonly files: readonly FileSetting[];
}

/** Names of main.cf whose values the settings depend on. */
export const asked = [
  'transport_maps',
  'smtpd_recipient_restrictions',
  'smtpd_client_restrictions',
  'smtpd_helo_restrictions',
  'smtpd_sender_restrictions',
  'smtpd_data_restrictions',
  'smtpd_end_of_data_restrictions',
  'smtpd_milters',
  'smtpd_proxy_filter',
  'local_recipient_maps',
  'relay_recipient_maps',
  'smtp_tls_CAfile',
  'smtp_tls_CApath',
  'tls_append_default_CA',
  'proxy_read_maps',
] as const;
/** The same, with the names in their values replaced: they go into tables and pipes, where Postfix replaces none. */
export const askedExpanded = ['virtual_transport', 'virtual_mailbox_maps'] as const;

/** Its HELO name tells a host's relayed mail from other mail of that host. */
export const heloPrefix = 'mailferry-relay';

export const servicesOf = (side: ServerSide): readonly string[] =>
  side === 'old' ? ['mailferry'] : ['mailferry', 'mailferry-rest'];

/** By LMTP through a service of ours, so that a refusal can be one for now and the site's own delivery stays as it is. */
export const hasOwnDelivery = ({ delivery }: PostfixSite): boolean => delivery.startsWith('lmtp:');
export const deliveryOf = (site: PostfixSite): string =>
  hasOwnDelivery(site) ? site.delivery.replace(/^lmtp:/, 'mailferry-here:') : site.delivery;
