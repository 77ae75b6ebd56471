/** The new server's settings as the owner of a mailbox is shown them. */
import { z } from 'zod';
import type { AccountView } from '../../state/database/account-list.ts';
import { bothInUse, type MailPrograms, newServerUsable } from '../mail-programs.ts';

const serverSchema = z.object({
  host: z.string(),
  port: z.int(),
  security: z.enum(['implicit', 'starttls']).describe('TLS from the first octet, or STARTTLS'),
  user: z.string().describe('Name to log in with'),
});

export const mailProgramsSchema = z
  .object({
    settings: z
      .object({
        name: z.string().nullable().describe('Of the provider'),
        imap: serverSchema,
        submission: serverSchema,
        pop3: serverSchema.nullable(),
        both: z.boolean().describe('Both servers are in use: what is sent through new lies only there'),
        page: z
          .string()
          .nullable()
          .describe(
            'Address of these settings in the portal, for another device; null without control.public_url',
          ),
      })
      .nullable()
      .describe('Null before the mailbox is in step, and where the operator configured none'),
  })
  .meta({ id: 'MailPrograms' });
export type MailProgramsAnswer = z.output<typeof mailProgramsSchema>;

/** Where these settings are in the portal. */
const pagePath = '/mailbox/programs';

export function mailProgramsAnswer(
  programs: MailPrograms | null,
  { phase, newLogin }: Pick<AccountView, 'phase' | 'newLogin'>,
  publicUrl: string | null,
): MailProgramsAnswer {
  if (programs === null || !newServerUsable(phase)) return { settings: null };
  const { name, imap, submission, pop3 } = programs;
  const user = newLogin;
  return {
    settings: {
      name,
      imap: { ...imap, user },
      submission: { ...submission, user },
      pop3: pop3 === null ? null : { ...pop3, user },
      both: bothInUse(phase),
      page: publicUrl === null ? null : publicUrl.replace(/\/+$/, '') + pagePath,
    },
  };
}
