/** The small tables beside main.cf, of a few lines each. Pure. */
import { pgsqlFile } from './postfix-pgsql.ts';
import { deliveryOf, type FileSetting, heloPrefix, type PostfixSite } from './postfix-site.ts';

/** Of the side. */
export function tablesOf(site: PostfixSite): FileSetting[] {
  const { side, peerAddresses, delivery, deliversAll, soften, closed, postscreen, current } = site;
  const peers = (name: string, what: string): FileSetting => ({
    name,
    text: peerAddresses.map((address) => `${address} ${what}\n`).join(''),
  });
  const here = deliveryOf(site);
  return [
    ...(site.pgsql === null ? [] : [pgsqlFile(site.pgsql, side, site.peer)]),
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
