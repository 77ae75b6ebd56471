/** Services in master.cf: towards the peer, and the delivery of what it relayed. Pure. */
import {
  hasOwnDelivery,
  heloPrefix,
  type PostfixSite,
  type ServiceSetting,
  servicesOf,
} from './postfix-site.ts';

/** Of the side. */
export function servicesFor(site: PostfixSite): ServiceSetting[] {
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
