/**
 * Secrets at rest: AES-256-GCM under a key that lies outside the database. The place of a secret (row and column) is
 * bound to it, so that who can write to the database cannot give one account another's secret.
 *
 * As text: `v1.KEY-ID.NONCE.CIPHERTEXT`, the last two in base64url, the tag of 16 octets at the end of the ciphertext.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createSecretKey,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { MailferryError } from '../../base/errors.ts';
import { Secret } from '../../base/secret.ts';
import { readPrivately } from '../private-file.ts';

const cipher = 'aes-256-gcm';
const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;

export class EnvelopeKey {
  /** Tells keys apart, and nothing about them: the beginning of the key's hash. */
  readonly id: string;
  readonly #key: KeyObject;

  /** `key` has 32 octets. */
  constructor(key: Uint8Array) {
    this.#key = createSecretKey(key);
    this.id = createHash('sha256').update('mailferry key id').update(key).digest('hex').slice(0, 8);
  }

  /** `row` and `column` say where the text will stand. */
  seal(secret: Secret, row: string, column: string): string {
    const nonce = randomBytes(nonceBytes);
    const sealing = createCipheriv(cipher, this.#key, nonce, { authTagLength: tagBytes });
    sealing.setAAD(placeOf(row, column));
    const body = Buffer.concat([
      sealing.update(secret.reveal(), 'utf8'),
      sealing.final(),
      sealing.getAuthTag(),
    ]);
    return ['v1', this.id, nonce.toString('base64url'), body.toString('base64url')].join('.');
  }

  /** Throws `secret-unreadable` where the text was sealed with another key or for another place, or was changed. */
  open(sealed: string, row: string, column: string): Secret {
    const [version, id, nonce = '', text = ''] = sealed.split('.');
    if (version !== 'v1') throw unreadable(row, column, 'is in a form that this release does not know');
    if (id !== this.id) throw unreadable(row, column, `was sealed with the key ${id}, not with ${this.id}`);
    const body = Buffer.from(text, 'base64url');
    try {
      const opening = createDecipheriv(cipher, this.#key, Buffer.from(nonce, 'base64url'), {
        authTagLength: tagBytes,
      });
      opening.setAAD(placeOf(row, column));
      opening.setAuthTag(body.subarray(-tagBytes));
      const plain = Buffer.concat([opening.update(body.subarray(0, -tagBytes)), opening.final()]);
      return new Secret(plain.toString('utf8'));
    } catch {
      throw unreadable(row, column, 'was changed, or belongs to another row');
    }
  }
}

/** The file holds 32 octets in base64. Throws `key-file-unusable`, also where others than its owner may read it. */
export function readKeyFile(file: string): EnvelopeKey {
  let text: string;
  try {
    text = readPrivately(file);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new MailferryError('key-file-unusable', `the key file ${file} cannot be used (${reason})`, {
      cause: error,
    });
  }
  const key = Buffer.from(text, 'base64');
  if (key.length === keyBytes) return new EnvelopeKey(key);
  throw new MailferryError(
    'key-file-unusable',
    `the key file ${file} does not hold ${keyBytes} octets in base64`,
  );
}

/** The length in front keeps ("ab", "c") and ("a", "bc") apart. */
function placeOf(row: string, column: string): Buffer {
  return Buffer.from(`${row.length}:${row}:${column}`, 'utf8');
}

function unreadable(row: string, column: string, what: string): MailferryError {
  return new MailferryError('secret-unreadable', `the secret in ${column} of ${row} ${what}`);
}
