/** Die Wörter der Edges auf den Mailservern. Die Form gibt edges-en.ts vor. */
import type { Format } from '../format/format.ts';
import type { EdgesWords } from './edges-en.ts';

export const edgesDe = (f: Format): EdgesWords => ({
  title: 'Edges',
  lead: 'Ein Edge läuft auf einem Mailserver und sagt Dovecot und Postfix dort, wo jedes Konto liegt. Solange er uns nicht erreicht, bleibt in Kraft, was er weiß.',
  none: 'Noch keine Edges. Fügen Sie für jeden Mailserver einen hinzu; hier steht dann, wie weit er ist.',
  enrolled: (epoch, latest) =>
    epoch >= latest
      ? latest === 1
        ? '1 Änderung ist in Kraft'
        : `Alle ${f.count(latest)} Änderungen sind in Kraft`
      : `${f.count(epoch)} von ${f.one(latest, 'Änderung', 'Änderungen')} in Kraft`,
  seen: (moment) => (moment === null ? 'noch nicht gesehen' : `zuletzt gesehen ${moment}`),
  version: (version) => `Version ${version}`,
  waits: (moment) => `Wartet darauf, eingetragen zu werden. Sein Code gilt bis ${moment}.`,
  ranOut: 'Sein Code ist abgelaufen, ohne benutzt zu werden. Entfernen Sie ihn, und fügen Sie ihn neu hinzu.',
  findings: 'Was er bemängelt',
  add: 'Edge hinzufügen',
  name: 'Name des Mailservers',
  nameHint: 'Buchstaben, Ziffern, Punkte und Striche. So nennt ihn das Protokoll.',
  side: 'Server',
  create: 'Hinzufügen',
  made: (name) => `Code für ${name}`,
  enrol: (moment) => `Gilt einmal, bis ${moment}. Auf dem Mailserver, mit dem Code in einer Datei:`,
  remove: 'Entfernen',
  removeAsk: (name) =>
    `${name} erfährt von keiner Änderung mehr. Was er hat, bleibt auf seinem Rechner in Kraft.`,
  exists: 'Einen Edge dieses Namens gibt es schon.',
  doctor: {
    of: (name) => `Befund zu ${name}`,
    waits: 'Auf diesem Mailserver wurde noch nicht nachgesehen.',
    well: (moment) => `Nachgesehen ${moment}: alles in Ordnung.`,
    looked: (moment, n) => `Nachgesehen ${moment}: ${f.one(n, 'Befund', 'Befunde')}.`,
    findings: 'Was dort nicht stimmt',
    severity: { trouble: 'Störung', warning: 'Warnung', note: 'Hinweis' },
    fix: 'Was zu tun ist:',
    state: {
      applied: (what) => `${what} ist eingerichtet`,
      drifted: (what) => `${what} war eingerichtet und wurde seither geändert`,
      'not-applied': (what) => `${what} ist noch nicht eingerichtet`,
      unknown: (what) => `${what} wurde von einer früheren Version eingerichtet: Wenden Sie es neu an`,
    },
    commands: (what) => `Befehle für ${what}`,
    print: (what) => `Zeigt, was ${what} gesagt wird; auf diesem Mailserver, als root`,
    apply: (what) => `Setzt es in Kraft; danach ${what} neu laden`,
    leftOut: (n) => `${f.one(n, 'Punkt wurde', 'Punkte wurden')} nicht angesehen`,
  },
});
