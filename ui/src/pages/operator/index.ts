/** The operator's pages, as one part that is loaded when the first of them is opened. */
export { Accounts } from './accounts.tsx';
export { Audit } from './audit.tsx';
export { Harbour } from './harbour.tsx';
export { Security } from './security.tsx';
export { Servers } from './servers.tsx';
export { Setup } from './setup.tsx';
export { Teams } from './teams.tsx';
export { Waves } from './waves.tsx';
