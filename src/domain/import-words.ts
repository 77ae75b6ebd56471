/**
 * What is wrong with a row of a list of accounts, and what may stand there, in words for whoever wrote the list. The
 * table names no content of a field but addresses and names of columns: where columns slipped, it may be a password.
 */
import type { Words } from './trouble.ts';

/** After the line and the column. */
export const faultText = {
  missing: { de: 'fehlt', en: 'is missing' },
  noAddress: { de: 'ist keine Mailadresse', en: 'is not a mail address' },
  noAddressIn: { de: 'enthält etwas, das keine Mailadresse ist', en: 'holds what is not a mail address' },
  tooManyAddresses: (n: number): Words => ({
    de: `enthält ${n} Adressen`,
    en: `holds ${n} addresses`,
  }),
  addressTwice: (address: string, line: number): Words => ({
    de: `${address} steht schon in Zeile ${line}`,
    en: `${address} stands in line ${line} already`,
  }),
  addressTaken: (address: string): Words => ({
    de: `${address} gehört zu einem anderen Konto`,
    en: `${address} belongs to another account`,
  }),
  noTeam: (address: string): Words => ({ de: `${address} hat kein Team`, en: `${address} has no team` }),
  loginFixed: (address: string, phase: string, login: string): Words => ({
    de: `${address} hat begonnen (${phase}): der Anmeldename kann nicht mehr ${login} werden`,
    en: `${address} is ${phase}: its login cannot become ${login}`,
  }),
  control: { de: 'enthält Steuerzeichen', en: 'holds control characters' },
  long: (n: number): Words => ({ de: `hat ${n} Zeichen`, en: `has ${n} characters` }),
  noPassword: { de: 'ist kein Passwort', en: 'is no password' },
  noRight: { de: 'ist kein Recht', en: 'is not a right' },
  noSize: { de: 'ist keine Größe', en: 'is not a size' },
  noText: { de: 'ist kein Text', en: 'is not a text' },
  notUtf8: { de: 'ist kein UTF-8', en: 'is not UTF-8' },
  notUtf8In: (line: number): Words => ({
    de: `ist in Zeile ${line} kein UTF-8`,
    en: `is not UTF-8 in line ${line}`,
  }),
  notCsv: { de: 'ist kein CSV', en: 'is not CSV' },
  notJson: { de: 'ist kein JSON', en: 'is not JSON' },
  notJsonIn: (line: string): Words => ({
    de: `ist in Zeile ${line} kein JSON`,
    en: `is not JSON in line ${line}`,
  }),
  empty: { de: 'ist leer', en: 'holds nothing' },
  notList: { de: 'ist keine Liste', en: 'is not a list' },
  notObject: { de: 'ist kein Objekt', en: 'is not an object' },
  fields: (n: number): Words => ({ de: `hat ${n} Felder`, en: `has ${n} fields` }),
  rows: (n: number): Words => ({ de: `hat ${n} Konten`, en: `has ${n} accounts` }),
  columnTwice: { de: 'steht zweimal da', en: 'stands there twice' },
  /** `name` null: it is not told. Empty: it has none. */
  unknownColumn: (name: string | null): Words => ({
    de: `hat eine Spalte, die nicht bekannt ist${after(name, 'eine ohne Namen')}`,
    en: `has a column that is not known${after(name, 'one without a name')}`,
  }),
  unknownName: (name: string | null): Words => ({
    de: `hat einen Namen, der nicht bekannt ist${after(name, 'ein leerer')}`,
    en: `has a name that is not known${after(name, 'one without a name')}`,
  }),
} as const;

/** What may stand there instead. */
export const allowedText = {
  address: (atMost: number): Words => ({
    de: `eine Mailadresse wie anna@example.org, höchstens ${atMost} Zeichen`,
    en: `a mail address like anna@example.org, at most ${atMost} characters`,
  }),
  addresses: (atMost: number): Words => ({
    de: `Mailadressen wie anna@example.org, jede höchstens ${atMost} Zeichen, dazwischen Leerzeichen`,
    en: `a mail address like anna@example.org, at most ${atMost} characters; several with blanks between them`,
  }),
  addressOnce: { de: 'jede Adresse einmal', en: 'each address once' },
  addressFree: {
    de: 'eine Adresse, die kein anderes Konto hat',
    en: 'an address that no other account has',
  },
  team: {
    de: 'ein Team in derselben Zeile, oder ein Konto, das eines hat',
    en: 'a team in the same row, or an account that has one',
  },
  login: (before: string): Words => ({
    de: `${before}, oder ein anderer, bevor das Konto begonnen hat`,
    en: `${before}, or another login before the account is started`,
  }),
  atMost: (n: number): Words => ({ de: `höchstens ${n}`, en: `at most ${n}` }),
  rows: (n: number): Words => ({
    de: `höchstens ${n}; der Rest als eine weitere Liste`,
    en: `at most ${n}; import the rest as another list`,
  }),
  plainText: (atMost: number): Words => ({
    de: `höchstens ${atMost} Zeichen, keine Steuerzeichen`,
    en: `at most ${atMost} characters, no control characters`,
  }),
  password: (atMost: number): Words => ({
    de: `höchstens ${atMost} Zeichen in einer Zeile`,
    en: `at most ${atMost} characters in one line`,
  }),
  rights: (rights: string): Words => ({
    de: `yes für alle, oder einige von ${rights}, dazwischen Leerzeichen`,
    en: `yes for all, or some of ${rights}, with blanks between them`,
  }),
  quota: {
    de: 'Octets als ganze Zahl, oder mit Einheit: 500MB, 5GB (kB, MB, GB, TB, dezimal)',
    en: 'octets as a whole number, or with a unit: 500MB, 5GB (kB, MB, GB, TB, decimal)',
  },
  utf8: {
    de: 'CSV, als UTF-8 gespeichert, die ganze Liste in einer Kodierung',
    en: 'CSV saved as UTF-8, whole lists in one encoding',
  },
  csv: {
    de: 'Felder in Anführungszeichen, wo sie Trennzeichen, Anführungszeichen oder Zeilenenden enthalten; ein Anführungszeichen darin doppelt',
    en: 'fields in quotes where they hold separators, quotes or line ends; a quote in them twice',
  },
  head: (columns: string): Words => ({
    de: `eine erste Zeile mit Namen von Spalten: ${columns}`,
    en: `a first line with names of columns: ${columns}`,
  }),
  columns: (columns: string): Words => ({
    de: `${columns}; nur address muss da sein`,
    en: `${columns}; only address has to be there`,
  }),
  names: (columns: string): Words => ({ de: columns, en: columns }),
  fields: (n: number): Words => ({
    de: `${n}, so viele wie in der ersten Zeile`,
    en: `${n}, as many as the first line`,
  }),
  json: {
    de: 'eine Liste (JSON-Array) von Objekten in UTF-8, wie [{"address":"anna@example.org"}]',
    en: 'a JSON array of objects in UTF-8, as [{"address":"anna@example.org"}]',
  },
  quoted: { de: 'ein Text in Anführungszeichen', en: 'a text in quotes' },
} as const;

function after(name: string | null, without: string): string {
  if (name === null) return '';
  return name === '' ? `: ${without}` : `: "${name}"`;
}
