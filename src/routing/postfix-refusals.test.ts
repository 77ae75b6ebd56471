import { expect, it } from 'vitest';
import { refusalOf, type PostfixPlan } from './postfix-refusals.ts';

const plan: PostfixPlan = {
  side: 'new',
  delivery: 'lmtp:unix:private/dovecot-lmtp',
  deliversAll: false,
  tls: 'none',
  caFile: null,
  socket: null,
};
const service = (name: string, type: string, command: string, options: Record<string, string> = {}) => ({
  name,
  type,
  chroot: 'y',
  command,
  line: '',
  options: new Map(Object.entries(options)),
});
const services = [
  service('smtp', 'inet', 'smtpd'),
  service('submission', 'inet', 'smtpd', { smtpd_recipient_restrictions: '' }),
  service('127.0.0.1:10025', 'inet', 'smtpd', { smtpd_recipient_restrictions: 'permit_mynetworks,reject' }),
  service('rewrite', 'unix', 'trivial-rewrite'),
];

const refused = (
  more: Partial<PostfixPlan>,
  current: Record<string, string> = {},
  also: typeof services = [],
) => refusalOf({ ...plan, ...more }, { current, services: [...services, ...also] });

it('takes a site as Debian and most others have it', () => {
  expect(refused({})).toBeNull();
  expect(refused({ tls: 'verify' }, { smtp_tls_CApath: '/etc/ssl/certs' })).toBeNull();
  expect(refused({ side: 'old' }, { transport_maps: 'hash:/etc/postfix/transport' })).toBeNull();
});

it.each([
  ['no delivery', { delivery: 'virtual' }, /--deliver/],
  ['a delivery that is none', { delivery: 'error:mailboxes are elsewhere' }, /--deliver/],
  ['two deliveries', { delivery: 'lmtp:a lmtp:b' }, /--deliver/],
  ['TLS that verifies by nobody', { tls: 'verify' }, /--ca-file/],
  ['a socket that a chroot hides', { socket: '/run/edge' }, /127\.0\.0\.1/],
] as const)('refuses %s', (_, more, text) => {
  expect(refused(more)).toMatch(text);
});

it('refuses routes of its own on new, unless all mailboxes have one delivery', () => {
  const current = { transport_maps: 'ldap:/etc/backends' };
  expect(refused({}, current)).toMatch(/ldap:\/etc\/backends.*--deliver/);
  expect(refused({ deliversAll: true }, current)).toBeNull();
});

it('refuses what takes mail past the loop guard', () => {
  const front = (options: Record<string, string>) => [service('203.0.113.1:25', 'inet', 'smtpd', options)];
  expect(refused({}, {}, front({ smtpd_recipient_restrictions: 'permit' }))).toMatch(/main\.cf/);
  expect(refused({}, {}, front({ smtpd_proxy_filter: '127.0.0.1:10024' }))).toMatch(/milter/);
  expect(refused({}, { smtpd_proxy_filter: '127.0.0.1:10024' })).toMatch(/milter/);
  const behind = service('smtpd', 'pass', 'smtpd', { smtpd_relay_restrictions: 'permit' });
  expect(refused({}, {}, [behind])).toMatch(/smtpd\/pass/);
});
