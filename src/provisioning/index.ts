/** Accounts on new are made here, and addresses of old found. */
export type { AddressSource, ListedAddress } from './address-source.ts';
export { csvAddresses, passwdFileAddresses, programAddresses, sqlAddresses } from './address-sources.ts';
export { CommandHashes } from './command-hashes.ts';
export { CommandProvisioner } from './command-provisioner.ts';
export { Discovery, type DiscoveryResult } from './discovery.ts';
export type { HashReader } from './hash-reader.ts';
export { MailcowProvisioner } from './mailcow-provisioner.ts';
export { PasswdFileHashes } from './passwd-file.ts';
export type { Provisioner } from './provisioner.ts';
export { quoted } from './provisioning-error.ts';
export { type Provisioned, Provisioning, type ProvisioningLog } from './provisioning.ts';
export { endText, runProgram } from './run-program.ts';
export { SqlHashes } from './sql-hashes.ts';
export { SqlProvisioner } from './sql-provisioner.ts';
