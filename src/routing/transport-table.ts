/**
 * Rows of Postfix's transport table (transport(5)): the whole address as key, the host to hand its mail to as value. Pure.
 *
 * Keys are in the external form, with a local part quoted that needs it (that is how Postfix asks), and each domain with
 * letters beyond ASCII is there both ways: as U-label and as A-label.
 */
import { domainToASCII, domainToUnicode } from 'node:url';

/** `mailferry` is the service in master.cf; brackets: the host itself, not what its MX record says. */
export function nexthopOf(host: string, port: number): string {
  return `mailferry:[${host}]:${port}`;
}

/** The same host by the service for addresses that Mailferry does not know. */
export function restOf(nexthop: string): string {
  return nexthop.replace(/^mailferry:/, 'mailferry-rest:');
}

/** As people and databases write an address: folded to lower case, in NFC. Postfix folds what it asks for alike. */
export function foldAddress(address: string): string {
  return address.normalize('NFC').toLowerCase();
}

/**
 * Letters that Postfix folds to others (ß to ss, ς to σ) or leaves out: with them a key would be that of somebody else, and a
 * domain with them is found by its A-label alone. postmap takes a line that begins with `#` for a comment.
 */
const unwritable = /[ßẞς\u200c\u200d]|^#/u;

/** All keys that Postfix may ask with for mail to this address; none for a local part that its tables cannot have. */
export function keysOf(address: string): string[] {
  const at = address.lastIndexOf('@');
  if (at <= 0 || unwritable.test(address.slice(0, at))) return [];
  const local = quoted(unquoted(address.slice(0, at)));
  const domain = address.slice(at + 1);
  return [...new Set(domainKeysOf(domain).map((one) => foldAddress(`${local}@${one}`)))];
}

/** A domain as it is written, as A-label and as U-label; with letters that no key may have, as A-label. */
export function domainKeysOf(domain: string): string[] {
  const both = [domain, domainToASCII(domain) || domain, domainToUnicode(domain) || domain];
  return [...new Set(both.map(foldAddress))].filter((one) => !unwritable.test(one));
}

/**
 * The addresses to look for when Postfix asks a server of ours with `key`, which it does once and with whatever the
 * sender wrote: as it is, then without extension. Empty for keys that are no address (`*`, a domain), or one of none.
 */
export function candidatesOf(key: string, delimiters: string): string[] {
  const at = key.lastIndexOf('@');
  if (at <= 0 || at === key.length - 1 || unwritable.test(key.slice(0, at))) return [];
  const local = unquoted(key.slice(0, at));
  const domains = domainsAsked(key.slice(at + 1));
  const plain = withoutExtension(local, delimiters);
  const locals = plain === local ? [local] : [local, plain];
  return [
    ...new Set(
      locals
        .flatMap((one) => domains.flatMap((name) => [`${one}@${name}`, `${quoted(one)}@${name}`]))
        .map(foldAddress),
    ),
  ];
}

/**
 * How a replica may have the domain that Postfix asks with. What is no domain, or written in a way of its own (with percent
 * signs, in wide letters), stays as it is: no table has it either.
 */
export function domainsAsked(domain: string): string[] {
  const folded = foldAddress(domain);
  const both = [domainToUnicode(folded), domainToASCII(folded)];
  return both.includes(folded) ? [...new Set(both)] : [folded];
}

/** RFC 5321 §4.1.2: what is no dot-string is a quoted string; RFC 6531 lets letters beyond ASCII into both. */
function quoted(local: string): string {
  const atext = /^[\w!#$%&'*+/=?^`{|}~\u0080-\u{10ffff}-]+(\.[\w!#$%&'*+/=?^`{|}~\u0080-\u{10ffff}-]+)*$/u;
  return atext.test(local) ? local : `"${local.replace(/["\\]/g, '\\$&')}"`;
}

function unquoted(local: string): string {
  const inner = /^"(.*)"$/s.exec(local)?.[1];
  return inner === undefined ? local : inner.replace(/\\(.)/gs, '$1');
}

/** As Postfix splits: at the first delimiter that is not at the beginning; never for names it keeps whole. */
function withoutExtension(local: string, delimiters: string): string {
  if (/^(mailer-daemon|postmaster|double-bounce)$/i.test(local)) return local;
  for (let at = 1; at < local.length; at++)
    if (delimiters.includes(local[at] ?? '')) return local.slice(0, at);
  return local;
}
