/**
 * What Postfix on a mail host is told, so that mail for accounts of the other side goes there (main.cf, master.cf, and tables
 * of a few lines). One description for what is printed, applied and undone. Pure.
 *
 *   address -> TABLE says the peer's    -> service mailferry -> [peer]:25
 *           -> TABLE says nothing, or : -> as without Mailferry
 *
 * Loops: mail that the peer relayed is delivered here, also where the TABLE says that the peer has it. That is decided for
 * each recipient as it is named in RCPT, so aliases whose members are across still go there.
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
  /** Folder of the small tables, beside main.cf. */
  readonly files: string;
  /** Where a mailbox of this host is delivered, `lmtp:unix:private/dovecot-lmtp`. */
  readonly delivery: string;
  readonly tls: TlsLevel;
  readonly caFile: string | null;
  /** Connections to the peer at a time. */
  readonly concurrency: number;
  /** A refusal for good by the peer is a refusal for now. */
  readonly soften: boolean;
  /** New only: strangers are refused for now, until the cutover. */
  readonly closed: boolean;
  /** As the service `smtp` has it in master.cf: `y`, `n` or `-`. */
  readonly chroot: string;
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
  'smtpd_restriction_classes',
  'smtpd_recipient_restrictions',
  'smtpd_client_restrictions',
  'smtpd_helo_restrictions',
  'smtpd_sender_restrictions',
  'virtual_mailbox_maps',
  'local_recipient_maps',
  'virtual_transport',
  'unverified_recipient_reject_code',
] as const;

export function postfixSettings(site: PostfixSite): PostfixSettings {
  const { side, table, files, current } = site;
  const list = (name: string): string => current[name]?.trim() ?? '';
  const ofPeer = `check_client_access cidr:${files}/peer-trusted`;
  const trusted = (['client', 'helo', 'sender'] as const)
    .map((stage) => `smtpd_${stage}_restrictions`)
    // Where the site asks nothing at a stage there is nothing to spare the peer.
    .filter((name) => list(name) !== '' && !(side === 'new' && site.closed && name.includes('client')));
  const main: MainSetting[] = [
    {
      name: 'transport_maps',
      how: 'front',
      value: [table, ...(side === 'new' ? [...keepers(site), ...restTable(site)] : [])].join(', '),
      why:
        side === 'old'
          ? 'Mail for accounts that have moved goes to the new server.'
          : 'Mail for accounts that have not moved goes to the old server, and for addresses that only old knows.',
    },
    {
      name: 'smtpd_restriction_classes',
      how: 'back',
      value: 'mailferry_peer',
      why: 'What holds for mail that the peer relays.',
    },
    {
      name: 'mailferry_peer',
      how: 'set',
      value:
        `check_recipient_access pipemap:{${table},regexp:${files}/deliver-here}, reject_unlisted_recipient, ` +
        'reject_unauth_destination, permit',
      why:
        'It is delivered here, also where the table says otherwise for a moment: so no order of changes on the two hosts ' +
        'makes a loop. Trusted like mail of this site (no greylisting, no blocklists), but with no right to relay.',
    },
    {
      name: 'smtpd_recipient_restrictions',
      how: 'front',
      value: [
        `check_client_access cidr:${files}/peer`,
        ...(side === 'new'
          ? [`check_recipient_access pipemap:{${site.rest ?? table},regexp:${files}/verify}`]
          : []),
      ].join(', '),
      why:
        side === 'old'
          ? 'Mail from the peer is asked only what stands in mailferry_peer.'
          : 'The same for mail from the peer; and addresses that only old may know are asked for at old before they are taken.',
    },
    ...trusted.map(
      (name): MainSetting => ({
        name,
        how: 'front',
        value: ofPeer,
        why: 'The peer relays mail of others: its address says nothing about them.',
      }),
    ),
    ...(side === 'new' ? newOnly(site) : []),
    ...servicesOf(side).flatMap((service): MainSetting[] => [
      {
        name: `${service}_destination_concurrency_limit`,
        how: 'set',
        value: String(site.concurrency),
        why: 'Connections to the peer at a time.',
      },
      {
        name: `${service}_destination_recipient_limit`,
        how: 'set',
        value: '1',
        why: 'Each recipient on its own, since the peer decides for each on its own.',
      },
    ]),
  ];
  return {
    main,
    services: servicesOf(side).map((name) => ({
      line: `${name} unix - - ${site.chroot} - - smtp`,
      options: clientOptions(name, site),
      why:
        name === 'mailferry'
          ? 'Hands mail to the peer; its own limits, TLS and name in the log.'
          : 'The same for addresses that only old may know.',
    })),
    files: filesOf(site),
  };
}

