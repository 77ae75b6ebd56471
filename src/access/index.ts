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
export { type AccessLimits, AccessProxy, defaultAccessLimits, type ListenAt } from './access-proxy.ts';
export type { Backend } from './backend.ts';
export type { Destination } from './proxy-session.ts';
