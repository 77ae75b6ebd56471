/** Whom we trust on a TLS connection: the system's issuers, issuers from a file, or one pinned certificate. */
import net from 'node:net';
import type tls from 'node:tls';
import { MailferryError } from '../base/errors.ts';

export interface TlsTrust {
  /** PEM of additional issuers; they replace the system's list when given. */
  readonly caPem: string | null;
  /** SHA-256 of certificates (DER), lower-case hex without colons: the peer must show one of them, nothing else is checked. Empty: not pinned. */
  readonly fingerprintsSha256: readonly string[];
}

export const systemTrust: TlsTrust = { caPem: null, fingerprintsSha256: [] };

/** Options for tls.connect. TLS 1.2 is the oldest version that RFC 8996 leaves. */
export function tlsOptions(host: string, trust: TlsTrust): tls.ConnectionOptions {
  return {
    ...(net.isIP(host) === 0 ? { servername: host } : {}),
    minVersion: 'TLSv1.2',
    ...(trust.caPem === null ? {} : { ca: trust.caPem }),
    // A pinned certificate is compared by `verifyPeer`, before a byte of ours is sent.
    rejectUnauthorized: trust.fingerprintsSha256.length === 0,
  };
}

/** Compares the pinned fingerprint; throws 'pin-mismatch' when another certificate was shown. */
export function verifyPeer(socket: tls.TLSSocket, trust: TlsTrust): void {
  if (trust.fingerprintsSha256.length === 0) return;
  const shown = socket.getPeerCertificate().fingerprint256?.replaceAll(':', '').toLowerCase();
  if (shown !== undefined && trust.fingerprintsSha256.includes(shown)) return;
  throw new MailferryError(
    'pin-mismatch',
    `the server shows another certificate than the pinned one: sha256:${shown ?? 'none'}`,
  );
}
