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
    const renames = result.renames.map(({ from, to }) => ({ from: displayName(from), to: displayName(to) }));
    env.stdout.write(`${JSON.stringify({ type: 'dry-run', ...result, mailboxes, renames })}\n`);
    return;
  }
  const rows = result.mailboxes.map((m) => [
    displayName(m.oldName),
    m.leftOut ? '(not created)' : displayName(m.newName) + (m.willBeCreated ? ' (new)' : ''),
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
  for (const line of foretold(result)) env.stdout.write(`${line}\n`);
  for (const blocker of result.blockers) env.stdout.write(`In the way: ${blocker.text}\n`);
}

/** What would happen to what is on new already. Flags are not foretold: for them every message would be read. */
function foretold({ mailboxes, renames, removals, moves }: DryRunResult): string[] {
  const adopted = mailboxes.reduce((sum, m) => sum + m.adopted, 0);
  const lines = renames.map(
    ({ from, to }) => `Renamed on old, and followed on new: "${displayName(from)}" to "${displayName(to)}".`,
  );
  if (adopted > 0)
    lines.push(
      `Probably on new already (by size and date), recognised and not copied again: ${count(adopted)}.`,
    );
  if (moves > 0)
    lines.push(
      `Of these probably moved on old (by size and date), and moved on new instead of copied: ${count(moves)}.`,
    );
  if (removals.messages > 0) lines.push(`Gone on old, removed on new at most: ${count(removals.messages)}.`);
  if (removals.stopped !== null)
    lines.push(`None would be removed, the brake stops it: ${removals.stopped}.`);
  return lines;
}
