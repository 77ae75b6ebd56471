/**
 * What Postfix on a mail host is told, so that mail for accounts of the other side goes there (main.cf, master.cf, and tables
 * of a few lines). One description for what is printed, applied and undone. Pure.
 *
 *   address -> TABLE says the peer's    -> service mailferry -> [peer]:25
 *           -> TABLE says :             -> service mailferry-here, or the site's own delivery (new: an account that has moved)
 *           -> TABLE says nothing       -> as without Mailferry
 *
 * Loops: mail that the peer relayed is delivered here, also where the TABLE says that the peer has it. That is decided for
 * each recipient as it is named in RCPT, so aliases whose members are across still go there. Relayed is what comes from the
 * peer's address with the HELO name of the service mailferry: one recipient a message, so that FILTER, which is for whole
 * messages, takes no other with it. Whatever else comes from that host (a relayhost, webmail) is treated as ever.
 */
import type { ServerSide } from '../domain/placement.ts';
import { elementsOf } from './postfix-lists.ts';

export type TlsLevel = 'none' | 'may' | 'encrypt' | 'verify' | 'secure' | 'dane-only';

export interface PostfixSite {
  readonly side: ServerSide;
  readonly peer: { readonly host: string; readonly port: number };
  /** IP addresses or networks (CIDR) that the peer sends from. */
  readonly peerAddresses: readonly string[];
  /** Postfix's name of the table, `lmdb:/var/lib/mailferry-edge/transport` or `socketmap:inet:127.0.0.1:8425:transport`. */
  readonly table: string;
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
  readonly text: string;
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
] as const;
/** The same, with the names in their values replaced: they go into tables and pipes, where Postfix replaces none. */
export const askedExpanded = ['virtual_transport', 'virtual_mailbox_maps'] as const;

/** Its HELO name tells a host's relayed mail from other mail of that host. */
const heloPrefix = 'mailferry-relay';

export function postfixSettings(site: PostfixSite): PostfixSettings {
  const { side, files, current, postscreen } = site;
  const list = (name: string): string => current[name]?.trim() ?? '';
  const spared = (stage: string, by: string): MainSetting[] =>
    // Where the site asks nothing at a stage there is nothing to spare the peer.
    list(`smtpd_${stage}_restrictions`) === ''
      ? []
      : [
          {
            name: `smtpd_${stage}_restrictions`,
            how: 'front',
            value: `check_client_access cidr:${files}/${by}`,
            why: 'The peer relays mail of others: its address says nothing about them.',
          },
        ];
  const main: MainSetting[] = [
    {
      name: 'transport_maps',
      how: 'front',
      value: routes(site).join(', '),
      why:
        side === 'old'
          ? 'Mail for accounts that have moved goes to the new server.'
          : 'Mail for accounts that have not moved goes to the old server, and for addresses that only old knows.',
    },
    ...classes(site),
    {
      name: 'smtpd_recipient_restrictions',
      how: 'front',
      value: [
        `check_client_access cidr:${files}/peer`,
        ...(side === 'new' ? [ofOurDomains(site, 'shared')] : []),
      ].join(', '),
      why:
        side === 'old'
          ? 'Mail that the peer relays is asked only what stands in mailferry_relayed.'
          : 'The same for mail that the peer relays; and addresses that only old may know are asked for at old before they are taken.',
    },
    // At the first stage, which may come before HELO, by the address alone.
    ...spared('client', 'peer-trusted'),
    ...['helo', 'sender', 'data', 'end_of_data'].flatMap((stage) => spared(stage, 'peer-spared')),
    ...(list('smtpd_milters') === ''
      ? []
      : [
          {
            name: 'smtpd_milter_maps',
            how: 'front',
            value: `cidr:${files}/peer-milters`,
            why: 'No filter here sees who sent it: it would judge the peer.',
          } as const,
        ]),
    {
      name: 'smtpd_client_event_limit_exceptions',
      how: 'back',
      value: `cidr:${files}/peer-trusted`,
      why: 'The peer brings the mail of many.',
    },
    ...(postscreen
      ? [
          {
            name: 'postscreen_access_list',
            how: 'front',
            value: `cidr:${files}/peer-postscreen`,
            why: 'The peer is no zombie.',
          } as const,
        ]
      : []),
    ...(side === 'new' ? newOnly(site) : []),
    ...servicesOf(side).map(
      (service): MainSetting => ({
        name: `${service}_destination_recipient_limit`,
        how: 'set',
        value: '1',
        why: 'Each recipient on its own, since the peer decides for each on its own.',
      }),
    ),
  ];
  return { main, services: services(site), files: filesOf(site) };
}

