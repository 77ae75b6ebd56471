/**
 * Takes a password or token out of what a server says. Some repeat the command they refuse, LOGIN included, and such
 * words end in errors, reports and logs (F-87).
 */
import type { Credentials } from '../../sync/mail-store.ts';

/** Below this, a secret would also be found inside ordinary words: it is taken out only where it stands alone. */
const shortSecretChars = 4;

/** All responses of a login that are made of `credentials`, as they cross the wire, are added as `sent`. */
export function redactor(credentials: Credentials, sent: readonly string[] = []): (text: string) => string {
  const secret = (credentials.kind === 'token' ? credentials.token : credentials.password).reveal();
  const escaped = secret.replaceAll(/["\\]/g, '\\$&');
  const forms = [...sent, escaped, secret, Buffer.from(secret).toString('base64')].filter(
    (form) => form !== '',
  );
  const patterns = [...new Set(forms)]
    .sort((a, b) => b.length - a.length)
    .map((form) => {
      const plain = form.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
      return new RegExp(form.length < shortSecretChars ? `(?<![\\w])${plain}(?![\\w])` : plain, 'g');
    });
  return (text) => patterns.reduce((left, pattern) => left.replace(pattern, '***'), text);
}
