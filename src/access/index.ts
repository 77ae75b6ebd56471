/** How people reach the side where their account lives. */
export {
  dovecotProxyFiles,
  type ProxiedService,
  proxiedServices,
  type ProxyTarget,
  standardPorts,
} from './dovecot-proxy.ts';
export { dovecotTrustFiles } from './dovecot-trust.ts';
export { keepingLogins, passdbsOf } from './site-passdbs.ts';
