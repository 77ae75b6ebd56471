/** `mailferry audit`: who did what, newest first. A client of the API. */
import { Command } from 'commander';
import { MailferryError } from '../base/errors.ts';
import type { AuditAnswer } from '../portal/presenters/lists.ts';
import { clean } from './account-text.ts';
import { addApiOptions, type ApiOptions, apiClient } from './api-client.ts';
import { doneText, whenText } from './audit-text.ts';
import type { CommandEnv } from './command-env.ts';
import { exitCode } from './exit-code.ts';
import { fitTo, table } from './format.ts';
import { more } from './help-text.ts';

interface AuditOptions extends ApiOptions {
  readonly account?: string;
  readonly actor?: string;
  readonly since?: string;
  readonly limit: string;
}

/** What fits a few screens; a script gets as much unless it says otherwise. */
const standardLimit = '100';

/** An address or an id: the log also knows subjects that are no accounts, such as a team's. */
const accountForm = /@|^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export function auditCommand(env: CommandEnv, done: (code: number) => void): Command {
  return addApiOptions(
    new Command('audit')
      .description('tell who did what, newest first')
      .option('--account <account>', 'only what was done to this account: its id or any of its addresses')
      .option('--actor <name>', 'only what this one did, such as operator:anna@example.org')
      .option('--since <time>', 'nothing older: 2026-12-01, 2026-12-01T08:00Z, or a span such as 2h or 7d')
      .option('--limit <n>', 'at most so many, or all', standardLimit),
  )
    .addHelpText(
      'after',
      more(`
Times are UTC.

Examples:
  mailferry audit
  mailferry audit --account anna@example.org --limit all
  mailferry audit --actor operator --since 7d --json

Exit codes: 0 shown; 2 wrong usage, or no such account; 3 no API, or the token may not read it.`),
    )
    .action(async (options: AuditOptions) => {
      const most = limitOf(options.limit);
      const since = options.since === undefined ? undefined : sinceOf(options.since, env.clock.now());
      const { account: subject, actor } = options;
      if (subject !== undefined && !accountForm.test(subject))
        throw new MailferryError('account-unknown', `there is no account ${subject}`);
      const client = await apiClient(env, options);
      const rows: string[][] = [];
      let told = 0;
      let left = false;
      for await (const row of client.rows<AuditAnswer>('/audit', 'audit', { subject, actor, since })) {
        if (told === most) {
          left = true;
          break;
        }
        told += 1;
        if (options.json === true) env.stdout.write(`${JSON.stringify({ type: 'audit', ...row })}\n`);
        else rows.push(cells(row));
      }
      if (options.json !== true) {
        if (told === 0) env.stderr.write('Nothing was done that fits.\n');
        else
          env.stdout.write(
            table(['when (UTC)', 'who', 'to', 'what'], rows, [], fitTo(env.stdout, [1, 2, 3])),
          );
      }
      if (left) env.stderr.write(`The newest ${told}; --limit all shows the rest.\n`);
      done(exitCode.ok);
    });
}

function cells(row: AuditAnswer): string[] {
  return [
    whenText(row.at),
    clean(row.actor),
    clean(row.address ?? row.name ?? row.subject ?? ''),
    clean(doneText(row)),
  ];
}

function limitOf(text: string): number {
  if (text === 'all') return Number.POSITIVE_INFINITY;
  const most = Number(text);
  if (Number.isInteger(most) && most >= 1) return most;
  throw new MailferryError('usage', `--limit: write a whole number from 1, or all, not "${text}"`);
}

const units: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A time, or how long ago, as ISO 8601. Throws `usage`. */
function sinceOf(text: string, nowMs: number): string {
  const span = /^(\d{1,5})([mhd])$/.exec(text);
  if (span !== null) return new Date(nowMs - Number(span[1]) * (units[span[2] ?? ''] ?? 0)).toISOString();
  // A time without its zone would mean another one on each machine.
  const whole = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/.test(text);
  const at = whole ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(at)) return new Date(at).toISOString();
  throw new MailferryError(
    'usage',
    `--since: write 2026-12-01, 2026-12-01T08:00Z, or a span such as 30m, 2h or 7d, not "${text}"`,
  );
}
