/** The words of domains and of the calendar of waves. The form for domains-de.ts. */
import type { Format } from '../format/format.ts';

export const domainsEn = (f: Format) => ({
  title: 'Domains',
  lead: 'The domains of all accounts, and how far each is.',
  empty: 'No domains yet. They come with the accounts that are entered.',
  more: 'Show more',
  across: (across: number, all: number) =>
    all === 0
      ? 'No accounts.'
      : `${f.count(across)} of ${f.one(all, 'account is', 'accounts are')} in step or across.`,
  messages: (done: string, total: string) => `${done} of ${total} messages`,
  noTeam: 'of no team',
  moreTeams: (n: number) => `and ${f.one(n, 'more team', 'more teams')}`,
  phases: {
    relayed: 'mail arrives at the old server',
    'cutting-over': 'is being cut over',
    primary: 'mail arrives at the new server',
    retired: 'old server is out of use',
  } as Readonly<Record<string, string>>,
  cutover: 'The cutover of a domain',
  later:
    'This release copies and keeps in step; it does not switch accounts yet. Once it does, and all accounts of a domain are across, the domain itself is led over from here:',
  laterSteps: [
    'what still stands against it, with the accounts it is about',
    'the records in the DNS as they are and as they should be: MX, SPF, DKIM, DMARC',
    'whether anything still arrives at the old server',
  ] as readonly string[],
});
export type DomainsWords = ReturnType<typeof domainsEn>;

export const calendarEn = (f: Format) => ({
  label: 'Calendar of waves',
  before: 'Month before',
  after: 'Next month',
  today: 'Today',
  day: (day: string, waves: number, accounts: number) =>
    waves === 0 ? day : `${day}: ${f.one(waves, 'wave', 'waves')}, ${f.one(accounts, 'account', 'accounts')}`,
  accounts: (n: number) => f.one(n, 'account', 'accounts'),
  all: 'Show all days',
  none: 'Nothing begins on this day.',
});
export type CalendarWords = ReturnType<typeof calendarEn>;
