/**
 * App passwords, as the sync alone logs in with them: `mf7k2q9xw3tz.` and 32 characters. The part before the dot names the row,
 * so that a server finds the one hash to compare with; all of it is the password. Pure but for the random source.
 */
import { createHash, randomBytes } from 'node:crypto';
import { Secret } from '../base/secret.ts';

/** Neither upper case nor letters that look alike: it may have to be read out once. */
const alphabet = 'abcdefghjkmnpqrstuvwxyz23456789';
const idLength = 12;
/** 31 to the power of 32 is above 2 to the power of 158. */
const secretLength = 32;

export interface MintedPassword {
  readonly id: string;
  readonly password: Secret;
  /** As Dovecot compares it: the scheme's name, and SHA-256 in base64. A fast hash does for 158 random bits. */
  readonly hash: string;
}

export function mintPassword(): MintedPassword {
  const id = randomWord(idLength);
  const text = `${id}.${randomWord(secretLength)}`;
  return {
    id,
    password: new Secret(text),
    hash: `{SHA256}${createHash('sha256').update(text).digest('base64')}`,
  };
}

function randomWord(length: number): string {
  let word = '';
  while (word.length < length) {
    for (const byte of randomBytes(length)) {
      // Above the last whole multiple some letters would come oftener than others.
      if (byte < 248 && word.length < length) word += alphabet[byte % alphabet.length];
    }
  }
  return word;
}
