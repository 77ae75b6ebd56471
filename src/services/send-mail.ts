/** Mails to owners of accounts, through the SMTP server that the configuration names; by nodemailer. */
import { createTransport } from 'nodemailer';
import type { Secret } from '../base/secret.ts';
import type { SendMail } from '../portal/outbox/send.ts';
import type { Configuration } from './configuration/schema.ts';

/** One mail may wait for a slow server, but not hold up all others for long. */
const timeoutMs = 30_000;

/** Of nodemailer's errors, what tells one from another. */
interface SmtpError {
  readonly responseCode?: number;
  readonly code?: string;
  readonly message: string;
}

/** Null where mails are off. */
export function smtpSender(mail: Configuration['mail'], password: Secret | undefined): SendMail | null {
  const { host, port, tls, user, from } = mail;
  if (host === undefined || from === undefined) return null;
  const transport = createTransport({
    host,
    port: port ?? (tls === 'implicit' ? 465 : 587),
    secure: tls === 'implicit',
    requireTLS: tls === 'starttls',
    ignoreTLS: tls === 'none',
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    // Nothing of a mail comes from a file or from elsewhere.
    disableFileAccess: true,
    disableUrlAccess: true,
    ...(user === undefined ? {} : { auth: { user, pass: password?.reveal() ?? '' } }),
  });
  return async ({ to, subject, text, html, messageId }) => {
    const headers = { 'Auto-Submitted': 'auto-generated' };
    try {
      await transport.sendMail({
        from,
        to: { name: '', address: to },
        subject,
        text,
        html,
        messageId,
        headers,
      });
    } catch (error) {
      const { responseCode = 0, code, message } = error as SmtpError;
      // RFC 5321 §4.2.1: 5yz will stay so, where it is about this mail. A refused login is about us, and is mended.
      const permanent = responseCode >= 500 && (code === 'EENVELOPE' || code === 'EMESSAGE');
      throw Object.assign(new Error(message, { cause: error }), { permanent });
    }
  };
}
