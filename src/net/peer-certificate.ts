/**
 * What a server shows of itself in a TLS handshake, and whether we would take it: for people who decide whom to trust. On
 * a connection of its own, on which no login is ever sent, for the handshake goes on with a certificate of anybody.
 */
import type net from 'node:net';
import tls from 'node:tls';
import { type TlsTrust, tlsOptions } from './tls-trust.ts';

export interface PeerCertificate {
  readonly subject: string;
  readonly issuer: string;
  /** For which it is good: `DNS:mail.example.org`. */
  readonly names: readonly string[];
  readonly validFromMs: number;
  readonly validToMs: number;
  /** Lower-case hex without colons. */
  readonly fingerprintSha256: string;
  /** As the connections of the sync would judge it. */
  readonly trusted: boolean;
  /** Why not: OpenSSL's word or Node's. */
  readonly why: string | null;
}

export interface LookOptions {
  readonly host: string;
  readonly trust: TlsTrust;
  readonly signal: AbortSignal;
}

/** A server shows as many names as it likes. */
const maxNames = 20;
const maxText = 500;

/** Null where there is no TLS. `line`: connected, at the place where the handshake begins; it is closed. */
export function peerCertificate(
  line: net.Socket,
  { host, trust, signal }: LookOptions,
): Promise<PeerCertificate | null> {
  return new Promise((resolve) => {
    const socket = tls.connect({ ...tlsOptions(host, trust), rejectUnauthorized: false, host, socket: line });
    const settle = (answer: PeerCertificate | null): void => {
      signal.removeEventListener('abort', onAbort);
      socket.destroy();
      line.destroy();
      resolve(answer);
    };
    const onAbort = (): void => settle(null);
    signal.addEventListener('abort', onAbort, { once: true });
    socket.once('secureConnect', () => settle(judged(socket, trust)));
    socket.on('error', () => settle(null));
    socket.once('close', () => settle(null));
    if (signal.aborted) onAbort();
  });
}

function judged(socket: tls.TLSSocket, { fingerprintsSha256: pins }: TlsTrust): PeerCertificate | null {
  const shown = socket.getPeerX509Certificate();
  if (shown === undefined) return null;
  const fingerprintSha256 = shown.fingerprint256.replaceAll(':', '').toLowerCase();
  const pinned = pins.length > 0;
  const trusted = pinned ? pins.includes(fingerprintSha256) : socket.authorized;
  return {
    subject: oneLine(shown.subject),
    issuer: oneLine(shown.issuer),
    names: (shown.subjectAltName ?? '')
      .split(', ')
      .filter((name) => name !== '')
      .slice(0, maxNames)
      .map(oneLine),
    validFromMs: Date.parse(shown.validFrom),
    validToMs: Date.parse(shown.validTo),
    fingerprintSha256,
    trusted,
    why: trusted ? null : pinned ? 'PIN_MISMATCH' : String(socket.authorizationError).slice(0, maxText),
  };
}

function oneLine(text: string | undefined): string {
  return (text ?? '').replaceAll('\n', ', ').slice(0, maxText);
}
