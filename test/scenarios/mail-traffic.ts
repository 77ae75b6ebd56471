/** Mail through the two hosts, and where it ended up: each message has a number that is told from its Message-ID and body. */
import { createHash } from 'node:crypto';
import { createTransport } from 'nodemailer';
import { labCaPem } from '../lab/certificates.ts';
import type { LabUser } from '../lab/dovecot.ts';
import type { MailHost, MailHosts } from './mail-hosts.ts';

export interface Sending {
  readonly from?: string;
  readonly to: string | readonly string[];
  /** The address in 127/8 that it is sent from. */
  readonly source?: string;
  /** How it greets. */
  readonly helo?: string;
  /** Logs in at the submission service first; at the usual port where `at` says so. */
  readonly login?: LabUser & { readonly at?: 'port 25' };
}

/** One message by SMTP; gives what the server refused it with, or null. */
export async function send(host: MailHost, number: number, options: Sending): Promise<string | null> {
  const transport =
    options.login === undefined
      ? transportTo(host, options.source, options.helo)
      : submissionTo(host, options.login);
  try {
    await transport.sendMail(messageOf(number, options));
    return null;
  } catch (error) {
    const { response } = error as { response?: string };
    return response ?? String(error);
  } finally {
    transport.close();
  }
}

/** With STARTTLS and the certificate verified, as mail programs do. */
function submissionTo(
  { postfix }: MailHost,
  { name: user, password: pass, at }: NonNullable<Sending['login']>,
) {
  return createTransport({
    host: postfix.address,
    port: at === undefined ? postfix.submissionPort : postfix.port,
    requireTLS: true,
    tls: { ca: labCaPem(), servername: postfix.name },
    auth: { user, pass, method: 'PLAIN' },
  });
}

/** Several connections that are kept. */
export function transportTo(host: MailHost, source?: string, helo?: string) {
  return createTransport({
    host: host.postfix.address,
    port: host.postfix.port,
    pool: true,
    maxConnections: 8,
    maxMessages: 1_000,
    ignoreTLS: true,
    ...(source === undefined ? {} : { localAddress: source }),
    ...(helo === undefined ? {} : { name: helo }),
  });
}

export function messageOf(number: number, { from = 'sender@elsewhere.example', to }: Sending) {
  const recipients = typeof to === 'string' ? [to] : [...to];
  return {
    envelope: { from, to: recipients, use8BitMime: true },
    raw:
      `From: ${from || 'mailer-daemon@elsewhere.example'}\r\nTo: ${recipients.join(', ')}\r\nSubject: number ${number}\r\n` +
      `Message-ID: <number-${number}@elsewhere.example>\r\nMIME-Version: 1.0\r\n` +
      `Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n${bodyOf(number)}`,
  };
}

/** With what systems on the way may be tempted to change. */
function bodyOf(number: number): string {
  const lines = [
    `This is number ${number}.`,
    '',
    '.',
    '..two',
    'From the top:',
    'blank at the end ',
    // Whoever makes 7 bits of it breaks signatures.
    'Grüße aus 東京',
    `x${number} `.repeat(60),
  ];
  return lines.map((line) => `${line}\r\n`).join('');
}

/** Of the body as it was sent. */
export const digestOf = (number: number): string => sha256(bodyOf(number));

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** A message in a mailbox. */
interface Letter {
  /** Told from its Message-ID. */
  readonly number: number;
  /** SHA-256 of its body; lines end in CRLF. */
  readonly digest: string;
}

/** All in the INBOX. */
export async function lettersOf(host: MailHost, user: string): Promise<Letter[]> {
  const args = ['-f', 'json', 'fetch', '-u', user, 'hdr.message-id body', 'mailbox', 'INBOX'];
  const all = JSON.parse((await host.dovecot.doveadm(args)) || '[]') as Record<string, string>[];
  return all.map((one) => {
    const id = /<number-(\d+)@elsewhere\.example>/.exec(one['hdr.message-id'] ?? '');
    const body = (one['body'] ?? '').replaceAll(/\r?\n/g, '\r\n');
    return { number: Number(id?.[1]), digest: sha256(body) };
  });
}

/** How often each number lies in the mailbox. Throws where the body of one is not as it was sent. */
async function found(host: MailHost, user: string): Promise<Map<number, number>> {
  const counts = new Map<number, number>();
  for (const { number, digest } of await lettersOf(host, user)) {
    if (digest !== digestOf(number))
      throw new Error(`${host.side}:${user}: the body of ${number} is another`);
    counts.set(number, (counts.get(number) ?? 0) + 1);
  }
  return counts;
}

/** Where number lies: `old:anna`, once for each copy. */
export async function placesOf(
  hosts: MailHosts,
  users: readonly string[],
  number: number,
): Promise<string[]> {
  const places: string[] = [];
  for (const host of [hosts.old, hosts.new])
    for (const user of users)
      for (let n = (await found(host, user)).get(number) ?? 0; n > 0; n--)
        places.push(`${host.side}:${user}`);
  return places;
}

/** Until both queues are empty. Throws with what is left in them. */
export async function queuesEmpty({ old, new: fresh }: MailHosts, withinMs = 30_000): Promise<void> {
  const end = performance.now() + withinMs;
  for (;;) {
    const queued = [...(await old.postfix.queue()), ...(await fresh.postfix.queue())];
    if (queued.length === 0) return;
    if (performance.now() > end) throw new Error(`still queued: ${JSON.stringify(queued).slice(0, 2_000)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Lines of both logs that say that something was bounced. */
export function bounces({ old, new: fresh }: MailHosts): string[] {
  const log = `${old.postfix.log()}\n${fresh.postfix.log()}`;
  return log
    .split('\n')
    .filter((line) => /status=bounced|sender non-delivery|mail for .* loops back/.test(line));
}
