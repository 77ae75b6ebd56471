/** The words of the page on accounts that are made on new and addresses that are found on old. The form for provisioning-de.ts. */
import type { Format } from '../format/format.ts';

type Table = Readonly<Record<string, string>>;

export const provisioningEn = (f: Format) => {
  const accounts = (n: number): string => f.one(n, 'account', 'accounts');
  return {
    title: 'Making accounts',
    lead: 'Accounts that Mailferry makes on the new server, and addresses that it finds on the old one.',
    more: 'Show more',
    making: {
      title: 'Accounts on the new server',
      lead: 'Each account is made before its first copy, with the password that it has on the old server.',
      off: 'Mailferry makes no accounts here: they have to be on the new server before they are started. To have them made, say in the configuration by whom, then start the daemon again:',
      by: 'Made by',
      adapters: {
        sql: 'Dovecot reads them from the edge',
        command: 'a program of yours',
        mailcow: 'mailcow, by its API',
      } as Table,
      passwords: 'Passwords',
      copied: (from: string) => `copied from old (${from})`,
      copiedFrom: {
        'passwd-file': 'passwd-file',
        sql: 'its database',
        command: 'a program of yours',
      } as Table,
      captured: 'given by owners in the portal',
      noPasswords: 'none',
      made: 'Made',
      waiting: 'Waiting',
      failed: 'Failed',
      bare: 'Without a password',
      asked: (n: number) => `${f.count(n)} asked by mail`,
      noMails: 'Their owners are not written to.',
      mails: (most: number, days: number) =>
        most === 1
          ? 'Their owners are asked by one mail to give theirs in the portal.'
          : `Their owners are asked by mail to give theirs in the portal, and once more after ${f.one(days, 'day', 'days')}.`,
    },
    test: {
      button: 'Test it',
      testing: 'Testing',
      works: 'It answers, and would make accounts.',
      fails: 'It would make no accounts now.',
      says: (text: string) => `It says: ${text}`,
      todo: {
        'provisioning-pending':
          'See whether it runs and can be reached from here, and whether its key is good. Then test again. Accounts that wait are tried again by themselves.',
        'provisioning-refused':
          'Mend there what it says, or in [new.provisioning] of the configuration, then test again.',
      } as Table,
      todoElse: 'Look into the log of the daemon; it names the cause.',
    },
    check: {
      title: 'What would be done',
      lead: 'Nothing is changed by this.',
      address: 'Address of an account',
      missing: 'Please enter the address of one of your accounts.',
      button: 'Check it',
      unknown: (name: string) => `There is no account ${name}.`,
      asItIs: 'All is so already; nothing would be done.',
      would: (what: string) => `Would be done: ${what}.`,
      wouldFail: 'It would not work.',
    },
    changes: {
      create: 'the account is made',
      quota: 'its quota is set',
      password: 'its password is set',
      'call the program': 'the program is called',
    } as Table,
    alias: (address: string) => `the address ${address} is added`,
    origins: {
      copied: 'Password: copied from the old server.',
      captured: 'Password: as its owner gave it in the portal.',
      none: 'Password: nobody knows it. Mail and the sync work; its owner cannot log in on new yet.',
      locked: 'Password: none. The old server lets nobody log in to it.',
    } as Table,
    lists: {
      label: 'Accounts shown',
      trouble: (n: number) => `Not made as they should be (${f.count(n)})`,
      'without-password': (n: number) => `Without a password (${f.count(n)})`,
      noTrouble: 'Every account could be made. If one ever cannot, it stands here with the answer.',
      noneBare: 'Every account that was made has a password.',
      account: 'Account',
      answer: 'What the other side says',
      state: 'What happens next',
      again: 'Try again',
      againAll: (n: number) => `Try all ${f.count(n)} again`,
      next: (moment: string) => `tried again by itself ${moment}`,
      act: 'waits for somebody to act',
      tries: (n: number) => `tried ${f.one(n, 'time', 'times')}`,
      isThere: 'is there; the last look did not go well',
      done: (made: number, not: number) =>
        `${accounts(made)} ${made === 1 ? 'is' : 'are'} as they should be.${not === 0 ? '' : ` ${accounts(not)} still ${not === 1 ? 'is' : 'are'} not.`}`,
      mail: 'Mail to its owner',
      mailed: (n: number, moment: string) => `${f.one(n, 'mail', 'mails')}, the last ${moment}`,
      notMailed: 'not yet',
      locked: 'locked on the old server: nobody is written to',
    },
    found: {
      title: 'Addresses on the old server',
      lead: 'Addresses that are created there become accounts by themselves. Those that vanish are told, and nothing is changed.',
      off: 'Addresses are not looked for here: accounts come by import alone. To have them found, say in the configuration where the list is, then start the daemon again:',
      source: 'Source',
      sources: {
        'passwd-file': 'passwd-file of Dovecot',
        sql: 'a database',
        doveadm: 'doveadm',
        command: 'a program of yours',
        csv: 'a list (CSV)',
      } as Table,
      look: 'Last look',
      never: 'not yet',
      listed: 'In the list',
      adopted: 'Adopted',
      vanished: 'Vanished',
      missing: 'Missing once',
      good: (moment: string) => `The last good look was ${moment}.`,
      noGood: 'No look has come to its end yet.',
      vanishedNotice: (n: number) =>
        `${accounts(n)} ${n === 1 ? 'is' : 'are'} no longer in the list of the old server. Nothing was changed. While others of a domain have not moved, its accounts have to stay on the old server: see whether somebody deleted ${n === 1 ? 'it' : 'them'} there.`,
      faults: {
        'discovery-failed':
          'The list could not be read. Nobody is adopted and nobody is missed until it can.',
        'discovery-stopped':
          'The list is not believed, because it is empty or lacks many accounts at once. Nothing was changed. See whether it is whole.',
        'discovery-off': 'Addresses are not looked for here.',
      } as Table,
      now: 'Look now',
      looking: 'Looking',
      only: 'Only check',
      done: (listed: string, adopted: number) =>
        `${listed} in the list, ${adopted === 0 ? 'none of them new' : `${accounts(adopted)} adopted`}.`,
      would: (listed: string, adopted: number) =>
        `${listed} in the list, ${adopted === 0 ? 'none of them new' : `${accounts(adopted)} would be adopted`}. Nothing was changed.`,
      addresses: (n: number) => f.one(n, 'address', 'addresses'),
      aliasesNow: (n: number) => `${f.one(n, 'new alias', 'new aliases')} of known accounts.`,
      missingNow: (n: number) =>
        `${accounts(n)} not in it for the first time; told if also the next list lacks ${n === 1 ? 'it' : 'them'}.`,
      vanishedNow: (n: number) => `${accounts(n)} no longer in it.`,
      returnedNow: (n: number) => `${accounts(n)} in it again.`,
      skipped: 'Passed over:',
      lists: 'Addresses shown',
      list: {
        vanished: (n: number) => `Vanished (${f.count(n)})`,
        adopted: (n: number) => `Adopted (${f.count(n)})`,
        missing: (n: number) => `Missing once (${f.count(n)})`,
      },
      none: {
        vanished: 'No account has vanished from the old server. If one ever does, it stands here.',
        adopted: 'What is created on the old server from now on will appear here.',
        missing: 'No account is missing in the list.',
      },
      address: 'Address',
      since: { vanished: 'Missing since', adopted: 'Adopted', missing: 'Missing since' },
    },
  };
};
export type ProvisioningWords = ReturnType<typeof provisioningEn>;
