/** The server's first line (RFC 9051 §7.1): IMAP at all, and one that lets us log in; else an error that says what answers there. */
import { MailferryError } from '../../base/errors.ts';
import { speaksTls } from '../../net/probe-tls.ts';
import type { ImapResponse } from '../../wire/imap/response.ts';
import type { ImapStoreOptions } from './options.ts';
import type { CommandPipe } from './pipe.ts';
import { byeError } from './refusal.ts';

/**
 * A server that waits for TLS says nothing at all. After this long, a second connection asks whether it is one: an
 * honest server greets within a second, and a person should not wait for the whole budget to learn of a wrong port.
 */
const silenceBeforeProbeMs = 5000;

export async function readGreeting(
  pipe: CommandPipe,
  options: ImapStoreOptions,
  timeoutMs: number,
): Promise<ImapResponse> {
  const { side, host, port } = options;
  const place = `${host}:${port}`;
  let greeting: ImapResponse;
  const probe = options.security !== 'implicit' ? probeWhenSilent(pipe, options, timeoutMs) : null;
  try {
    greeting = await pipe.greeting(timeoutMs);
  } catch (error) {
    throw error instanceof MailferryError ? greetingError(error, place, side) : error;
  } finally {
    probe?.abort();
  }
  if (greeting.kind === 'condition' && greeting.status === 'OK') return greeting;
  if (greeting.kind === 'condition' && greeting.status === 'BYE') {
    throw byeError(greeting.code, greeting.text, side);
  }
  if (greeting.kind === 'condition' && greeting.status === 'PREAUTH') {
    throw new MailferryError(
      'login-method-missing',
      `${place}: the server logs everybody in at once (PREAUTH), and nobody knows into whose account`,
      { side },
    );
  }
  throw notImap(place, greeting.kind === 'unknown' ? greeting.line : '', { side });
}

function greetingError(error: MailferryError, place: string, side: 'old' | 'new'): MailferryError {
  const details = { side, cause: error, serverText: error.serverText };
  if (error.code === 'not-imap' || error.code === 'protocol-violation') {
    return notImap(place, error.serverText ?? '', details);
  }
  if (error.code === 'connection-lost') {
    const text = `${place}: the server closed the connection before greeting; it may refuse this machine`;
    return new MailferryError('unreachable', text, details);
  }
  return new MailferryError(error.code, `${place}: ${error.message}`, details);
}

/** What else people find on a port they took for IMAP, by its first words. */
const others: readonly (readonly [RegExp, string])[] = [
  [/^(HTTP\/|<)/i, 'a web server'],
  [/^220[ -].*\bFTP\b/i, 'an FTP server'],
  [/^(220|421|554)[ -]/, 'an SMTP server'],
  [/^(\+OK|-ERR)/, 'a POP3 server'],
  [/^"IMPLEMENTATION"/i, 'a ManageSieve server'],
  [/^SSH-/, 'an SSH server'],
];

function notImap(
  place: string,
  line: string,
  details: { readonly side: 'old' | 'new'; readonly cause?: unknown },
): MailferryError {
  const kind = others.find(([pattern]) => pattern.test(line))?.[1];
  const what = `not an IMAP server${kind === undefined ? '' : ` but ${kind}`}`;
  const words = line === '' ? '' : ` (${line.slice(0, 100)})`;
  return new MailferryError('not-imap', `${place}: ${what}${words}`, {
    ...details,
    serverText: line === '' ? undefined : line,
  });
}

function probeWhenSilent(pipe: CommandPipe, options: ImapStoreOptions, timeoutMs: number): AbortController {
  const over = new AbortController();
  const waitMs = Math.min(silenceBeforeProbeMs, timeoutMs / 3);
  const probe = async () => {
    await options.clock.sleep(waitMs, over.signal);
    if (!(await speaksTls(options.host, options.port, over.signal)) || over.signal.aborted) return;
    pipe.destroy('plaintext-to-tls', 'the server waits for TLS where plain text was expected');
  };
  probe().catch(() => undefined);
  return over;
}