const servicesOf = (side: ServerSide): readonly string[] =>
  side === 'old' ? ['mailferry'] : ['mailferry', 'mailferry-rest'];

/** By LMTP through a service of ours, so that a refusal can be one for now and the site's own delivery stays as it is. */
const hasOwnDelivery = ({ delivery }: PostfixSite): boolean => delivery.startsWith('lmtp:');
const deliveryOf = (site: PostfixSite): string =>
  hasOwnDelivery(site) ? site.delivery.replace(/^lmtp:/, 'mailferry-here:') : site.delivery;

function routes(site: PostfixSite): string[] {
  const { side, table, rest, files, current } = site;
  if (side === 'old') return [table];
  return [
    // Accounts that live here: before the table, which has the others and the domains.
    `pipemap:{${table},regexp:${files}/here}`,
    table,
    // What new knows of its own and Mailferry does not stays on new, though its domain's rest goes to old.
    ...['virtual_mailbox_maps', 'relay_recipient_maps']
      .flatMap((name) => elementsOf(current[name] ?? ''))
      .filter((map) => map !== table && map !== rest)
      .map((map) => `pipemap:{${map},regexp:${files}/keep}`),
    ...(rest === null ? [] : [rest]),
  ];
}

/** A class of restrictions for recipients in our domains: for those alone, not for domains below them. */
const ofOurDomains = ({ files, domains }: PostfixSite, file: string): string =>
  `check_recipient_access pipemap:{regexp:${files}/domain-of,${domains},regexp:${files}/${file}}`;

function classes(site: PostfixSite): MainSetting[] {
  const { side, table, rest, files, closed } = site;
  const all: readonly (readonly [string, string, string])[] = [
    [
      'mailferry_peer',
      `check_helo_access regexp:${files}/relayed`,
      'What the peer relays, told by its HELO name.',
    ],
    [
      'mailferry_relayed',
      `check_recipient_access pipemap:{${table},regexp:${files}/deliver-here}, reject_unlisted_recipient, ` +
        'reject_unauth_destination, permit',
      'It is delivered here, also where the table says otherwise for a moment: so no order of changes on the two hosts ' +
        'makes a loop. Trusted like mail of this site (no greylisting, no blocklists), but with no right to relay.',
    ],
    [
      'mailferry_spared',
      `check_helo_access regexp:${files}/spared`,
      'The same, where it is only let through.',
    ],
    ...(side === 'new'
      ? [
          [
            'mailferry_shared',
            `check_recipient_access pipemap:{${rest ?? table},regexp:${files}/verify}`,
            'Addresses that Mailferry knows are not asked for.',
          ] as const,
        ]
      : []),
    ...(closed
      ? [
          [
            'mailferry_closed',
            `permit_mynetworks, permit_sasl_authenticated, check_client_access cidr:${files}/peer-trusted, ` +
              'check_client_access static:{450 4.7.1 Mail for this domain goes to its MX}',
            'Until the cutover mail for these domains comes from old and from who has logged in: nobody goes round the MX and its filters.',
          ] as const,
        ]
      : []),
  ];
  return [
    {
      name: 'smtpd_restriction_classes',
      how: 'back',
      value: all.map(([name]) => name).join(', '),
      why: 'Names of what follows.',
    },
    ...all.map(([name, value, why]): MainSetting => ({ name, how: 'set', value, why })),
  ];
}

function newOnly(site: PostfixSite): MainSetting[] {
  const { table, rest, closed, current } = site;
  const listing = ['virtual_mailbox_maps', 'local_recipient_maps', 'relay_recipient_maps'].filter(
    (name) => (current[name] ?? '').trim() !== '',
  );
  return [
    ...listing.map(
      (name): MainSetting => ({
        name,
        how: 'back',
        value: [table, ...(rest === null ? [] : [rest])].join(', '),
        why: 'Addresses of old are valid here: their mail is relayed.',
      }),
    ),
    {
      name: 'unverified_recipient_reject_code',
      how: 'set',
      value: '550',
      why: 'What old refuses for good is refused here for good, at RCPT.',
    },
    {
      name: 'address_verify_negative_refresh_time',
      how: 'set',
      value: '5m',
      why: 'An address that is made on old meanwhile is good here soon.',
    },
    ...(closed
      ? [
          {
            name: 'smtpd_relay_restrictions',
            how: 'front',
            value: ofOurDomains(site, 'closed'),
            why: 'Mail for these domains is taken from old and from who has logged in; for other domains as ever.',
          } as const,
        ]
      : []),
  ];
}

