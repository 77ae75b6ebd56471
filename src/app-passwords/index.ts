/** Passwords that the sync alone logs in with. */
export { AppPasswordKeeper, type AppPasswordSettings } from './app-password-keeper.ts';
export { DovecotHost } from './dovecot-host.ts';
export { DovecotSessions } from './dovecot-sessions.ts';
export { type DovecotFile, type DovecotSite, type DovecotVersion, dovecotFiles } from './dovecot-settings.ts';
export { dovecotUserFiles } from './dovecot-users.ts';
export { SessionCutter } from './session-cutter.ts';
