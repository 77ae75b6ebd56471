import { expect, it } from 'vitest';
import { postfixSettings } from './postfix-settings.ts';
import type { PostfixSite } from './postfix-site.ts';

const site = (more: Partial<PostfixSite>): PostfixSite => ({
  side: 'new',
  peer: { host: 'old.example', port: 25 },
  peerAddresses: ['192.0.2.7'],
  table: 'proxy:pgsql:/etc/postfix/mailferry/routes.cf',
  pgsql: null,
  rest: null,
  domains: 'proxy:pgsql:/etc/postfix/mailferry/routes.cf',
  files: '/etc/postfix/mailferry',
  delivery: 'lmtp:unix:private/lmtp',
  deliversAll: false,
  tls: 'may',
  caFile: null,
  connections: 20,
  soften: true,
  closed: true,
  chroot: 'y',
  lmtpChroot: '-',
  postscreen: false,
  current: {},
  ...more,
});
const proxied = (current: Readonly<Record<string, string>>, more: Partial<PostfixSite> = {}) =>
  postfixSettings(site({ current, ...more })).main.find(({ name }) => name === 'proxy_read_maps');

it('a table that proxymap may not read would put off all mail: it is allowed where the site has a list of its own', () => {
  expect(proxied({ proxy_read_maps: 'proxy:mysql:/etc/postfix/users.cf' })).toMatchObject({
    how: 'back',
    value: 'proxy:pgsql:/etc/postfix/mailferry/routes.cf',
  });
  for (const named of ['$transport_maps', '${transport_maps}', '$(transport_maps)'])
    expect(proxied({ proxy_read_maps: `$virtual_mailbox_maps ${named}` })).toBeUndefined();
  expect(proxied({ proxy_read_maps: '' }, { table: 'lmdb:/var/lib/transport' })).toBeUndefined();
});

it('what proxymap reads stands as an element of its own in transport_maps, since it looks into no pipemap', () => {
  const routes = postfixSettings(site({})).main.find(({ name }) => name === 'transport_maps');
  expect(routes?.value.split(', ')).toContain('proxy:pgsql:/etc/postfix/mailferry/routes.cf');
});
