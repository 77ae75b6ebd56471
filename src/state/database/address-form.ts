/**
 * The one form that addresses have in the database: whoever writes or looks for one brings it into this form first. Pure.
 */
import { domainToASCII } from 'node:url';

/** RFC 5321 §4.5.3.1: a path of 256 octets with its brackets; a local part of 64. */
export const maxAddressLength = 254;
export const maxLocalPartLength = 64;

/**
 * In the form that addresses are compared in: small letters, composed, the domain in its ASCII form. Null where it is
 * no address.
 */
export function readAddress(text: string): string | null {
  const at = text.lastIndexOf('@');
  const local = text.slice(0, at).normalize('NFC').toLowerCase();
  // What the URL parser would cut off or decode is no domain either.
  if (at < 1 || local.length > maxLocalPartLength || /[\s"<>(),:;[\]\\@\p{Cc}]/u.test(local)) return null;
  if (/[^\p{L}\p{N}\p{M}.-]/u.test(text.slice(at + 1))) return null;
  const domain = domainToASCII(text.slice(at + 1));
  const labels = domain.split('.');
  if (domain === '' || !labels.every((label) => /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(label)))
    return null;
  const address = `${local}@${domain}`;
  return address.length > maxAddressLength ? null : address;
}

/**
 * What a person wrote for an account: an address in the form above, anything else (an id) as it stands. Never fails: what
 * is neither is found nowhere.
 */
export function idOrAddressForm(text: string): string {
  return text.includes('@') ? (readAddress(text.trim()) ?? text) : text;
}

/** A login as it is kept and looked for: an address in the form above, anything else in small letters. */
export function loginForm(text: string): string {
  const trimmed = text.trim();
  return readAddress(trimmed) ?? trimmed.toLowerCase();
}

/** A domain as accounts have it: `MÜLLER.example` is `xn--mller-kva.example`. What is no domain stays as it stands. */
export function domainForm(text: string): string {
  const ascii = domainToASCII(text.trim());
  return ascii === '' ? text : ascii;
}
