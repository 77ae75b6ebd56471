/** Classes of restrictions in main.cf: what the peer relays, and who may send to the shared domains of new. Pure. */
import type { MainSetting, PostfixSite } from './postfix-site.ts';

/** A class of restrictions for recipients in our domains: for those alone, not for domains below them. */
export const ofOurDomains = ({ files, domains }: PostfixSite, file: string): string =>
  `check_recipient_access pipemap:{regexp:${files}/domain-of,${domains},regexp:${files}/${file}}`;

/** Of the side, with the list that names them. */
export function classesOf(site: PostfixSite): MainSetting[] {
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
