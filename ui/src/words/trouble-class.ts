/**
 * In which of the classes that people can act on a code of trouble is. As src/domain/trouble.ts has them, which a test
 * compares: there are words for each class, and a code that is added there is not without any here.
 */
export type TroubleClass =
  | 'wrong-password'
  | 'locked'
  | 'throttled'
  | 'unreachable'
  | 'over-quota'
  | 'deletions-stopped'
  | 'mailbox-removed'
  | 'mailbox-missing'
  | 'not-equal'
  | 'secret'
  | 'not-provisioned'
  | 'vanished'
  | 'database'
  | 'server'
  | 'defect';

const classes: Readonly<Record<TroubleClass, readonly string[]>> = {
  'wrong-password': ['login-refused', 'token-refused'],
  locked: ['account-locked'],
  throttled: ['throttled', 'too-many-connections', 'server-blocked'],
  unreachable: [
    'unreachable',
    'dns-failed',
    'connection-lost',
    'connect-timeout',
    'server-unavailable',
    'protocol-violation',
    'command-refused',
    // Its edge does not answer yet: it goes on by itself.
    'app-password-pending',
    // Who gives out tokens has none right now.
    'access-token-missing',
    // What makes accounts on new does not answer right now.
    'provisioning-pending',
  ],
  'over-quota': ['over-quota'],
  'deletions-stopped': ['deletions-stopped'],
  'mailbox-removed': ['mailbox-removed-on-new'],
  'mailbox-missing': ['mailbox-unusable', 'mailbox-not-created'],
  'not-equal': ['check-failed'],
  secret: ['secret-unreadable', 'secret-missing'],
  'not-provisioned': ['provisioning-refused'],
  vanished: ['account-vanished'],
  database: [
    'database-unreachable',
    'database-login-refused',
    'database-newer',
    'database-busy',
    'database-damaged',
    'database-unwritable',
  ],
  server: [
    'not-imap',
    'tls-to-plaintext',
    'plaintext-to-tls',
    'starttls-missing',
    'certificate-invalid',
    'pin-mismatch',
    'tls-failed',
    'login-method-missing',
    'limit-exceeded',
    'same-account',
  ],
  defect: [],
};

/** What is not in the table is a defect of ours. */
export function troubleClassOf(code: string): TroubleClass {
  const found = (Object.keys(classes) as TroubleClass[]).find((one) => classes[one].includes(code));
  return found ?? 'defect';
}

/** All that an account can want attention for. */
export const troubleCodes: readonly string[] = [...Object.values(classes).flat(), 'internal'];
