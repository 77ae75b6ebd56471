import { describe, expect, it } from 'vitest';
import { assignSpecialUses, specialUseByName } from './special-use.ts';

describe('special uses', () => {
  it.each([
    ['de', ['Gesendet', 'Entwürfe', 'Papierkorb', 'Spamverdacht', 'Archiv']],
    ['en', ['Sent Items', 'Drafts', 'Deleted Items', 'Junk E-Mail', 'Archive']],
    ['fr', ['Éléments envoyés', 'Brouillons', 'Corbeille', 'Courrier indésirable', 'Archives']],
    ['it', ['Posta inviata', 'Bozze', 'Cestino', 'Posta indesiderata', 'Archivio']],
    ['es', ['Enviados', 'Borradores', 'Papelera', 'Correo no deseado', 'Archivo']],
  ])('are known by their names (%s)', (_, names) => {
    expect(names.map(specialUseByName)).toEqual(['sent', 'drafts', 'trash', 'junk', 'archive']);
  });

  it('are known whatever the case and however an accent is encoded', () => {
    expect(specialUseByName('GESENDETE OBJEKTE')).toBe('sent');
    expect(specialUseByName('Entwu\u0308rfe')).toBe('drafts');
    expect(specialUseByName('Sent to Bert')).toBeNull();
  });

  it('go by attribute first, and each use to one mailbox only', () => {
    const box = (name: string, attributes: readonly string[] = []) => ({
      name,
      topLevelText: name,
      attributes,
      empty: false,
    });
    const uses = assignSpecialUses([box('Sent'), box('Gesendet', ['sent']), box('Papierkorb'), box('Trash')]);
    expect(Object.fromEntries(uses)).toEqual({ sent: 'Gesendet', trash: 'Trash' });
  });

  it('go to the same mailbox in whatever order they are listed: one with mail in it, then by the table', () => {
    const box = (name: string, empty: boolean) => ({ name, topLevelText: name, attributes: [], empty });
    const listed = [box('Sent', true), box('Gesendet', false), box('Sent Items', false), box('Trash', true)];
    for (const order of [listed, listed.toReversed()])
      expect(Object.fromEntries(assignSpecialUses(order))).toEqual({ sent: 'Sent Items', trash: 'Trash' });
  });

  it('are not taken from a deeper level', () => {
    const deep = { name: 'Archiv/Sent', topLevelText: null, attributes: [], empty: false };
    expect(assignSpecialUses([deep]).size).toBe(0);
  });
});
