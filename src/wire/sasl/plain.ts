/** PLAIN, RFC 4616: one message, `[authzid] NUL authcid NUL passwd`. */
import { concatBytes } from '../../base/bytes.ts';
import { field, filledField } from './message.ts';

export interface PlainCredentials {
  /** Whose mail is opened; missing or empty: that of `authcid` (RFC 4616 §2). */
  readonly authzid?: string;
  /** Who logs in: the user, or a master user. */
  readonly authcid: string;
  /** Revealed: this is the place that writes it. */
  readonly password: string;
}

const nul = new Uint8Array(1);

/** Throws MailferryError `usage` on empty names or passwords and on NUL. */
export function plain(credentials: PlainCredentials): Uint8Array {
  return concatBytes([
    field('user name', credentials.authzid ?? ''),
    nul,
    filledField('user name', credentials.authcid),
    nul,
    filledField('password', credentials.password),
  ]);
}
