/** OAUTHBEARER, RFC 7628 §3.1: a GS2 header, then fields ended by U+0001. */
import { bytesOf, concatBytes } from '../../base/bytes.ts';
import { filledField } from './message.ts';

export interface BearerCredentials {
  readonly user: string;
  readonly token: string;
  readonly host: string;
  readonly port: number;
}

/**
 * After a refusal the server sends a challenge with the reason as JSON and waits for one U+0001 (RFC 7628 §3.2.3).
 * Throws MailferryError `usage` on empty fields, NUL and U+0001.
 */
export function oauthbearer(credentials: BearerCredentials): Uint8Array {
  // `saslname`, RFC 5801 §4: comma and equals sign would end the field.
  const user = credentials.user.replaceAll('=', '=3D').replaceAll(',', '=2C');
  return concatBytes([
    bytesOf('n,a='),
    filledField('user name', user, '\x01'),
    bytesOf(',\x01host='),
    filledField('host', credentials.host, '\x01'),
    bytesOf(`\x01port=${credentials.port}\x01auth=Bearer `),
    filledField('token', credentials.token, '\x01'),
    bytesOf('\x01\x01'),
  ]);
}

/** The answer to the challenge that follows a refusal. */
export const bearerAbort: Uint8Array = bytesOf('\x01');
