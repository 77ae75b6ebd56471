/** Networks as Postfix reads them in a table (cidr_table(5)). Pure. */
import { isIP } from 'node:net';

/**
 * An IP address or network in the form in which Postfix compares it; null where it is none. Postfix leaves out a network with
 * bits beyond its mask, with a warning in the log alone, and knows an IPv4 address within IPv6 as IPv4 only.
 */
export function networkOf(text: string): string | null {
  const [address = '', length, ...rest] = text.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0 || (length !== undefined && !/^\d{1,3}$/.test(length))) return null;
  const value = family === 4 ? v4(address) : v6(address);
  const size = family === 4 ? 32 : 128;
  const bits = length === undefined ? size : Number(length);
  if (bits > size || (value & ((1n << BigInt(size - bits)) - 1n)) !== 0n) return null;
  const mapped = family === 6 && value >> 32n === 0xffffn && bits >= 96;
  if (!mapped) return text;
  const inner = [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join('.');
  return length === undefined ? inner : `${inner}/${bits - 96}`;
}

const v4 = (address: string): bigint =>
  address.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n);

function v6(address: string): bigint {
  // As the URL standard writes it: no zone, no IPv4 at its end, one `::` at most.
  const [head = '', tail] = new URL(`http://[${address.replace(/%.*/, '')}]`).hostname
    .slice(1, -1)
    .split('::');
  const groups = (part: string) => part.split(':').filter((one) => one !== '');
  const [front, back] = [groups(head), groups(tail ?? '')];
  const all = [...front, ...Array.from({ length: 8 - front.length - back.length }, () => '0'), ...back];
  return all.reduce((sum, group) => sum * 65_536n + BigInt(`0x${group}`), 0n);
}
