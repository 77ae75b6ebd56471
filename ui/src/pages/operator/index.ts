/** The operator's pages, as one part that is loaded when the first of them is opened. */
import '../../look/operator.css';

export { Accounts } from './accounts.tsx';
export { Audit } from './audit.tsx';
export { Domains } from './domains.tsx';
export { Harbour } from './harbour.tsx';
export { ProvisioningPage } from './provisioning/provisioning.tsx';
export { RefusedList } from './refused.tsx';
export { Security } from './security.tsx';
export { Servers } from './servers.tsx';
export { Settings } from './settings/settings.tsx';
export { Setup } from './setup/setup.tsx';
export { Teams } from './teams.tsx';
export { Waves } from './waves.tsx';