const servicesOf = (side: ServerSide): readonly string[] =>
  side === 'old' ? ['mailferry'] : ['mailferry', 'mailferry-rest'];

const restTable = ({ rest }: PostfixSite): string[] => (rest === null ? [] : [rest]);

/** What new knows of its own and Mailferry does not stays on new, though its domain's rest goes to old. */
function keepers({ files, current, table }: PostfixSite): string[] {
  return elementsOf(current['virtual_mailbox_maps'] ?? '')
    .filter((map) => map !== table)
    .map((map) => `pipemap:{${map},regexp:${files}/keep}`);
}

function newOnly(site: PostfixSite): MainSetting[] {
  const { table, files, closed, current } = site;
  const listing = ['virtual_mailbox_maps', 'local_recipient_maps'].filter(
    (name) => (current[name] ?? '').trim() !== '',
  );
  return [
    ...listing.map(
      (name): MainSetting => ({
        name,
        how: 'back',
        value: [table, ...restTable(site)].join(', '),
        why: 'Addresses of old are valid here: their mail is relayed.',
      }),
    ),
    {
      name: 'unverified_recipient_reject_code',
      how: 'set',
      value: '550',
      why: 'What old refuses for good is refused here for good, at RCPT.',
    },
    ...(closed
      ? [
          {
            name: 'smtpd_client_restrictions',
            how: 'front',
            value:
              'permit_mynetworks, permit_sasl_authenticated, ' +
              `check_client_access cidr:${files}/peer-trusted, check_client_access cidr:${files}/closed`,
            why: 'Until the cutover mail comes from old and from who has logged in: nobody goes round the MX and its filters.',
          } as const,
        ]
      : []),
  ];
}

function clientOptions(name: string, { tls, caFile, soften, files }: PostfixSite): ServiceSetting['options'] {
  return [
    { name: 'syslog_name', value: `postfix/${name}` },
    { name: 'smtp_tls_security_level', value: tls },
    ...(caFile === null ? [] : [{ name: 'smtp_tls_CAfile', value: caFile }]),
    { name: 'smtp_fallback_relay', value: '' },
    { name: 'smtp_sasl_auth_enable', value: 'no' },
    // Not for those that are asked for at RCPT: there a refusal has to be one.
    ...(soften && name === 'mailferry'
      ? [{ name: 'smtp_delivery_status_filter', value: `regexp:${files}/soften` }]
      : []),
  ];
}

function filesOf({ side, peerAddresses, delivery, soften, closed }: PostfixSite): FileSetting[] {
  const peers = (what: string) => peerAddresses.map((address) => `${address} ${what}\n`).join('');
  return [
    { name: 'peer', text: peers('mailferry_peer') },
    { name: 'peer-trusted', text: peers('OK') },
    { name: 'deliver-here', text: `/^mailferry:/ FILTER ${delivery}\n` },
    ...(soften ? [{ name: 'soften', text: '/^5(\\.[0-9]+\\.[0-9]+ .*)/ 4$1\n' }] : []),
    ...(side === 'old'
      ? []
      : [
          { name: 'keep', text: '/./ :\n' },
          { name: 'verify', text: '/^mailferry-rest:/ reject_unverified_recipient\n' },
        ]),
    ...(side === 'new' && closed
      ? [
          {
            name: 'closed',
            text: ['0.0.0.0/0', '::/0']
              .map((net) => `${net} 450 4.7.1 Mail for this domain goes to its MX\n`)
              .join(''),
          },
        ]
      : []),
  ];
}
