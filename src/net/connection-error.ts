/** Turns Node's and OpenSSL's errors into rows of our table, with host and port in the sentence. */
import { type ErrorCode, MailferryError } from '../base/errors.ts';

interface Where {
  readonly host: string;
  readonly port: number;
  readonly side?: 'old' | 'new' | undefined;
}

/** How far the connection had come: the same reset means another thing to the operator in each. */
export type ConnectionPhase = 'tcp' | 'implicit-tls' | 'starttls' | 'open';

const codes: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  ECONNREFUSED: ['unreachable', 'nothing listens there (connection refused)'],
  EHOSTUNREACH: ['unreachable', 'no route to the host'],
  ENETUNREACH: ['unreachable', 'no route to the network'],
  EADDRNOTAVAIL: ['unreachable', 'the address cannot be used'],
  ETIMEDOUT: ['connect-timeout', 'the host does not answer'],
  ENOTFOUND: ['dns-failed', 'the host name is not known'],
  EAI_AGAIN: ['dns-failed', 'the name server does not answer'],
  CERT_HAS_EXPIRED: ['certificate-invalid', 'the certificate has expired'],
  CERT_NOT_YET_VALID: ['certificate-invalid', 'the certificate is not valid yet'],
  CERT_REVOKED: ['certificate-invalid', 'the certificate was revoked'],
  DEPTH_ZERO_SELF_SIGNED_CERT: ['certificate-invalid', 'the certificate is self-signed'],
  SELF_SIGNED_CERT_IN_CHAIN: ['certificate-invalid', 'the issuer of the certificate is not trusted'],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: ['certificate-invalid', 'the issuer of the certificate is not known'],
  UNABLE_TO_GET_ISSUER_CERT: ['certificate-invalid', 'the issuer of the certificate is not known'],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: ['certificate-invalid', 'the issuer of the certificate is not known'],
  ERR_TLS_CERT_ALTNAME_INVALID: ['certificate-invalid', 'the certificate is for another host name'],
};

/** What OpenSSL says of a record that is none. */
const notTls: ReadonlySet<string> = new Set([
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'ERR_SSL_PACKET_LENGTH_TOO_LONG',
  'ERR_SSL_RECORD_LAYER_FAILURE',
  'ERR_SSL_UNKNOWN_PROTOCOL',
  'ERR_SSL_HTTP_REQUEST',
]);

const lost: Readonly<Record<ConnectionPhase, readonly [ErrorCode, string]>> = {
  tcp: ['unreachable', 'the server closed the connection at once; it may refuse this machine'],
  'implicit-tls': [
    'unreachable',
    'the server closed the connection while TLS was set up; it may refuse this machine, or the port may not speak TLS',
  ],
  // As with implicit TLS: a server that restarts does this, and nobody has to act.
  starttls: ['unreachable', 'the server closed the connection while TLS was set up'],
  open: ['connection-lost', 'the connection was lost'],
};

export function connectionError(error: unknown, where: Where, phase: ConnectionPhase): MailferryError {
  const place = `${where.host}:${where.port}`;
  if (error instanceof MailferryError) {
    if (error.message.startsWith(place)) return error;
    return new MailferryError(error.code, `${place}: ${error.message}`, {
      side: error.side ?? where.side,
      cause: error.cause,
    });
  }
  const details = { side: where.side, cause: error };
  const code = codeOf(error);
  const known = codes[code];
  if (phase === 'open') {
    const reset = code === 'ECONNRESET' ? 'the connection was reset' : lost.open[1];
    return new MailferryError('connection-lost', `${place}: ${reset}`, details);
  }
  if (known !== undefined) {
    return new MailferryError(known[0], `${place}: ${known[1]}${shownNames(error)}`, details);
  }
  if (phase === 'implicit-tls' && notTls.has(code)) {
    return new MailferryError('tls-to-plaintext', `${place}: the port does not speak TLS`, details);
  }
  if (code.startsWith('ERR_SSL')) {
    const reason = (error as { reason?: unknown }).reason;
    const words = typeof reason === 'string' ? reason : code;
    return new MailferryError('tls-failed', `${place}: TLS cannot be agreed on (${words})`, details);
  }
  const [row, text] = lost[phase];
  return new MailferryError(row, `${place}: ${text}`, details);
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : '';
}

/** For which names the certificate is, where that is what is wrong. */
function shownNames(error: unknown): string {
  const names = (error as { cert?: { subjectaltname?: unknown } } | null)?.cert?.subjectaltname;
  if (typeof names !== 'string' || names === '') return '';
  return `: ${names.replaceAll(/(DNS|IP Address):/g, '').slice(0, 200)}`;
}
