/** Why a message is not on new, and what its owner can do, in their language. Codes are those of base/errors.ts. */
import type { Words } from './trouble.ts';

export interface RefusedWords {
  readonly what: Words;
  readonly action: Words;
}

const keep = {
  de: 'Sie liegt weiterhin auf dem bisherigen Server.',
  en: 'It is still on the old server.',
};

const table: Readonly<Record<string, RefusedWords>> = {
  'message-too-large': {
    what: {
      de: 'Die Nachricht ist größer, als der neue Server erlaubt.',
      en: 'The message is larger than the new server allows.',
    },
    action: {
      de: `${keep.de} Speichern Sie große Anhänge, wenn Sie sie brauchen, oder bitten Sie den Anbieter um eine höhere Grenze.`,
      en: `${keep.en} Save large attachments if you need them, or ask the provider for a higher limit.`,
    },
  },
  'over-quota': {
    what: { de: 'Das neue Postfach war voll.', en: 'The new mailbox was full.' },
    action: {
      de: `${keep.de} Sobald im neuen Postfach Platz ist, wird sie von selbst nachgeholt.`,
      en: `${keep.en} It follows by itself once there is room in the new mailbox.`,
    },
  },
  'temporarily-refused': {
    what: {
      de: 'Der neue Server nimmt die Nachricht gerade nicht an.',
      en: 'The new server does not take the message right now.',
    },
    action: {
      de: `${keep.de} Wir versuchen es von selbst wieder.`,
      en: `${keep.en} We try again by ourselves.`,
    },
  },
  'message-unreadable': {
    what: {
      de: 'Der bisherige Server gibt die Nachricht nicht heraus.',
      en: 'The old server does not deliver the message.',
    },
    action: {
      de: 'Öffnen Sie sie dort in Ihrem Mailprogramm. Lässt sie sich nicht öffnen, ist sie dort beschädigt.',
      en: 'Open it there in your mail program. If it does not open, it is damaged there.',
    },
  },
  'outcome-unknown': {
    what: {
      de: 'Es ist nicht sicher, ob die Nachricht angekommen ist.',
      en: 'It is not certain whether the message arrived.',
    },
    action: {
      de: 'Sehen Sie im neuen Postfach nach; auf dem bisherigen Server liegt sie weiterhin.',
      en: 'Look for it in the new mailbox; it is still on the old server.',
    },
  },
};

const other: RefusedWords = {
  what: {
    de: 'Der neue Server hat die Nachricht nicht angenommen.',
    en: 'The new server did not take the message.',
  },
  action: {
    de: `${keep.de} Der genannte Grund hilft dem Anbieter; danach können Sie es erneut versuchen.`,
    en: `${keep.en} The reason helps the provider; then you can try again.`,
  },
};

/** There are no words for the code itself: what the server said is all that helps. */
export function isOtherReason(code: string): boolean {
  return !(code in table);
}

export function refusedWords(code: string): RefusedWords {
  return table[code] ?? other;
}