function services(site: PostfixSite): ServiceSetting[] {
  const { side, chroot, lmtpChroot, connections, soften, files } = site;
  const here: ServiceSetting = {
    line: `mailferry-here unix - - ${lmtpChroot} - - lmtp`,
    options: [
      { name: 'syslog_name', value: 'postfix/mailferry-here' },
      ...(soften ? [{ name: 'lmtp_delivery_status_filter', value: `regexp:${files}/soften` }] : []),
    ],
    why: 'Delivers here what the peer relays and, on new, mail for accounts that have moved.',
  };
  return [
    ...servicesOf(side).map((name) => ({
      // The processes are the limit of connections: with one recipient each, Postfix's own limits are for a recipient.
      line: `${name} unix - - ${chroot} - ${connections} smtp`,
      options: clientOptions(name, site),
      why:
        name === 'mailferry'
          ? 'Hands mail to the peer; its own limits, TLS and name in the log.'
          : 'The same for addresses that only old may know.',
    })),
    ...(hasOwnDelivery(site) ? [here] : []),
  ];
}

function clientOptions(name: string, { tls, caFile, soften, files }: PostfixSite): ServiceSetting['options'] {
  const off = ['generic_maps', 'header_checks', 'mime_header_checks', 'nested_header_checks', 'body_checks'];
  return [
    { name: 'syslog_name', value: `postfix/${name}` },
    { name: 'smtp_helo_name', value: `${heloPrefix}.$myhostname` },
    { name: 'smtp_tls_security_level', value: tls },
    ...(caFile === null ? [] : [{ name: 'smtp_tls_CAfile', value: caFile }]),
    { name: 'smtp_fallback_relay', value: '' },
    { name: 'smtp_sasl_auth_enable', value: 'no' },
    // It is the mail of others: as it came, so that its signatures hold.
    ...off.map((one) => ({ name: `smtp_${one}`, value: '' })),
    // Not for those that are asked for at RCPT: there a refusal has to be one.
    ...(soften && name === 'mailferry'
      ? [{ name: 'smtp_delivery_status_filter', value: `regexp:${files}/soften` }]
      : []),
  ];
}

function filesOf(site: PostfixSite): FileSetting[] {
  const { side, peerAddresses, delivery, deliversAll, soften, closed, postscreen, current } = site;
  const peers = (name: string, what: string): FileSetting => ({
    name,
    text: peerAddresses.map((address) => `${address} ${what}\n`).join(''),
  });
  const here = deliveryOf(site);
  return [
    peers('peer', 'mailferry_peer'),
    peers('peer-trusted', 'OK'),
    peers('peer-spared', 'mailferry_spared'),
    ...((current['smtpd_milters'] ?? '').trim() === '' ? [] : [peers('peer-milters', 'DISABLE')]),
    ...(postscreen ? [peers('peer-postscreen', 'permit')] : []),
    { name: 'relayed', text: `/^${heloPrefix}\\./ mailferry_relayed\n` },
    { name: 'spared', text: `/^${heloPrefix}\\./ OK\n` },
    { name: 'deliver-here', text: `/^mailferry:/ FILTER ${here}\n` },
    ...(soften ? [{ name: 'soften', text: '/^5(\\.[0-9]+\\.[0-9]+ .*)/ 4$1\n' }] : []),
    ...(side === 'old'
      ? []
      : [
          { name: 'here', text: `/^:/ ${here}\n` },
          { name: 'keep', text: `/./ ${deliversAll ? delivery : ':'}\n` },
          { name: 'domain-of', text: '/^.*@([^@]+)$/ $1\n' },
          { name: 'shared', text: '/^mailferry-rest:/ mailferry_shared\n' },
          {
            name: 'verify',
            text: '/^(mailferry)?:/ DUNNO\n/^mailferry-rest:/ reject_unverified_recipient\n',
          },
          ...(closed ? [{ name: 'closed', text: '/^mailferry-rest:/ mailferry_closed\n' }] : []),
        ]),
  ];
}
