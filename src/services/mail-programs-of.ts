/** Fills in what the operator left out of `[mail_programs]`. Pure. */
import type { MailPrograms, ProgramSecurity, ProgramServer } from '../portal/mail-programs.ts';
import type { Configuration } from './configuration/schema.ts';

/** As IANA assigns them. */
const standardPorts = {
  imap: { implicit: 993, starttls: 143 },
  submission: { implicit: 465, starttls: 587 },
  pop3: { implicit: 995, starttls: 110 },
} as const;

/** Null where the operator names no IMAP host: then owners are shown nothing. */
export function mailProgramsOf(table: Configuration['mail_programs']): MailPrograms | null {
  const imap = server(table.imap, standardPorts.imap);
  const submission = server(table.submission, standardPorts.submission);
  // The schema has seen to it that they come together.
  if (imap === null || submission === null) return null;
  return { name: table.name ?? null, imap, submission, pop3: server(table.pop3, standardPorts.pop3) };
}

function server(
  { host, port, security }: Configuration['mail_programs']['imap'],
  ports: Readonly<Record<ProgramSecurity, number>>,
): ProgramServer | null {
  return host === undefined ? null : { host, port: port ?? ports[security], security };
}
