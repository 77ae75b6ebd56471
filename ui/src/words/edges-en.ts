/** The words of the edges on the mail hosts. The form for edges-de.ts. */
import type { Format } from '../format/format.ts';

export const edgesEn = (f: Format) => ({
  title: 'Edges',
  lead: 'An edge runs on a mail host and tells Dovecot and Postfix there where each account lives. While it cannot reach us, what it knows stays in force.',
  none: 'No edges yet. Add one for each mail host; it will appear here with how far it is.',
  enrolled: (epoch: number, latest: number) =>
    epoch >= latest
      ? latest === 1
        ? '1 change in force'
        : `All ${f.count(latest)} changes in force`
      : `${f.count(epoch)} of ${f.one(latest, 'change', 'changes')} in force`,
  seen: (moment: string | null) => (moment === null ? 'not seen yet' : `last seen ${moment}`),
  version: (version: string) => `version ${version}`,
  waits: (moment: string) => `Waits to be enrolled. Its code is good until ${moment}.`,
  ranOut: 'Its code ran out before anybody used it. Remove it, and add it anew.',
  findings: 'What it says is wrong',
  add: 'Add an edge',
  name: 'Name of the mail host',
  nameHint: 'Letters, digits, dots and dashes. The audit log names it so.',
  side: 'Server',
  create: 'Add',
  made: (name: string) => `Code for ${name}`,
  enrol: (moment: string) => `Good once, until ${moment}. On the mail host, with the code in a file:`,
  remove: 'Remove',
  removeAsk: (name: string) => `${name} learns of no more changes. What it has stays in force on its host.`,
  exists: 'There is an edge of this name already.',
  doctor: {
    of: (name: string) => `What the doctor found on ${name}`,
    waits: 'The doctor has not looked at this host yet.',
    well: (moment: string) => `Looked at ${moment}: nothing is wrong.`,
    looked: (moment: string, n: number) => `Looked at ${moment}: ${f.one(n, 'finding', 'findings')}.`,
    findings: 'What is wrong there',
    severity: { trouble: 'Trouble', warning: 'Warning', note: 'Note' },
    fix: 'What to do:',
    state: {
      applied: (what: string) => `${what} is told what it has to know`,
      drifted: (what: string) => `${what} was told, and has been changed since`,
      'not-applied': (what: string) => `${what} is not told yet`,
      unknown: (what: string) => `${what} was told by an earlier release: apply it again`,
    },
    commands: (what: string) => `Commands for ${what}`,
    print: (what: string) => `Shows what ${what} is told; on that host, as root`,
    apply: (what: string) => `Puts it in force; then reload ${what}`,
    leftOut: (n: number) => `${f.one(n, 'thing was', 'things were')} not looked at`,
  },
});
export type EdgesWords = ReturnType<typeof edgesEn>;
