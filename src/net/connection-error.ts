/** Turns Node's and OpenSSL's errors into rows of our table, with the host in the sentence. */
import { type ErrorCode, MailferryError } from '../base/errors.ts';

interface Where {
  readonly host: string;
  readonly port: number;
  readonly side?: 'old' | 'new' | undefined;
}

const codes: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  ECONNREFUSED: ['unreachable', 'nothing listens there (connection refused)'],
  EHOSTUNREACH: ['unreachable', 'no route to the host'],
  ENETUNREACH: ['unreachable', 'no route to the network'],
  EADDRNOTAVAIL: ['unreachable', 'the address cannot be used'],
  ETIMEDOUT: ['connect-timeout', 'the host does not answer'],
  ENOTFOUND: ['dns-failed', 'the host name is not known'],
  EAI_AGAIN: ['dns-failed', 'the name server does not answer'],
  ECONNRESET: ['connection-lost', 'the connection was reset'],
  EPIPE: ['connection-lost', 'the connection was closed'],
  CERT_HAS_EXPIRED: ['certificate-invalid', 'the certificate has expired'],
  CERT_NOT_YET_VALID: ['certificate-invalid', 'the certificate is not valid yet'],
  DEPTH_ZERO_SELF_SIGNED_CERT: ['certificate-invalid', 'the certificate is self-signed'],
  SELF_SIGNED_CERT_IN_CHAIN: ['certificate-invalid', 'the issuer of the certificate is not trusted'],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: ['certificate-invalid', 'the issuer of the certificate is not known'],
  UNABLE_TO_GET_ISSUER_CERT: ['certificate-invalid', 'the issuer of the certificate is not known'],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: ['certificate-invalid', 'the issuer of the certificate is not known'],
  ERR_TLS_CERT_ALTNAME_INVALID: ['certificate-invalid', 'the certificate is for another host name'],
  ERR_SSL_WRONG_VERSION_NUMBER: ['tls-to-plaintext', 'the port does not speak TLS'],
  ERR_SSL_PACKET_LENGTH_TOO_LONG: ['tls-to-plaintext', 'the port does not speak TLS'],
  ERR_SSL_RECORD_LAYER_FAILURE: ['tls-to-plaintext', 'the port does not speak TLS'],
};

/** `duringTls`: a reset or close while TLS is being agreed on mostly means that the port does not speak it. */
export function connectionError(error: unknown, where: Where, duringTls: boolean): MailferryError {
  const place = `${where.host}:${where.port}`;
  if (error instanceof MailferryError) {
    if (error.side !== undefined || where.side === undefined) return error;
    const text = error.message.includes(where.host) ? error.message : `${place}: ${error.message}`;
    return new MailferryError(error.code, text, { side: where.side, cause: error.cause });
  }
  const details = { side: where.side, cause: error };
  const code = (error as { code?: unknown } | null)?.code;
  const known = typeof code === 'string' ? codes[code] : undefined;
  if (known !== undefined) return new MailferryError(known[0], `${place}: ${known[1]}`, details);
  if (typeof code === 'string' && code.startsWith('ERR_SSL')) {
    return new MailferryError('tls-to-plaintext', `${place}: TLS failed (${code})`, details);
  }
  const closed = duringTls
    ? 'the server closed the connection while TLS was set up'
    : 'the connection was lost';
  return new MailferryError(duringTls ? 'unreachable' : 'connection-lost', `${place}: ${closed}`, details);
}
