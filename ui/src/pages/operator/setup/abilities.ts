/** What a server's capabilities mean for a move, as names of words. Pure. */
import type { Side } from '../../../api/operator-contract.ts';
import type { SetupWords } from '../../../words/setup-en.ts';

export interface Ability {
  readonly word: keyof SetupWords['servers']['abilities'];
  /** False: it works, but slower or with less. */
  readonly good: boolean;
}

/** Old is read and listened to, new is written to: each is asked for what its side needs. */
export function abilitiesOf(side: Side, capabilities: readonly string[]): readonly Ability[] {
  if (capabilities.length === 0) return [];
  const has = (...names: string[]): boolean => names.some((name) => capabilities.includes(name));
  const roles: Ability = has('SPECIAL-USE')
    ? { word: 'roles', good: true }
    : { word: 'noRoles', good: false };
  if (side === 'old') {
    return [
      has('NOTIFY')
        ? { word: 'notify', good: true }
        : has('IDLE')
          ? { word: 'idle', good: true }
          : { word: 'poll', good: false },
      has('CONDSTORE', 'QRESYNC') ? { word: 'modseq', good: true } : { word: 'noModseq', good: false },
      roles,
    ];
  }
  return [
    has('UIDPLUS', 'IMAP4REV2') ? { word: 'uids', good: true } : { word: 'noUids', good: false },
    has('LITERAL+', 'LITERAL-', 'MULTIAPPEND', 'IMAP4REV2')
      ? { word: 'many', good: true }
      : { word: 'one', good: false },
    roles,
  ];
}

/** Why a certificate is not trusted, by OpenSSL's words and Node's. */
export function certificateFault(why: string): keyof SetupWords['certificate']['why'] {
  if (why === 'DEPTH_ZERO_SELF_SIGNED_CERT') return 'self';
  if (why === 'CERT_HAS_EXPIRED') return 'expired';
  if (why === 'ERR_TLS_CERT_ALTNAME_INVALID') return 'name';
  if (why === 'PIN_MISMATCH') return 'pin';
  if (/^(SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_(GET_ISSUER_CERT|VERIFY_LEAF)\w*)$/.test(why)) return 'issuer';
  return 'other';
}
