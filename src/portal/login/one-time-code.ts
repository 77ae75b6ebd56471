/** Codes of authenticators (TOTP, RFC 6238): six digits, SHA-1, 30 seconds, as all of them can. */
import * as OTPAuth from 'otpauth';
import { Secret } from '../../base/secret.ts';

const periodSeconds = 30;
/** Clocks of telephones are a little off, and people type slowly. */
const window = 1;
/** 160 bits, RFC 4226 §4. */
const secretBytes = 20;

/** In base32. */
export function newTotpSecret(): Secret {
  return new Secret(new OTPAuth.Secret({ size: secretBytes }).base32);
}

/** For the picture that an authenticator reads: `otpauth://totp/...`. Holds the secret. */
export function totpUri(secret: Secret, login: string): Secret {
  return new Secret(totpOf(secret, login).toString());
}

/** The step whose code this is; null for a wrong one. A step is good once: the caller sees to that. */
export function totpStepOf(secret: Secret, code: string, nowMs: number): number | null {
  if (!/^\d{6}$/.test(code)) return null;
  const delta = totpOf(secret, '').validate({ token: code, timestamp: nowMs, window });
  return delta === null ? null : Math.floor(nowMs / 1000 / periodSeconds) + delta;
}

function totpOf(secret: Secret, label: string): OTPAuth.TOTP {
  return new OTPAuth.TOTP({
    issuer: 'Mailferry',
    label,
    algorithm: 'SHA1',
    digits: 6,
    period: periodSeconds,
    secret: secret.reveal(),
  });
}
