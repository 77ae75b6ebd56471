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
import { elementsOf } from './postfix-lists.ts';
import { classesOf, ofOurDomains } from './postfix-classes.ts';
import { servicesFor } from './postfix-services.ts';
import { type MainSetting, type PostfixSettings, type PostfixSite, servicesOf } from './postfix-site.ts';
import { tablesOf } from './postfix-tables.ts';

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
    ...proxied(site),
    ...classesOf(site),
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
  return { main, services: servicesFor(site), files: tablesOf(site) };
}

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

/** proxymap(8) reads what it is allowed to: by default also what stands in transport_maps. */
function proxied({ table, current }: PostfixSite): MainSetting[] {
  if (!table.startsWith('proxy:') || /\$[{(]?transport_maps\b/.test(current['proxy_read_maps'] ?? ''))
    return [];
  const why = 'The table is read through proxymap: by one connection for many processes.';
  return [{ name: 'proxy_read_maps', how: 'back', value: table, why }];
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
