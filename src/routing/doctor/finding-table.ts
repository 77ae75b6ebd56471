/** The one table of what the doctor of a mail host may find: how bad it is, what it means, and what to do. Pure. */
import type { HostFinding, LeftOutCheck } from '../../domain/host-report.ts';
import type { Words } from '../../domain/trouble.ts';
import type { Check, LeftOutReason } from './facts.ts';
import type { FindingRow } from './finding-row.ts';
import { hostFindings } from './host-findings.ts';
import { postfixFindings } from './postfix-findings.ts';

const table = { ...postfixFindings, ...hostFindings };

export type FindingCode = keyof typeof table;

export const findingTable: Readonly<Record<FindingCode, FindingRow>> = table;

type Locale = keyof Words;

export function finding(code: FindingCode, values: HostFinding['values'] = {}): HostFinding {
  return { code, severity: findingTable[code].severity, values };
}

/** In words. A code of another release is told as it is. */
export function findingWords(
  { code, values }: HostFinding,
  locale: Locale,
): { readonly what: string; readonly fix: string } {
  const row = Object.hasOwn(findingTable, code) ? findingTable[code as FindingCode] : unknownFinding;
  const fill = (text: string): string =>
    text.replace(/\{(\w+)\}/g, (_, name: string) => (name === 'code' ? code : values[name]) ?? '?');
  return { what: fill(row.what[locale]), fix: fill(row.fix[locale]) };
}

const unknownFinding: Omit<FindingRow, 'severity'> = {
  what: {
    de: 'Der Edge meldet {code}, was diese Version nicht kennt.',
    en: 'The edge reports {code}, which this release does not know.',
  },
  fix: {
    de: 'Sehen Sie auf dem Mailserver mit mailferry doctor nach.',
    en: 'Look by mailferry doctor on the mail host.',
  },
};

/** What was not looked at, and why. */
export function leftOutWords({ check, reason, said }: LeftOutCheck, locale: Locale): string {
  const what = Object.hasOwn(checkWords, check) ? checkWords[check as Check][locale] : check;
  const why = Object.hasOwn(reasonWords, reason) ? reasonWords[reason as LeftOutReason][locale] : reason;
  return said === '' ? `${what}: ${why}` : `${what}: ${why} (${said})`;
}

export const checkWords: Readonly<Record<Check, Words>> = {
  postfix: { de: 'Konfiguration von Postfix', en: 'Configuration of Postfix' },
  running: { de: 'Ob Postfix läuft', en: 'Whether Postfix runs' },
  table: { de: 'Tabelle für Postfix', en: 'Table for Postfix' },
  routes: { de: 'Antworten für einzelne Adressen', en: 'Answers for single addresses' },
  peer: { de: 'Weg zur Gegenseite', en: 'Way to the peer' },
  recipients: {
    de: 'Umgezogene Konten in den Tabellen der Postfächer',
    en: 'Moved accounts in the tables of mailboxes',
  },
  queue: { de: 'Wartende Post an die Gegenseite', en: 'Mail that waits for the peer' },
  dovecot: { de: 'Konfiguration von Dovecot', en: 'Configuration of Dovecot' },
  sessions: { de: 'Trennen offener Verbindungen', en: 'Cutting open connections' },
  replica: { de: 'Replik', en: 'Replica' },
  control: { de: 'Verbindung zur Zentrale', en: 'Connection to control' },
  clock: { de: 'Uhr', en: 'Clock' },
  files: { de: 'Besitzer und Rechte der Dateien', en: 'Owners and modes of files' },
  disk: { de: 'Platz auf der Platte', en: 'Room on the disk' },
};

export const reasonWords: Readonly<Record<LeftOutReason, Words>> = {
  'no-postfix': { de: 'hier ist kein Postfix', en: 'there is no Postfix here' },
  'no-dovecot': { de: 'hier ist kein Dovecot', en: 'there is no Dovecot here' },
  'not-root': { de: 'dafür muss er als root laufen', en: 'it has to run as root for that' },
  'no-table': { de: 'Postfix fragt hier nichts von Mailferry', en: 'Postfix asks nothing of Mailferry here' },
  'no-replica': { de: 'die Replik ist nicht zu lesen', en: 'the replica cannot be read' },
  'no-addresses': { de: 'es gibt keine Adresse, die sich eignet', en: 'there is no address that would do' },
  inside: { de: 'der Edge läuft in der Zentrale selbst', en: 'the edge runs within control itself' },
  'switched-off': { de: 'es ist abgeschaltet', en: 'it is switched off' },
  failed: { de: 'es ging nicht', en: 'it did not work' },
};
