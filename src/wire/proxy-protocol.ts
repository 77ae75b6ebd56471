/**
 * The header by which a balancer says whose connection it hands on: PROXY protocol, versions 1 and 2 (haproxy.org,
 * proxy-protocol.txt, 2020). Pure: bytes in, an address out. It may be read from balancers that are listed and from nobody
 * else: whoever sends it says who he is.
 */

export interface ProxiedPeer {
  /** Null: the balancer speaks for itself (LOCAL), or does not say for whom (UNKNOWN, another family). */
  readonly client: { readonly host: string; readonly port: number } | null;
  /** Octets of the header; what follows is the client's. */
  readonly length: number;
}

/** `more`: not all of it is there yet. `broken`: it is no such header, and the connection is to be closed. */
export type ProxyHeader = ProxiedPeer | 'more' | 'broken';

/** The longest line of version 1, with its CRLF. */
const maxLineBytes = 107;
/** Addresses take 36 octets; the rest are notes (TLS, names) that nobody here reads. The format allows 65,535. */
const maxBlockBytes = 4_096;
const signature = Uint8Array.of(0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a);
const fixedBytes = 16;

/** Looks at all octets since the connection began. */
export function readProxyHeader(bytes: Uint8Array): ProxyHeader {
  if (bytes.length === 0) return 'more';
  return bytes[0] === signature[0] ? readBinary(bytes) : readLine(bytes);
}

function readLine(bytes: Uint8Array): ProxyHeader {
  const seen = Math.min(bytes.length, maxLineBytes);
  let text = '';
  for (let at = 0; at < seen; at++) text += String.fromCharCode(bytes[at] ?? 0);
  const start = 'PROXY ';
  if (!start.startsWith(text.slice(0, start.length))) return 'broken';
  const end = text.indexOf('\n');
  if (end < 0) return seen === maxLineBytes ? 'broken' : 'more';
  if (text[end - 1] !== '\r') return 'broken';
  const line = text.slice(0, end - 1);
  const length = end + 1;
  // Whatever stands behind UNKNOWN is to be passed over.
  if (/^PROXY UNKNOWN(?: [\x20-\x7e]*)?$/.test(line)) return { client: null, length };
  const found = /^PROXY TCP([46]) (\S+) (\S+) (0|[1-9]\d{0,4}) (0|[1-9]\d{0,4})$/.exec(line);
  if (found === null) return 'broken';
  const [, family, source = '', target = '', sourcePort, targetPort] = found;
  const isAddress = family === '4' ? isIpv4 : isIpv6;
  const ports = [Number(sourcePort), Number(targetPort)];
  if (!isAddress(source) || !isAddress(target) || ports.some((port) => port > 65_535)) return 'broken';
  return { client: { host: source.toLowerCase(), port: Number(sourcePort) }, length };
}

function readBinary(bytes: Uint8Array): ProxyHeader {
  for (let at = 0; at < Math.min(bytes.length, signature.length); at++)
    if (bytes[at] !== signature[at]) return 'broken';
  if (bytes.length < fixedBytes) return 'more';
  const [kind = 0, family = 0, high = 0, low = 0] = bytes.subarray(signature.length, fixedBytes);
  const command = kind & 0x0f;
  const size = high * 256 + low;
  if (kind >> 4 !== 2 || command > 1 || size > maxBlockBytes) return 'broken';
  const length = fixedBytes + size;
  if (bytes.length < length) return 'more';
  const block = bytes.subarray(fixedBytes, length);
  // A LOCAL connection is the balancer's own, to see whether we live.
  if (command === 0) return { client: null, length };
  // TCP over IPv4 and IPv6; datagrams and unix sockets hand on nobody who could log in here.
  if (family === 0x11)
    return block.length < 12 ? 'broken' : { client: { host: ipv4Of(block), port: portAt(block, 8) }, length };
  if (family === 0x21)
    return block.length < 36
      ? 'broken'
      : { client: { host: ipv6Of(block), port: portAt(block, 32) }, length };
  return { client: null, length };
}

const portAt = (block: Uint8Array, at: number): number => (block[at] ?? 0) * 256 + (block[at + 1] ?? 0);

function ipv4Of(block: Uint8Array): string {
  return [...block.subarray(0, 4)].join('.');
}

/** All eight groups, without leading zeros: the caller compares addresses, not texts. */
function ipv6Of(block: Uint8Array): string {
  return Array.from({ length: 8 }, (_, group) => portAt(block, group * 2).toString(16)).join(':');
}

function isIpv4(text: string): boolean {
  const parts = text.split('.');
  return parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256);
}

/** RFC 4291 §2.2, with at most one `::` and perhaps an IPv4 address at its end. */
function isIpv6(text: string): boolean {
  const halves = text.split('::');
  if (halves.length > 2) return false;
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  // An IPv4 address stands for the last two groups, and nothing behind it.
  const endsInIpv4 = isIpv4(groups.at(-1) ?? '') && !text.endsWith('::');
  const plain = endsInIpv4 ? groups.slice(0, -1) : groups;
  const width = plain.length + (endsInIpv4 ? 2 : 0);
  return (
    plain.every((group) => /^[0-9a-f]{1,4}$/i.test(group)) && (halves.length === 2 ? width < 8 : width === 8)
  );
}
