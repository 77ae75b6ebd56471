/** The words of the set-up assistant. The form for setup-de.ts. */
import type { Format } from '../format/format.ts';

/** What happened, and what to do about it. */
type Fault = readonly [what: string, action: string];

export const setupEn = (f: Format) => {
  const accounts = (n: number): string => f.one(n, 'account', 'accounts');
  return {
    title: 'Set-up',
    lead: 'Four steps, in any order, and again whenever you like. Nothing moves before the last one.',
    steps: { label: 'Steps', servers: 'Servers', login: 'Login', accounts: 'Accounts', start: 'Start' },
    done: 'done',
    next: 'On to the next step',
    servers: {
      lead: 'Try both servers. Nothing is changed there, and nothing that you type here is kept: the servers themselves stand in the configuration.',
      configured: (host: string, port: number) => `Configured: ${host}, port ${port}.`,
      seen: (moment: string) => `Last reached ${moment}.`,
      limits: (connections: string, each: string) =>
        `At most ${connections} connections, ${each} for one account.`,
      budgets: 'Change these limits',
      host: 'Host name',
      port: 'Port',
      tls: 'Encryption',
      implicit: 'TLS from the start (993)',
      starttls: 'STARTTLS (143)',
      none: 'None',
      user: 'A login to try, if you like',
      password: 'Its password',
      test: 'Try it',
      testing: 'Trying',
      ok: 'It answers.',
      loggedIn: 'It answers, and the login works.',
      noLogin: 'Only with a login does it say what it can do.',
      says: (text: string) => `In detail: ${text}`,
      can: 'What it can do',
      raw: 'All that it announces',
      limit: (bytes: string) => `Takes messages of up to ${bytes}.`,
      noLimit: 'Names no largest message.',
      abilities: {
        notify: 'Tells of every change in all mailboxes at once.',
        idle: 'Tells of new mail in the inbox at once; other mailboxes are looked at every few minutes.',
        poll: 'Tells of nothing by itself: it is asked every few minutes.',
        modseq: 'Says which marks have changed, so that nothing has to be looked through.',
        noModseq:
          'Does not say which marks have changed: all are compared, which is slower in large mailboxes.',
        uids: 'Says where it put a message, so that nothing is in doubt after an interruption.',
        noUids: 'Does not say where it put a message: after an interruption each is looked for.',
        many: 'Takes messages without being asked first, which is quick.',
        one: 'Wants to be asked before each message, which is slower over a long line.',
        roles: 'Knows which mailbox is for sent mail, drafts and so on.',
        noRoles: 'Does not say which mailbox is for sent mail or drafts: this is told by their names.',
      },
    },
    certificate: {
      title: 'Its certificate',
      good: 'Trusted.',
      bad: 'Not trusted.',
      subject: 'For',
      issuer: 'Issued by',
      valid: 'Valid',
      from: (from: string, to: string) => `${from} to ${to}`,
      fingerprint: 'SHA-256 fingerprint',
      why: {
        self: 'It is its own issuer, so nobody vouches for it.',
        issuer: 'Its issuer is not one that this machine trusts.',
        expired: 'Its time has run out.',
        name: 'It is not for this host name.',
        pin: 'It is another one than the configuration names.',
        other: 'It could not be checked.',
      },
      expiredTo: 'The server needs a new certificate.',
      nameTo: 'Use one of the names that it is for:',
      caTo: 'If the issuer is your own, put its certificate on this machine and name the file in the configuration:',
      pinTo:
        'Or take exactly this certificate. Compare the fingerprint on the server itself first, for from then on nothing else is checked:',
      restart: 'Then start Mailferry anew and try once more.',
      copy: 'Copy',
      copied: 'Copied.',
      marked: 'It is selected: copy it with the keyboard.',
      snippet: 'For the configuration',
    },
    faults: {
      unreachable: [
        'Nobody answers there.',
        'Look at name and port, and whether a firewall lets this machine through.',
      ],
      'dns-failed': ['There is no such host name.', 'Look at how it is written.'],
      'connect-timeout': [
        'It did not answer in time.',
        'A firewall may swallow the connection; look at name and port.',
      ],
      'not-imap': ['What answers there does not speak IMAP.', 'Look at the port: 993, or 143 with STARTTLS.'],
      'tls-to-plaintext': ['This port begins without encryption.', 'Choose STARTTLS, or port 993.'],
      'plaintext-to-tls': ['This port begins with encryption.', 'Choose TLS from the start.'],
      'starttls-missing': [
        'It offers no encryption on this port.',
        'Choose TLS from the start on port 993, or have the server offer STARTTLS.',
      ],
      'certificate-invalid': ['Its certificate is not trusted.', 'Below you see why, and what to do.'],
      'pin-mismatch': [
        'It shows another certificate than the configuration names.',
        'Find out whether it was renewed; below you see it.',
      ],
      'tls-failed': [
        'The encryption did not come about.',
        'The server may be too old for TLS 1.2; its log says more.',
      ],
      'connection-lost': ['It closed the connection.', 'Try once more; its log says why.'],
      'server-blocked': [
        'It has blocked this machine for a while.',
        'Take the block away there, and let this machine through for good.',
      ],
      'too-many-connections': [
        'It takes no more connections from here.',
        'Raise its limit for this machine.',
      ],
      'server-unavailable': ['It is busy or being serviced.', 'Try again in a few minutes.'],
      'login-refused': ['It answers, but refuses the login.', 'Look at login and password.'],
      'account-locked': ['It answers, but this account is locked.', 'Unlock it there, or try another one.'],
      'login-method-missing': [
        'It answers, but offers no way to log in that fits.',
        'Have it allow PLAIN over an encrypted line.',
      ],
    } as Readonly<Record<string, Fault>>,
    otherFault: ['It could not be tried.', 'The daemon’s log says more.'] as Fault,
    login: {
      lead: 'How Mailferry gets at the mailboxes. A master user logs in on behalf of every account; accounts that bring a password of their own in the list use that.',
      configured: (login: string) => `The configuration names ${login}. It is changed there.`,
      stored: (login: string) => `${login} is in use; the password is kept sealed.`,
      none: 'Nobody is named. Then every account needs a password of its own in the list.',
      user: 'Master user',
      password: 'Password',
      save: 'Keep it',
      saved: 'Kept.',
      forget: 'Forget it',
      forgetAsk: 'Accounts without a password of their own stop with a note until another one is named.',
      keep: 'Leave as it is',
    },
    accounts: {
      lead: 'A list of the accounts, as CSV. It is checked as a whole before anything is entered; the same list again changes nothing.',
      have: (n: number) => `${accounts(n)} are entered.`,
      file: 'Choose a CSV file',
      columns: 'What the list looks like',
      columnsText:
        'The first line names the columns; only address has to be there. Passwords are kept sealed and never shown.',
      checking: 'The list is being checked.',
      good: (added: number, updated: number, same: number) =>
        `The list is in order: ${accounts(added)} new, ${f.count(updated)} changed, ${f.count(same)} as before. Nothing is entered yet.`,
      take: (n: number) => `Enter ${accounts(n)}`,
      same: 'Everything in the list is entered already.',
      taken: (added: number, updated: number) =>
        `Entered: ${accounts(added)} new, ${f.count(updated)} changed.`,
      bad: (n: number) =>
        `${f.one(n, 'thing is', 'things are')} wrong with the list, so nothing of it was entered.`,
      line: 'Line',
      column: 'Column',
      what: 'What is wrong',
      allowed: 'What may stand there',
      more: (n: number) => `and ${f.count(n)} more`,
      large: 'The file is larger than 32 MB. Please take in the list in parts.',
    },
    start: {
      lead: 'Copying begins and both sides are kept in step from then on. Nobody is switched, and nothing changes on the old server. Begin with one team and look at its report.',
      whom: 'Whom',
      team: 'One team',
      all: 'All accounts',
      choose: 'Choose a team',
      will: (n: number) => (n === 1 ? '1 account will begin.' : `${accounts(n)} will begin.`),
      wont: (n: number) => `${accounts(n)} have begun already or cannot.`,
      nobody: 'There is nobody who could begin.',
      none: 'There are no accounts yet. Enter them in the step before.',
      go: (n: number) => `Start ${accounts(n)}`,
      begun: (n: number) => `${accounts(n)} have begun.`,
      harbour: 'Watch it in the harbour',
    },
  };
};
export type SetupWords = ReturnType<typeof setupEn>;
