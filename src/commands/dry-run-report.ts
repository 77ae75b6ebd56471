/** What `copy --dry-run` prints. */
import { displayName } from '../domain/mailbox-mapping.ts';
import type { DryRunResult } from '../sync/index.ts';
import type { CommandEnv } from './command-env.ts';
import { count, fitTo, size, table } from './format.ts';

export function reportDryRun(env: CommandEnv, result: DryRunResult, json: boolean): void {
  if (json) {
    const mailboxes = result.mailboxes.map(({ oldName, newName, ...rest }) => ({
      mailbox: displayName(oldName),
      newMailbox: displayName(newName),
      ...rest,
    }));
    env.stdout.write(`${JSON.stringify({ type: 'dry-run', ...result, mailboxes })}\n`);
    return;
  }
  const rows = result.mailboxes.map((m) => [
    displayName(m.oldName),
    displayName(m.newName) + (m.willBeCreated ? ' (new)' : ''),
    m.mappedBy === 'same' || m.mappedBy === 'kept' ? '' : m.mappedBy,
    count(m.messages),
    count(m.toCopy),
    size(m.bytes),
    size(m.largestBytes),
  ]);
  const head = ['Mailbox', 'On new as', 'Because of', 'Messages', 'To copy', 'Size', 'Largest'];
  env.stdout.write(table(head, rows, [3, 4, 5, 6], fitTo(env.stdout, [0, 1])));
  env.stdout.write(
    `\n${count(result.messages)} messages, ${size(result.bytes)} would be copied. Nothing was changed.\n`,
  );
  for (const blocker of result.blockers) env.stdout.write(`In the way: ${blocker.text}\n`);
}
