/**
 * Which mailbox is the Sent, Drafts ... of an account: by attribute (RFC 6154), else by the names that servers and mail
 * programs give them in German, English, French, Italian and Spanish. Pure.
 */
export type SpecialUse = 'sent' | 'drafts' | 'trash' | 'junk' | 'archive';

const names: Readonly<Record<SpecialUse, readonly string[]>> = {
  sent: [
    'Sent',
    'Sent Items',
    'Sent Messages',
    'Sent Mail',
    'Gesendet',
    'Gesendete Elemente',
    'Gesendete Objekte',
    'Gesendete Nachrichten',
    'Gesendete E-Mails',
    'Postausgang',
    'Envoyés',
    'Messages envoyés',
    'Éléments envoyés',
    'Courrier envoyé',
    'Inviata',
    'Posta inviata',
    'Inviati',
    'Elementi inviati',
    'Enviados',
    'Elementos enviados',
    'Correo enviado',
    'Mensajes enviados',
  ],
  drafts: [
    'Drafts',
    'Draft',
    'Entwürfe',
    'Entwurf',
    'Brouillons',
    'Brouillon',
    'Bozze',
    'Bozza',
    'Borradores',
    'Borrador',
  ],
  trash: [
    'Trash',
    'Deleted',
    'Deleted Items',
    'Deleted Messages',
    'Bin',
    'Papierkorb',
    'Gelöscht',
    'Gelöschte Elemente',
    'Gelöschte Objekte',
    'Gelöschte Nachrichten',
    'Corbeille',
    'Éléments supprimés',
    'Messages supprimés',
    'Cestino',
    'Posta eliminata',
    'Elementi eliminati',
    'Papelera',
    'Elementos eliminados',
    'Correo eliminado',
  ],
  junk: [
    'Junk',
    'Spam',
    'Junk E-Mail',
    'Junk E-mail',
    'Junk Mail',
    'Bulk Mail',
    'Spamverdacht',
    'Spam-Verdacht',
    'Unerwünscht',
    'Unerwünschte Werbung',
    'Junk-E-Mail',
    'Courrier indésirable',
    'Indésirables',
    'Pourriel',
    'Posta indesiderata',
    'Correo no deseado',
    'No deseado',
  ],
  archive: ['Archive', 'Archives', 'Archiv', 'Archivio', 'Archivo', 'Archivé', 'Archivados'],
};

const byName = new Map<string, SpecialUse>();
for (const [use, list] of Object.entries(names)) {
  for (const name of list) byName.set(fold(name), use as SpecialUse);
}

const ranks = new Map([...byName.keys()].map((name, i) => [name, i]));

function rankOf({ topLevelText }: Candidate): number {
  return (topLevelText === null ? undefined : ranks.get(fold(topLevelText))) ?? ranks.size;
}

function fold(name: string): string {
  return name.normalize('NFC').toLowerCase();
}

/** The use by name of a top-level mailbox, or null. `name` is decoded text without prefix. */
export function specialUseByName(name: string): SpecialUse | null {
  return byName.get(fold(name)) ?? null;
}

interface Candidate {
  readonly name: string;
  /** Decoded text of a top-level mailbox (prefix removed); null for deeper ones. */
  readonly topLevelText: string | null;
  /** By attribute, lower case without backslash. */
  readonly attributes: readonly string[];
  /** Whether there is mail in it, as far as that is known. */
  readonly empty: boolean;
}

/**
 * Each use to the mailbox that has it (F-75): attributes win; among equals one with mail in it, then the name that
 * stands first in the table. Never the order in which the server lists them: it may be another one tomorrow.
 */
export function assignSpecialUses(listed: readonly Candidate[]): Map<SpecialUse, string> {
  const mailboxes = listed.toSorted(
    (a, b) =>
      Number(a.empty) - Number(b.empty) ||
      rankOf(a) - rankOf(b) ||
      (a.name < b.name ? -1 : Number(a.name > b.name)),
  );
  const assigned = new Map<SpecialUse, string>();
  for (const box of mailboxes) {
    for (const use of Object.keys(names) as SpecialUse[]) {
      if (box.attributes.includes(use) && !assigned.has(use)) assigned.set(use, box.name);
    }
  }
  const taken = new Set(assigned.values());
  for (const box of mailboxes) {
    const use = box.topLevelText === null ? null : specialUseByName(box.topLevelText);
    if (use === null || assigned.has(use) || taken.has(box.name)) continue;
    assigned.set(use, box.name);
  }
  return assigned;
}
