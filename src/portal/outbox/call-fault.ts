/** Why a program that is called did not answer: a code to keep, and words for the operator. Pure. */
import type { Words } from '../../domain/trouble.ts';

const callFaults = {
  'name-unknown': { de: 'Der Name ist unbekannt.', en: 'The name is not known.' },
  refused: { de: 'Dort nimmt niemand die Verbindung an.', en: 'Nobody takes the connection there.' },
  unreachable: { de: 'Der Rechner ist nicht zu erreichen.', en: 'The host cannot be reached.' },
  timeout: { de: 'Es kam keine Antwort in der Zeit.', en: 'No answer came in time.' },
  certificate: { de: 'Sein Zertifikat wird nicht anerkannt.', en: 'Its certificate is not accepted.' },
  redirect: {
    de: 'Es verweist an eine andere Adresse; tragen Sie diese ein.',
    en: 'It points to another address; enter that one.',
  },
  'connection-lost': { de: 'Die Verbindung brach ab.', en: 'The connection was lost.' },
  failed: { de: 'Der Aufruf schlug fehl.', en: 'The call failed.' },
} as const satisfies Record<string, Words>;
export type CallFault = keyof typeof callFaults;

const byCode: Readonly<Record<string, CallFault>> = {
  ENOTFOUND: 'name-unknown',
  EAI_AGAIN: 'name-unknown',
  ECONNREFUSED: 'refused',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  ETIMEDOUT: 'timeout',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
  UND_ERR_HEADERS_TIMEOUT: 'timeout',
  ECONNRESET: 'connection-lost',
  EPIPE: 'connection-lost',
  UND_ERR_SOCKET: 'connection-lost',
  // OpenSSL's words for a chain that nobody vouches for have no common beginning.
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'certificate',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'certificate',
};

/** Of what `fetch` threw: it says "fetch failed" for all, and the reason in its cause. */
export function callFaultOf(error: unknown): CallFault {
  if (!(error instanceof Error)) return 'failed';
  if (error.name === 'TimeoutError') return 'timeout';
  const cause = error.cause as { readonly code?: unknown; readonly message?: unknown } | undefined;
  const code = typeof cause?.code === 'string' ? cause.code : '';
  if (/CERT/.test(code)) return 'certificate';
  if (/redirect/.test(String(cause?.message))) return 'redirect';
  return byCode[code] ?? 'failed';
}

/** `kept` as the outbox has it; what is no code of ours is told as it stands: an earlier release wrote sentences. */
export function callFaultWords(kept: string, answer: number | null): Words {
  if (answer !== null) return { de: `die Antwort war ${answer}`, en: `it answered ${answer}` };
  return kept in callFaults ? callFaults[kept as CallFault] : { de: kept, en: kept };
}
