/** Mails to owners of accounts, through the SMTP server that the configuration names; by nodemailer. */
import { createTransport } from 'nodemailer';
import type { Secret } from '../base/secret.ts';
import type { SendMail } from '../portal/outbox/send.ts';
import type { Configuration } from './configuration/schema.ts';

/** One mail may wait for a slow server, but not hold up all others for long. */
const timeoutMs = 30_000;

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
      const { responseCode, message } = error as { readonly responseCode?: number; readonly message: string };
      const said = new Error(message, { cause: error });
      // RFC 5321 §4.2.1: 5yz will stay so.
      throw Object.assign(said, { permanent: responseCode !== undefined && responseCode >= 500 });
    }
  };
}
