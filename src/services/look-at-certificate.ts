/** The certificate of an IMAP server, by implicit TLS or after STARTTLS (RFC 9051 §6.2.1); nobody logs in. */
import net from 'node:net';
import { type LookOptions, type PeerCertificate, peerCertificate } from '../net/peer-certificate.ts';

export interface CertificateLook extends LookOptions {
  readonly port: number;
  readonly security: 'implicit' | 'starttls';
}

/** Longer than any greeting or answer that is honest. */
const maxAnswerBytes = 8 * 1024;

/** Null where there is none to be seen: nobody answers, or no TLS. Never rejects. */
export async function lookAtCertificate(look: CertificateLook): Promise<PeerCertificate | null> {
  const { host, port, security, signal } = look;
  const line = net.connect({ host, port, signal });
  // Each wait below has its own; this one is for the time between.
  line.on('error', () => undefined);
  try {
    await told(line, 'connect', signal);
    if (security === 'starttls' && !(await agreesToTls(line, signal))) return null;
    return await peerCertificate(line, look);
  } catch {
    return null;
  } finally {
    line.destroy();
  }
}

async function agreesToTls(line: net.Socket, signal: AbortSignal): Promise<boolean> {
  let text = '';
  const until = async (end: RegExp): Promise<RegExpExecArray | null> => {
    for (;;) {
      const found = end.exec(text);
      if (found !== null) return found;
      if (text.length > maxAnswerBytes) return null;
      const chunk = await told(line, 'data', signal);
      text += (chunk as Buffer).toString('latin1');
    }
  };
  if ((await until(/^\* (?:OK|PREAUTH)[^\n]*\n/i)) === null) return false;
  text = '';
  line.write('c1 STARTTLS\r\n');
  const answer = await until(/^c1 (OK|NO|BAD)\b[^\n]*\n/im);
  line.pause();
  return answer?.[1]?.toUpperCase() === 'OK';
}

/** The next event of this name; rejects where the line ends before. */
function told(line: net.Socket, event: 'connect' | 'data', signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const done = (settle: () => void): void => {
      line.off(event, onEvent).off('close', onEnd).off('error', onEnd);
      signal.removeEventListener('abort', onEnd);
      settle();
    };
    const onEvent = (value?: unknown): void => done(() => resolve(value));
    const onEnd = (): void => done(() => reject(new Error('the line ended')));
    line.once(event, onEvent).once('close', onEnd).once('error', onEnd);
    signal.addEventListener('abort', onEnd, { once: true });
    if (signal.aborted || line.destroyed) onEnd();
  });
}
