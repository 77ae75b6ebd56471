/** What an adapter says of the other side's answer, fit for logs and for people. */
import { MailferryError } from '../base/errors.ts';
import type { Secret } from '../base/secret.ts';

/** Of a foreign text as it comes, characters; what comes behind is for nobody. */
const textAtMost = 8 * 1024;
/** Of it as it is shown. */
const answerAtMost = 300;

export function pending(adapter: string, answer: string, cause?: unknown): MailferryError {
  return new MailferryError('provisioning-pending', `${adapter}: ${answer}`, { side: 'new', cause });
}

export function refused(adapter: string, answer: string): MailferryError {
  return new MailferryError('provisioning-refused', `${adapter}: ${answer}`, { side: 'new' });
}

/** One short line of what somebody else wrote; secrets that they repeat are taken out, whole or in part. */
export function quoted(text: string, secrets: readonly (Secret | null)[]): string {
  // Long before the line is cut: a secret must not be cut in two.
  let clean = text.slice(0, textAtMost);
  for (const secret of secrets) if (secret !== null) clean = without(clean, secret.reveal());
  const line = clean
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return line.length > answerAtMost ? `${line.slice(0, answerAtMost)}…` : line;
}

/** So many characters of a secret in a row are no accident. */
const partAtLeast = 8;

/** Takes out every part of the secret that is long enough to tell something of it. */
function without(text: string, secret: string): string {
  if (secret.length < partAtLeast) return secret === '' ? text : text.replaceAll(secret, '***');
  let clean = '';
  for (let at = 0; at < text.length; ) {
    let end = at;
    while (end < text.length && secret.includes(text.slice(at, end + 1))) end++;
    if (end - at >= partAtLeast) {
      clean += '***';
      at = end;
    } else {
      clean += text[at];
      at++;
    }
  }
  return clean;
}
