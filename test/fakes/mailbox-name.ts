/** Which mailbox names the fake server creates: as strict as Dovecot, since odd names come from old servers only. */
import type { Refusal } from '../../src/sync/mail-store.ts';

/** Most file systems' limit for one component, and Dovecot's. */
const maxComponentBytes = 255;

/** `INBOX` in any case is one mailbox (RFC 9051 §5.1); everything else is compared byte by byte. */
export function canonicalName(name: string): string {
  return name.toUpperCase() === 'INBOX' ? 'INBOX' : name;
}

const cannot = (text: string): Refusal => ({ class: 'other', code: 'CANNOT', text });

/** Null where the name may be created. */
export function nameProblem(name: string, delimiter: string): Refusal | null {
  for (const char of name) {
    const code = char.charCodeAt(0);
    if (code < 0x20 || code > 0x7e) return cannot('Character not allowed in mailbox name');
  }
  if (!isModifiedUtf7(name)) return cannot('Mailbox name is not valid modified UTF-7');
  for (const component of name.split(delimiter)) {
    if (component === '') return cannot('Empty component in mailbox name');
    if (component.length > maxComponentBytes) return cannot('Mailbox name too long');
  }
  return null;
}

/** RFC 3501 §5.1.3: `&` begins base64 of UTF-16 without printable ASCII, ended by `-`; `&-` is `&`. */
function isModifiedUtf7(name: string): boolean {
  for (let at = name.indexOf('&'); at >= 0; at = name.indexOf('&', at + 1)) {
    const end = name.indexOf('-', at);
    if (end < 0) return false;
    const coded = name.slice(at + 1, end);
    if (coded !== '' && !isCodedRun(coded)) return false;
    at = end;
  }
  return true;
}

function isCodedRun(coded: string): boolean {
  if (!/^[A-Za-z0-9+,]+$/.test(coded)) return false;
  const bytes = Buffer.from(coded.replaceAll(',', '/'), 'base64');
  if (bytes.length % 2 !== 0 || bytes.length === 0) return false;
  for (let i = 0; i < bytes.length; i += 2) {
    const unit = bytes.readUInt16BE(i);
    if (unit >= 0x20 && unit < 0x7f) return false;
  }
  return true;
}
