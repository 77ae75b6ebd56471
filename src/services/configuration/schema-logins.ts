/** Keys of a server's table on how Mailferry logs in for all accounts, beside passwords of their own. */
import { z } from 'zod';
import { filePath, positive } from './schema-parts.ts';

/** A login name that holds the account's and the master's: `{user}*{master}`. */
const joined = (text: string) => /\{(user|local)\}/.test(text) && text.includes('{master}');

export const masterLogin = z
  .string()
  .max(200)
  .refine((text) => text === 'authzid' || text === 'proxyauth' || joined(text), {
    error: 'is "authzid", "proxyauth", or a name with {user} or {local}, and {master}, as "{user}*{master}"',
  })
  .default('authzid')
  .describe(
    'How master_user logs in for an account: authzid (SASL PLAIN, RFC 4616: Dovecot, Cyrus, Zimbra), proxyauth (a command ' +
      'after its own login), or one name for both, such as "{user}*{master}" (Dovecot) or, where logins have no domain, "{master}/{local}"',
  );

export const accessTokens = z
  .strictObject({
    command: z
      .array(z.string().min(1))
      .max(64)
      .default([])
      .describe(
        'A program that gives an OAuth token for one account (RFC 6749 §5.1); the manual says what it is asked. It goes before ' +
          'master_user',
      ),
    file: filePath
      .optional()
      .describe(
        'A file whose only content is a token that is good for all accounts; read anew for each login',
      ),
    mechanism: z
      .enum(['XOAUTH2', 'OAUTHBEARER'])
      .optional()
      .describe('OAUTHBEARER where the server offers it, else XOAUTH2, without'),
    seconds: positive.max(300).default(20).describe('How long the program may take, in seconds'),
  })
  .refine((t) => t.command.length === 0 || t.file === undefined, {
    path: ['file'],
    error: 'stands beside command: one of them is enough',
  })
  .prefault({});
