export { defaultConnectTimeoutMs, defaultIdleTimeoutMs, type ImapStoreOptions } from './options.ts';
export { openImapStore } from './store.ts';
