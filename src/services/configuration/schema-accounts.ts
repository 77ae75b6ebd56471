/** Tables of the configuration on making accounts on new, and on finding addresses on old. */
import { z } from 'zod';
import { databaseUrl, filePath, hostName, isLoopback, positive } from './schema-parts.ts';

/** A program with its arguments; no shell reads it. */
const program = (what: string) => z.array(z.string().min(1)).max(64).default([]).describe(what);
const deadline = (most: number, standard: number) =>
  positive.max(most).default(standard).describe('How long the program or the server may take, in seconds');

export const passwordsOfOld = z
  .strictObject({
    kind: z
      .enum(['none', 'passwd-file', 'sql', 'command'])
      .default('none')
      .describe('Where the hashes of passwords are copied from, for accounts that Mailferry makes on new'),
    file: filePath.optional().describe('Dovecot’s passwd-file (user:hash:...)'),
    domain: hostName.optional().describe('Of logins that stand there without one'),
    url: databaseUrl.optional().describe('A path of a SQLite file, or postgres://user@host/database'),
    password: z.string().min(1).optional().describe('Password of the database user; better in a file'),
    password_file: filePath.optional().describe('A file whose only content is that password'),
    query: z
      .string()
      .min(1)
      .optional()
      .describe('Gives the hash of the login $1: SELECT password FROM users WHERE login = $1'),
    command: program('Gives the hash of one login; the manual says what it is asked and how it answers'),
    seconds: deadline(300, 10),
    scheme: z
      .string()
      .regex(/^[A-Z0-9-]{2,32}$/)
      .optional()
      .describe('Of hashes that name none, such as SSHA'),
  })
  .superRefine(hasWhatItsKindReads)
  .prefault({});

export const discovery = z
  .strictObject({
    kind: z
      .enum(['none', 'passwd-file', 'sql', 'doveadm', 'command', 'csv'])
      .default('none')
      .describe(
        'Where the list of old’s addresses comes from: new ones become accounts, missing ones are told',
      ),
    every_seconds: positive.max(86_400).default(30).describe('How often it is looked at'),
    file: filePath
      .optional()
      .describe('Dovecot’s passwd-file, or a list as `mailferry accounts import` takes it (csv)'),
    domain: hostName.optional().describe('Of logins that stand there without one; else they are passed over'),
    url: databaseUrl.optional().describe('A path of a SQLite file, or postgres://user@host/database'),
    password: z.string().min(1).optional().describe('Password of the database user; better in a file'),
    password_file: filePath.optional().describe('A file whose only content is that password'),
    query: z
      .string()
      .min(1)
      .optional()
      .describe('Gives all: columns address or login, and where known quota_bytes, aliases, team'),
    command: program('Prints all; without it doveadm user * for doveadm'),
    seconds: deadline(300, 30),
  })
  .superRefine(hasWhatItsKindReads)
  .prefault({});

export const provisioning = z
  .strictObject({
    adapter: z
      .enum(['none', 'sql', 'command', 'mailcow'])
      .default('none')
      .describe(
        'Who makes accounts on new: none (others do), the edges of new for its Dovecot, a program, or mailcow',
      ),
    passwords: z
      .array(z.enum(['copied', 'captured']))
      .default(['copied', 'captured'])
      .describe(
        'Where the password comes from, in this order: copied from old, or given by its owner in the portal for this',
      ),
    again_minutes: positive
      .default(60)
      .describe(
        'How often an account that is there is looked at again: its password may have changed on old',
      ),
    password_mails: z
      .int()
      .min(0)
      .max(2)
      .default(0)
      .describe(
        'How many mails ask the owner of an account that has no password on new to give theirs in the portal: none, one, or a second one later',
      ),
    password_mail_days: positive
      .max(365)
      .default(7)
      .describe('How many days after the first the second one goes'),
    command: program('Makes one account; the manual says what it is asked and how it answers'),
    seconds: deadline(100, 30),
    url: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe('Where mailcow is'),
    api_key: z.string().min(1).optional().describe('Of mailcow, for reading and writing; better in a file'),
    api_key_file: filePath.optional().describe('A file whose only content is that key'),
    ca_file: filePath
      .optional()
      .describe('Certificates of mailcow’s issuer, PEM; instead of those the system trusts'),
  })
  .refine((s) => s.adapter !== 'command' || s.command.length > 0, {
    path: ['command'],
    error: 'has to be given',
  })
  .refine((s) => s.password_mails === 0 || (s.adapter !== 'none' && s.passwords.includes('captured')), {
    path: ['password_mails'],
    error: 'asks for what nothing is done with: adapter has to be given, and "captured" among passwords',
  })
  .refine((s) => s.adapter !== 'mailcow' || s.url !== undefined, { path: ['url'], error: 'has to be given' })
  .refine((s) => s.adapter !== 'mailcow' || (s.api_key ?? s.api_key_file) !== undefined, {
    path: ['api_key_file'],
    error: 'has to be given',
  })
  .refine((s) => s.url?.startsWith('http:') !== true || isLoopback(new URL(s.url).hostname), {
    path: ['url'],
    error: 'sends the key in clear text: use https',
  })
  .prefault({});

/** By kind, the keys without which nothing can be read. */
const readBy: Readonly<Record<string, readonly ('file' | 'url' | 'query' | 'command')[]>> = {
  'passwd-file': ['file'],
  csv: ['file'],
  sql: ['url', 'query'],
  command: ['command'],
};

function hasWhatItsKindReads(
  source: {
    readonly kind: string;
    readonly file?: string | undefined;
    readonly url?: string | undefined;
    readonly query?: string | undefined;
    readonly command: readonly string[];
  },
  context: z.RefinementCtx,
): void {
  for (const key of readBy[source.kind] ?? []) {
    if ((source[key]?.length ?? 0) === 0)
      context.addIssue({ code: 'custom', path: [key], message: 'has to be given' });
  }
}
