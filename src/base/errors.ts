/**
 * The one table of errors. Each row says what the error spoils (scope), who may try again (retry), whose fault it is,
 * and what a person should do. Codes are stable: scripts and translations depend on them.
 */

/** What an error spoils; everything outside this scope goes on. */
export type ErrorScope = 'message' | 'mailbox' | 'account' | 'server' | 'process';
/** When a repeat can help: never by itself, later by itself, or after a person acted. */
export type ErrorRetry = 'never' | 'later' | 'after-operator';
export type ErrorFault = 'client' | 'old' | 'new' | 'server' | 'ours';

interface ErrorRow {
  readonly scope: ErrorScope;
  readonly retry: ErrorRetry;
  readonly fault: ErrorFault;
  /** What to do, in plain words; shown under the message. */
  readonly action: string;
}

const row = (scope: ErrorScope, retry: ErrorRetry, fault: ErrorFault, action: string): ErrorRow => ({
  scope,
  retry,
  fault,
  action,
});

export const errorTable = {
  // Usage and configuration: exit code 2.
  usage: row('process', 'never', 'client', 'Correct the command line; --help shows examples.'),
  'configuration-missing': row(
    'process',
    'never',
    'client',
    'Name the file with --config or MAILFERRY_CONFIG; `mailferry config example` prints one to begin with.',
  ),
  'configuration-invalid': row(
    'process',
    'never',
    'client',
    'Correct these lines; `mailferry config example` shows every key with what it may hold.',
  ),
  'url-invalid': row(
    'process',
    'never',
    'client',
    'Write the address as imaps://user%40example.org@host:993.',
  ),
  'state-foreign': row(
    'process',
    'never',
    'client',
    'Use another --state file: this one belongs to another pair of accounts.',
  ),
  'state-damaged': row(
    'process',
    'after-operator',
    'ours',
    'Move the state file away and run again: what is already on the new side is recognised and not copied twice.',
  ),
  'state-busy': row('process', 'later', 'client', 'Wait for the other run to end, or stop it.'),
  'state-full': row(
    'process',
    'after-operator',
    'ours',
    'Free space on the disk that holds the state file, then run again.',
  ),
  'state-unwritable': row(
    'process',
    'after-operator',
    'client',
    'Make the directory of the state file writable, or give another with --state.',
  ),
  'database-unreachable': row(
    'process',
    'later',
    'ours',
    'Check database.url, and that the PostgreSQL server runs and lets this machine in.',
  ),
  'database-login-refused': row(
    'process',
    'after-operator',
    'client',
    'Check the user in database.url and its password, and what the server allows that user.',
  ),
  'database-newer': row(
    'process',
    'never',
    'client',
    'Start the newer release: a schema is never taken back.',
  ),
  'database-busy': row(
    'process',
    'later',
    'client',
    'Stop the other process; several that share one database need PostgreSQL.',
  ),
  'database-damaged': row(
    'process',
    'after-operator',
    'ours',
    'Check database.url; if the file is the right one, restore it from a backup.',
  ),
  'database-unwritable': row(
    'process',
    'after-operator',
    'client',
    'Make room on its disk, and its directory and file writable for this user.',
  ),
  'key-file-unusable': row(
    'process',
    'after-operator',
    'client',
    'Give secrets.key_file a file with the key in base64, mode 0600, owned by the user that runs Mailferry.',
  ),
  'secret-unreadable': row(
    'account',
    'after-operator',
    'client',
    'Put back the key file that the secret was sealed with, or enter the secret again.',
  ),
  'secret-missing': row(
    'account',
    'after-operator',
    'client',
    'Import the account again with old_password or new_password (`mailferry accounts import`), or set master_user and master_password_file of that server in the configuration; then `mailferry sync retry`.',
  ),
  'app-password-pending': row(
    'account',
    'later',
    'ours',
    'It goes on by itself when the edge on the mail host has the change: `mailferry edge list` shows how far each is and what is wrong.',
  ),
  'access-token-missing': row(
    'account',
    'later',
    'client',
    'Look at what the program of access_tokens.command says, or at the file of access_tokens.file; it is asked again by itself.',
  ),
  'app-password-unknown': row('process', 'never', 'client', 'Check the id in the list of the account.'),
  'app-passwords-off': row(
    'process',
    'never',
    'client',
    'Name in [old.app_passwords] or [new.app_passwords] of the configuration the addresses that the workers log in from, then start the daemon again.',
  ),
  'token-file-unusable': row(
    'process',
    'after-operator',
    'client',
    'Give control.token_file a file with a token, mode 0600; `mailferry init` makes one.',
  ),
  'listen-failed': row(
    'process',
    'after-operator',
    'client',
    'Give control.listen, or socketmap of an edge, an address of this machine and a port that is free.',
  ),
  'same-account': row(
    'process',
    'never',
    'client',
    'Check --from and --to: an account is never copied into itself.',
  ),
  // The HTTP API.
  'request-invalid': row(
    'process',
    'never',
    'client',
    'Correct the request; /api/openapi.json and docs/reference/api.md say what each takes.',
  ),
  'request-too-large': row('process', 'never', 'client', 'Send less at once; a list may come in parts.'),
  'route-unknown': row('process', 'never', 'client', 'Check the path; /api/openapi.json lists all.'),
  'api-token-refused': row(
    'process',
    'after-operator',
    'client',
    'Give a token that is in force: that of control.token_file, or one from `mailferry token create`.',
  ),
  'scope-missing': row(
    'process',
    'after-operator',
    'client',
    'Use a token with this scope: `mailferry token create --scope`.',
  ),
  'too-many-attempts': row('process', 'later', 'client', 'Check the token, wait a minute, and try again.'),
  // People in the portal.
  'session-missing': row('process', 'never', 'client', 'Log in again: the session has ended.'),
  'session-unknown': row('process', 'never', 'client', 'Look at the list of sessions: this one has ended.'),
  'code-required': row(
    'process',
    'never',
    'client',
    'Give the six digits that your authenticator shows now.',
  ),
  'code-refused': row(
    'process',
    'never',
    'client',
    'Wait for the next code of your authenticator, and check that its clock is right.',
  ),
  'code-enrolment-required': row(
    'process',
    'after-operator',
    'client',
    'Set up an authenticator first: operators log in with a password and a code.',
  ),
  'old-unreachable': row(
    'process',
    'later',
    'old',
    'Try again in a few minutes: the old server cannot be asked now. Your mail is safe.',
  ),
  'request-foreign': row(
    'process',
    'never',
    'client',
    'Use the pages of the portal itself; behind a proxy set control.public_url to the address that people see.',
  ),
  'operator-exists': row(
    'process',
    'never',
    'client',
    'Use another login, or change the password of this one.',
  ),
  'operator-unknown': row(
    'process',
    'never',
    'client',
    'Check the login: `mailferry operator list` shows all.',
  ),
  'wave-unknown': row('process', 'never', 'client', 'Check the id: no wave that you may see has it.'),
  'webhook-unknown': row('process', 'never', 'client', 'Check the id: GET /api/v1/webhooks lists all.'),
  'team-exists': row(
    'process',
    'never',
    'client',
    'Use the team that is there, or another name: `mailferry team list` shows all.',
  ),
  'team-unknown': row(
    'process',
    'never',
    'client',
    'Check the name, or the id: `mailferry team list` shows all teams.',
  ),
  'control-unreachable': row(
    'process',
    'later',
    'client',
    'Is `mailferry serve` running? Else name the API with --api.',
  ),
  // Reaching a server: exit code 3.
  unreachable: row(
    'server',
    'later',
    'server',
    'Check host and port, and that the server is running and lets this machine in.',
  ),
  'dns-failed': row(
    'server',
    'later',
    'server',
    'Check the spelling of the host name and the DNS of this machine.',
  ),
  'connection-lost': row('server', 'later', 'server', 'Run again; what was copied is kept.'),
  'connect-timeout': row(
    'server',
    'later',
    'server',
    'Check host, port and firewall: nothing answered in time.',
  ),
  'not-imap': row(
    'server',
    'after-operator',
    'client',
    'Check the port: what answers there is not an IMAP server.',
  ),
  'tls-to-plaintext': row(
    'server',
    'after-operator',
    'client',
    'This port does not speak TLS: use imap:// (STARTTLS), or the port for imaps (usually 993).',
  ),
  'plaintext-to-tls': row(
    'server',
    'after-operator',
    'client',
    'This port expects TLS at once: use imaps://.',
  ),
  'starttls-missing': row(
    'server',
    'after-operator',
    'server',
    'Use imaps://, or --allow-plaintext if the line to this server is safe.',
  ),
  'certificate-invalid': row(
    'server',
    'after-operator',
    'server',
    'Mend the certificate, or name its issuer with --ca-file, or pin it with --tls-fingerprint.',
  ),
  'pin-mismatch': row(
    'server',
    'after-operator',
    'server',
    'Compare it with the fingerprint read on the server itself (openssl x509 -noout -fingerprint -sha256 -in CERTIFICATE). If it is the same, give it with --tls-fingerprint; if not, somebody stands between.',
  ),
  'tls-failed': row(
    'server',
    'after-operator',
    'server',
    'Server and Mailferry share no safe version or cipher of TLS: let the server offer TLS 1.2 or later.',
  ),
  'server-blocked': row(
    'server',
    'later',
    'server',
    'The server refuses this machine for now: wait, or have this address allowed.',
  ),
  'too-many-connections': row(
    'account',
    'later',
    'server',
    'Close other programs that use the account, or give --connections 1.',
  ),
  'server-unavailable': row(
    'server',
    'later',
    'server',
    'The server says it cannot serve now: run again later.',
  ),
  throttled: row(
    'account',
    'later',
    'server',
    'The server slows us down: run again later, or use --max-rate.',
  ),
  // Logging in: exit code 3.
  'login-refused': row(
    'account',
    'after-operator',
    'client',
    'Check user name and password; it is tried once only, so that nothing gets locked.',
  ),
  'token-refused': row(
    'account',
    'after-operator',
    'client',
    'Fetch a new token for this very account and run again; most are good for an hour only.',
  ),
  'account-locked': row(
    'account',
    'after-operator',
    'server',
    'Ask the provider to unlock or enable the account.',
  ),
  'login-method-missing': row(
    'server',
    'after-operator',
    'server',
    'The server offers no way to log in that fits: try TLS or another ;AUTH=.',
  ),
  // An account of the daemon.
  'account-exists': row(
    'account',
    'never',
    'client',
    'Use the account that is there, or give another address.',
  ),
  'account-unknown': row(
    'account',
    'never',
    'client',
    'Check the address, or the id: `mailferry accounts list` shows all accounts with their addresses.',
  ),
  'import-refused': row(
    'process',
    'never',
    'client',
    'Correct these rows and import the list again: nothing of it was taken in.',
  ),
  'edge-code-refused': row(
    'process',
    'after-operator',
    'client',
    'Ask for a new code: `mailferry edge add` prints one that is good for a day, once.',
  ),
  'edge-control-unreachable': row(
    'process',
    'later',
    'ours',
    'Check the address of control, its certificate, and that this host may reach it; what is in force here stays so.',
  ),
  'edge-token-refused': row(
    'process',
    'after-operator',
    'client',
    'The edge was removed: `mailferry edge add` gives a new code, and `mailferry edge enrol` uses it.',
  ),
  'edge-not-enrolled': row(
    'process',
    'after-operator',
    'client',
    'Run `mailferry edge enrol` first, as the user that runs the edge, with the same --directory.',
  ),
  'edge-exists': row(
    'process',
    'never',
    'client',
    'Give the edge another name, or remove the one that has it: `mailferry edge list`.',
  ),
  'edge-unknown': row('process', 'never', 'client', 'Check the id: `mailferry edge list` shows all.'),
  'dovecot-refused': row(
    'process',
    'never',
    'ours',
    'Nothing was changed. See what Dovecot says; run it as root, on the host whose Dovecot it is.',
  ),
  'postfix-refused': row(
    'process',
    'never',
    'ours',
    'Nothing was changed. See what Postfix says; run it as root, on the host whose Postfix it is.',
  ),
  'route-table-unwritable': row(
    'process',
    'later',
    'ours',
    "Make the edge's directory writable for it, and install Postfix with LMDB tables (postfix-lmdb on Debian); mail goes on by the last table meanwhile.",
  ),
  // Accounts on new, and addresses on old.
  'provisioning-off': row(
    'process',
    'never',
    'client',
    'Say in [new.provisioning] of the configuration who makes accounts on new, then start the daemon again.',
  ),
  'provisioning-pending': row(
    'account',
    'later',
    'new',
    'Nothing to do: it is tried again by itself. `mailferry provision ADDRESS` tries at once and shows what the new side says.',
  ),
  'provisioning-refused': row(
    'account',
    'after-operator',
    'new',
    'See what the new side says, mend it there or in [new.provisioning], then `mailferry provision ADDRESS`.',
  ),
  'account-vanished': row(
    'account',
    'after-operator',
    'old',
    'Look at old whether the account was deleted by mistake: while others depend on it, it has to stay. Nothing was changed on new.',
  ),
  'discovery-off': row(
    'process',
    'never',
    'client',
    'Say in [old.discovery] of the configuration where the list of addresses comes from, then start the daemon again.',
  ),
  'discovery-failed': row(
    'process',
    'later',
    'old',
    'Look at the source of the list in [old.discovery]; until it can be read, nobody is adopted and nobody is missed.',
  ),
  'discovery-stopped': row(
    'process',
    'after-operator',
    'old',
    'See whether the list in [old.discovery] is whole: so many accounts missing at once are not believed.',
  ),
  'token-unknown': row('process', 'never', 'client', 'Check the id: `mailferry token list` shows all.'),
  'refused-unknown': row(
    'message',
    'never',
    'client',
    'Look at the list of refused messages again: this one was carried over meanwhile, or never was on it.',
  ),
  'phase-refused': row(
    'account',
    'never',
    'client',
    'Look where the account stands: this step comes at another time.',
  ),
  'lease-lost': row('account', 'later', 'ours', 'Nothing to do: another worker goes on with the account.'),
  'check-failed': row(
    'account',
    'after-operator',
    'new',
    'Retry; if it stays so, `mailferry report` names the messages that are missing.',
  ),
  // A mailbox.
  'mailbox-unusable': row(
    'mailbox',
    'later',
    'server',
    'The server lists the mailbox but does not open it: check it on the server, then run again.',
  ),
  'mailbox-not-created': row(
    'mailbox',
    'after-operator',
    'new',
    'Create the mailbox on the new side or map it to another with --map OLD=NEW.',
  ),
  'mailbox-removed-on-new': row(
    'mailbox',
    'after-operator',
    'client',
    'Create the mailbox again on the new side, or leave it out with --exclude.',
  ),
  'deletions-stopped': row(
    'account',
    'after-operator',
    'client',
    'Unusually much vanished on the old side; look there, then run with --confirm-deletions.',
  ),
  // A message.
  'message-too-large': row(
    'message',
    'after-operator',
    'new',
    'Raise the size limit on the new server, then run again; with --retry-refused if the server announces no limit.',
  ),
  'over-quota': row('account', 'after-operator', 'new', 'Raise the quota on the new server, then run again.'),
  'message-refused': row(
    'message',
    'after-operator',
    'new',
    'Look at the reason; run again with --retry-refused when it is mended.',
  ),
  'temporarily-refused': row(
    'message',
    'later',
    'new',
    'The new server says "later" to this message each time; the next run tries it again by itself.',
  ),
  'message-unreadable': row(
    'message',
    'later',
    'old',
    'The old server does not deliver this message; try to open it there in a mail program.',
  ),
  'download-too-large': row(
    'message',
    'never',
    'client',
    'Open the message on the old server in a mail program: it is too large for the portal.',
  ),
  'outcome-unknown': row(
    'message',
    'after-operator',
    'new',
    'It is not certain whether this message arrived; look for it on the new side.',
  ),
  // The protocol.
  'protocol-violation': row(
    'server',
    'later',
    'server',
    'The server broke the protocol; if it happens again, report its name and version.',
  ),
  'limit-exceeded': row(
    'server',
    'never',
    'server',
    'The server sent more than any honest answer needs; the connection was closed.',
  ),
  'command-refused': row('mailbox', 'later', 'server', 'The server refused a command; see its answer.'),
  interrupted: row('process', 'later', 'client', 'Run the same command again: it goes on where it stopped.'),
  internal: row(
    'process',
    'never',
    'ours',
    'This is a defect of Mailferry; please report it with the text above.',
  ),
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof errorTable;
/** One of the two mail servers, where an error can be laid at its door. */
export type ErrorSide = 'old' | 'new';

export interface ErrorDetails {
  readonly side?: ErrorSide | undefined;
  readonly cause?: unknown;
  /** The server's own words, already cleaned of control characters. */
  readonly serverText?: string | undefined;
  /** The server asks for this pause before the next try ("Suggested Backoff Time"). */
  readonly retryAfterMs?: number | undefined;
  /** The answer to a login: it may be about this account alone, whatever its code says of servers. */
  readonly atLogin?: boolean | undefined;
}

/** The only error class that crosses a module border; `code` is a row of `errorTable`. */
export class MailferryError extends Error {
  readonly code: ErrorCode;
  readonly side: ErrorSide | undefined;
  readonly serverText: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly atLogin: boolean;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'MailferryError';
    this.code = code;
    this.side = details.side;
    this.serverText = details.serverText;
    this.retryAfterMs = details.retryAfterMs;
    this.atLogin = details.atLogin ?? false;
  }

  get scope(): ErrorScope {
    return errorTable[this.code].scope;
  }

  get retry(): ErrorRetry {
    return errorTable[this.code].retry;
  }

  get action(): string {
    return errorTable[this.code].action;
  }
}

/** Whether `error` is ours and, when codes are given, has one of them. */
export function isMailferryError(error: unknown, ...codes: readonly ErrorCode[]): error is MailferryError {
  return error instanceof MailferryError && (codes.length === 0 || codes.includes(error.code));
}
