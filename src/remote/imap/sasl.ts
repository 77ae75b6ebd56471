/** One SASL exchange (RFC 9051 §6.2.2): a mechanism and its only response; a secret is sent once. */
import { MailferryError } from '../../base/errors.ts';
import type { Credentials } from '../../sync/mail-store.ts';
import { bearerAbort } from '../../wire/sasl/oauthbearer.ts';
import type { Tagged } from './command.ts';
import type { ImapStoreOptions } from './options.ts';
import type { CommandPipe } from './pipe.ts';
import { redactor } from './redact.ts';

/** The server does not offer what a login needs. */
export function methodMissing(
  options: Pick<ImapStoreOptions, 'host' | 'port' | 'side'>,
  what: string,
): MailferryError {
  return new MailferryError(
    'login-method-missing',
    `${options.host}:${options.port} does not offer ${what}`,
    {
      side: options.side,
    },
  );
}

/** AUTHENTICATE with the response in the first line where SASL-IR (RFC 4959) allows it. */
export async function authenticateBy(
  pipe: CommandPipe,
  mechanism: string,
  response: Uint8Array,
  capabilities: readonly string[],
  credentials: Credentials,
): Promise<Tagged> {
  const encoded = Buffer.from(response).toString('base64');
  pipe.redact = redactor(credentials, [encoded]);
  const initial = capabilities.includes('SASL-IR');
  let sent = initial;
  return await pipe.run(
    'AUTHENTICATE',
    [` ${mechanism}${initial ? ` ${encoded === '' ? '=' : encoded}` : ''}`],
    {
      continuation: () => {
        // A second challenge carries an error report; what fetches the tagged NO then is U+0001 for OAUTHBEARER
        // (RFC 7628 §3.2.3) and an empty line for XOAUTH2.
        const abort = mechanism === 'OAUTHBEARER' ? Buffer.from(bearerAbort).toString('base64') : '';
        pipe.raw(Buffer.from(`${sent ? abort : encoded}\r\n`));
        sent = true;
      },
    },
  );
}
