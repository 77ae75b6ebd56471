/** Die Wörter der Domains und des Kalenders der Wellen. Die Form gibt domains-en.ts vor. */
import type { Format } from '../format/format.ts';
import type { CalendarWords, DomainsWords } from './domains-en.ts';

export const domainsDe = (f: Format): DomainsWords => ({
  title: 'Domains',
  lead: 'Die Domains aller Konten, und wie weit jede ist.',
  empty: 'Noch keine Domains. Sie kommen mit den Konten, die eingetragen werden.',
  more: 'Mehr zeigen',
  across: (across, all) =>
    all === 0
      ? 'Keine Konten.'
      : `${f.count(across)} von ${f.one(all, 'Konto ist', 'Konten sind')} auf gleichem Stand oder drüben.`,
  messages: (done, total) => `${done} von ${total} Nachrichten`,
  noTeam: 'ohne Team',
  moreTeams: (n) => `und ${f.one(n, 'weiteres Team', 'weitere Teams')}`,
  phases: {
    relayed: 'Post kommt beim bisherigen Server an',
    'cutting-over': 'wird gerade umgestellt',
    primary: 'Post kommt beim neuen Server an',
    retired: 'der bisherige Server ist außer Dienst',
  },
  cutover: 'Die Umstellung einer Domain',
  later:
    'Diese Version kopiert und hält auf gleichem Stand; sie schaltet noch keine Konten um. Sobald sie das tut und alle Konten einer Domain drüben sind, wird die Domain selbst von hier aus umgestellt:',
  laterSteps: [
    'was noch dagegen spricht, mit den Konten, um die es geht',
    'die Einträge im DNS, wie sie sind und wie sie sein sollen: MX, SPF, DKIM, DMARC',
    'ob beim bisherigen Server noch etwas ankommt',
  ],
});

export const calendarDe = (f: Format): CalendarWords => ({
  label: 'Kalender der Wellen',
  before: 'Monat davor',
  after: 'Nächster Monat',
  today: 'Heute',
  day: (day, waves, accounts) =>
    waves === 0 ? day : `${day}: ${f.one(waves, 'Welle', 'Wellen')}, ${f.one(accounts, 'Konto', 'Konten')}`,
  accounts: (n) => f.one(n, 'Konto', 'Konten'),
  all: 'Alle Tage zeigen',
  none: 'An diesem Tag beginnt nichts.',
});
