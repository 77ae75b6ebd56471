/** Configurations of a site that `config postfix` cannot add to without breaking mail; what to do about each. Pure. */
import type { ServerSide } from '../domain/placement.ts';
import type { PostfixLook } from './postfix-host.ts';
import { elementsOf } from './postfix-lists.ts';
import type { TlsLevel } from './postfix-site.ts';

export interface PostfixPlan {
  readonly side: ServerSide;
  readonly delivery: string;
  /** Whether the operator named the delivery. */
  readonly deliversAll: boolean;
  readonly tls: TlsLevel;
  readonly caFile: string | null;
  /** A unix socket, where the edge is asked by one. */
  readonly socket: string | null;
}

/** Values of main.cf that the loop guard and the closed door are in: where a service has its own, they are not asked. */
const guarded = [
  'smtpd_recipient_restrictions',
  'smtpd_relay_restrictions',
  'smtpd_restriction_classes',
  'transport_maps',
];

/** Null where nothing is in the way. */
export function refusalOf(plan: PostfixPlan, { current, services }: PostfixLook): string | null {
  const { side, delivery, deliversAll, tls, caFile, socket } = plan;
  const value = (name: string): string => current[name]?.trim() ?? '';
  if (!/^[\w-]+:/.test(delivery) || elementsOf(delivery).length !== 1)
    return `virtual_transport is "${delivery}": name the delivery of mailboxes by --deliver, as lmtp:unix:private/dovecot-lmtp`;
  if (/^(error|retry|discard|smtp|relay|mailferry[\w-]*):/.test(delivery))
    return `"${delivery}" delivers to no mailbox of this host: name one that does by --deliver, as lmtp:unix:private/dovecot-lmtp`;
  if (side === 'new' && !deliversAll && value('transport_maps') !== '')
    return (
      `this host has transport_maps of its own (${value('transport_maps')}), and mail for accounts that live here would not ` +
      'follow them: if all its mailboxes are delivered in one way, name that by --deliver; hosts that deliver to several ' +
      'stores are not supported'
    );
  if (['verify', 'secure'].includes(tls) && caFile === null && !knowsIssuers(value))
    return (
      `--tls ${tls} needs issuers, and this Postfix knows none: name them by --ca-file, or set smtp_tls_CAfile; without them ` +
      'no mail would be handed over'
    );
  for (const service of services.filter(isFront)) {
    const own = guarded.find((name) => service.options.has(name));
    if (own !== undefined)
      return (
        `the service ${service.name}/${service.type} in master.cf has its own ${own}, so that what main.cf says does not ` +
        'hold for it, and mail between the two hosts could loop: move it to main.cf'
      );
    if ((service.options.get('smtpd_proxy_filter') ?? value('smtpd_proxy_filter')) !== '')
      return (
        `${service.name}/${service.type} hands mail on by smtpd_proxy_filter, and so past what keeps it from looping: ` +
        'filter by a milter or content_filter instead'
      );
  }
  const jailed = services.find(({ command, chroot }) => chroot === 'y' && asksTables.includes(command));
  if (socket !== null && jailed !== undefined)
    return (
      `${jailed.name}/${jailed.type} in master.cf runs in a chroot and cannot see ${socket}: use a port, as ` +
      '--socketmap 127.0.0.1:8425, here and for the edge'
    );
  return null;
}

/** These ask the table themselves. */
const asksTables: readonly string[] = ['smtpd', 'trivial-rewrite'];

/** Where mail of other hosts comes in. */
const isFront = ({ name, type, command }: PostfixLook['services'][number]): boolean =>
  command === 'smtpd' && (type === 'pass' || (type === 'inet' && /^(.*:)?(25|smtp)$/.test(name)));

const knowsIssuers = (value: (name: string) => string): boolean =>
  value('smtp_tls_CAfile') !== '' ||
  value('smtp_tls_CApath') !== '' ||
  value('tls_append_default_CA') === 'yes';
