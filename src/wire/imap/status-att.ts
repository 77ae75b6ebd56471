/** `mailbox-data` of STATUS (RFC 9051 §7.3.4 and the extensions named at `StatusAttributes`). */
import { numberOrOther, objectId } from './msg-att-value.ts';
import { mailboxBeforeList } from './mailbox-list.ts';
import type { ImapResponse, StatusAttributes } from './response.ts';
import type { Scanner } from './scanner.ts';

const numbers: Readonly<Record<string, keyof StatusAttributes>> = {
  MESSAGES: 'messages',
  UIDNEXT: 'uidNext',
  UIDVALIDITY: 'uidValidity',
  UNSEEN: 'unseen',
  RECENT: 'recent',
  DELETED: 'deleted',
  SIZE: 'sizeBytes',
};

/** Unknown attributes and values that are no number (NIL, -1) are left out. */
export function statusAttributes(s: Scanner): ImapResponse {
  const mailbox = mailboxBeforeList(s);
  const attributes: StatusAttributes = {};
  if (s.atEnd()) return { kind: 'status', mailbox, attributes };
  s.list(() => {
    const name = s.atom().toUpperCase();
    s.spaces();
    const field = Object.hasOwn(numbers, name) ? numbers[name] : undefined;
    if (name === 'HIGHESTMODSEQ') {
      const value = s.modSequenceValue();
      if (value !== null) attributes.highestModSeq = value;
    } else if (name === 'MAILBOXID') {
      const id = objectId(s);
      if (id !== null) attributes.mailboxId = id;
    } else if (name === 'APPENDLIMIT' && s.word('nil')) attributes.appendLimit = null;
    else if (name === 'APPENDLIMIT') number(s, attributes, 'appendLimit');
    else if (field !== undefined) number(s, attributes, field);
    else s.skipValue();
  });
  return { kind: 'status', mailbox, attributes };
}

function number(s: Scanner, attributes: StatusAttributes, field: keyof StatusAttributes): void {
  const value = numberOrOther(s, field !== 'uidNext' && field !== 'uidValidity');
  if (value >= 0) Object.assign(attributes, { [field]: value });
}
