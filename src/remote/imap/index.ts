export { defaultConnectTimeoutMs, defaultIdleTimeoutMs } from './options.ts';
export { openImapStore } from './store.ts';
