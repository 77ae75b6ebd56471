export { lookAtCertificate } from './look-at-certificate.ts';
export { defaultConnectTimeoutMs, defaultIdleTimeoutMs } from './options.ts';
export { openImapStore } from './store.ts';
