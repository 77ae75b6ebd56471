/** The words of an account's app passwords. The form for app-passwords-de.ts. */
import type { Format } from '../format/format.ts';

export const appPasswordsEn = (f: Format) => ({
  title: 'App passwords',
  lead: 'The sync signs in for this account with these. Each is good on one server, from the addresses of the workers, and for nothing else.',
  off: 'There are none here: the configuration names no addresses of workers in old.app_passwords or new.app_passwords.',
  none: 'None is in force. The sync makes one when it needs it.',
  made: 'Made',
  until: 'Good until',
  used: 'Last used',
  notUsed: 'not yet',
  from: 'Only from',
  id: 'Id',
  make: 'Make one',
  makeAsk: 'The sync gets a password of its own for this account there. The audit log names you.',
  renew: 'Renew',
  renewAsk:
    'Another one is made. The one before runs out within a minute, and what it has open is cut; the sync goes on by itself.',
  revoke: 'Revoke',
  revokeAsk:
    'It is refused within seconds, and what it has open is cut within a minute. Where the sync still needs one, it makes another by itself.',
  earlier: (n: number) => `Earlier ones: ${f.count(n)}`,
  revoked: (moment: string) => `revoked ${moment}`,
  ranOut: (moment: string) => `ran out ${moment}`,
});
export type AppPasswordWords = ReturnType<typeof appPasswordsEn>;
