/** `mailferry report`: all about one account. A client of the API. */
import { Command } from 'commander';
import type { ReportAnswer } from '../portal/presenters/report.ts';
import { reportText } from './report-text.ts';
import { addApiOptions, type ApiOptions, apiClient } from './api-client.ts';
import type { CommandEnv } from './command-env.ts';
import { exitCode } from './exit-code.ts';
import { more } from './help-text.ts';

export function reportCommand(env: CommandEnv, done: (code: number) => void): Command {
  return addApiOptions(
    new Command('report')
      .description('tell all about one account: mailboxes, what is not on new, what was done')
      .argument('<account>', 'its id or any of its addresses'),
  )
    .addHelpText(
      'after',
      more(`
Examples:
  mailferry report anna@example.org
  mailferry report anna@example.org --json

Exit codes: 0 nothing is missing on new; 1 messages were refused, or mailboxes are not carried over; 2 no such account; 3 no API.`),
    )
    .action(async (account: string, options: ApiOptions) => {
      const client = await apiClient(env, options);
      const report = await client.get<ReportAnswer>(`/accounts/${encodeURIComponent(account)}/report`);
      const line = `${JSON.stringify({ type: 'report', ...report })}\n`;
      env.stdout.write(options.json === true ? line : reportText(report, env.stdout));
      const complete = report.refused.length === 0 && report.problems.length === 0;
      done(complete ? exitCode.ok : exitCode.incomplete);
    });
}
