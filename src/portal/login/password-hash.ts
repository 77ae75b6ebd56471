/**
 * Passwords of the portal as Argon2id (RFC 9106) in PHC form. Made on the threads beside the event loop, few at a time:
 * each takes 64 MiB and a tenth of a second.
 */
import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import type { Secret } from '../../base/secret.ts';

/** Of any password that is given here. */
export const maxPassword = 1_024;

const derive = promisify(argon2);

/** RFC 9106 §4, the second recommended choice: 64 MiB, three passes. */
const memoryKiB = 65_536;
const passes = 3;
const parallelism = 4;
const saltBytes = 16;
const hashBytes = 32;
/** A row that somebody changed must not make us take all memory. */
const most = { memoryKiB: 262_144, passes: 16, parallelism: 16 };

interface Parameters {
  readonly memory: number;
  readonly passes: number;
  readonly parallelism: number;
}

/** `$argon2id$v=19$m=65536,t=3,p=4$SALT$HASH`. */
export function passwordHash(password: Secret): Promise<string> {
  return hashOfText(normalised(password));
}

/** The same for a mail server, which compares octets: nothing is normalised. */
export function mailboxPasswordHash(password: Secret): Promise<string> {
  return hashOfText(password.reveal());
}

async function hashOfText(text: string): Promise<string> {
  const salt = randomBytes(saltBytes);
  const hash = await hashed(text, salt, hashBytes, { memory: memoryKiB, passes, parallelism });
  return `$argon2id$v=19$m=${memoryKiB},t=${passes},p=${parallelism}$${base64(salt)}$${base64(hash)}`;
}

/** Null for `hash` costs the same and is false. */
export async function passwordMatches(password: Secret, hash: string | null): Promise<boolean> {
  const parsed = parse(hash ?? noHash);
  if (parsed === null) return false;
  const { salt, wanted, parameters } = parsed;
  const own = await hashed(normalised(password), salt, wanted.length, parameters);
  return timingSafeEqual(own, wanted) && hash !== null;
}

const noHash = `$argon2id$v=19$m=${memoryKiB},t=${passes},p=${parallelism}$${'A'.repeat(22)}$${'A'.repeat(43)}`;

function parse(hash: string) {
  const match =
    /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,3})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/.exec(
      hash,
    );
  if (match === null) return null;
  const [memory, times, lanes] = [Number(match[1]), Number(match[2]), Number(match[3])];
  if (memory > most.memoryKiB || times > most.passes || lanes > most.parallelism) return null;
  return {
    parameters: { memory, passes: times, parallelism: lanes },
    salt: Buffer.from(match[4] ?? '', 'base64'),
    wanted: Buffer.from(match[5] ?? '', 'base64'),
  };
}

/** Keyboards differ in how they compose letters. */
function normalised(password: Secret): string {
  return password.reveal().normalize('NFC');
}

function hashed(message: string, nonce: Buffer, tagLength: number, parameters: Parameters): Promise<Buffer> {
  return derive('argon2id', { message, nonce, tagLength, ...parameters });
}

/** PHC strings have no padding. */
function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replaceAll('=', '');
}
