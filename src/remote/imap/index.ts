export { type CurrentCredentials, defaultConnectTimeoutMs, defaultIdleTimeoutMs } from './options.ts';
export { openImapStore } from './store.ts';
