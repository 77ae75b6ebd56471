/** ID (RFC 2971), QUOTA and QUOTAROOT (RFC 9208 §4.2), MYRIGHTS (RFC 4314 §3.8). */
import { numberOrOther } from './msg-att-value.ts';
import { mailbox } from './mailbox-list.ts';
import type { ImapResponse } from './response.ts';
import { OPEN } from './octets.ts';
import type { Scanner } from './scanner.ts';

/** Field names keep their case; a field sent twice keeps the last value. */
export function id(s: Scanner): ImapResponse {
  s.spaces();
  const fields: [string, string | null][] = [];
  if (s.peek() === OPEN) {
    s.list(() => {
      const name = s.astring();
      s.spaces();
      fields.push([name, s.nstring()]);
    });
  }
  return { kind: 'id', fields: Object.fromEntries(fields) };
}

/** Resources whose numbers do not fit are left out. */
export function quota(s: Scanner): ImapResponse {
  s.spaces();
  // Some servers leave the root out altogether when it is empty.
  const root = s.peek() === OPEN ? '' : s.astring();
  s.spaces();
  const resources: { name: string; usage: number; limit: number }[] = [];
  s.list(() => {
    const name = s.atom().toUpperCase();
    const usage = numberOrOther(s, true);
    const limit = numberOrOther(s, true);
    if (usage >= 0 && limit >= 0) resources.push({ name, usage, limit });
  });
  return { kind: 'quota', root, resources };
}

export function quotaRoot(s: Scanner): ImapResponse {
  const name = mailbox(s);
  const roots: string[] = [];
  for (;;) {
    s.spaces();
    if (s.atEnd()) return { kind: 'quotaroot', mailbox: name, roots };
    roots.push(s.astring());
  }
}

export function myRights(s: Scanner): ImapResponse {
  const name = mailbox(s);
  s.spaces();
  return { kind: 'myrights', mailbox: name, rights: s.atEnd() ? '' : s.astring() };
}
