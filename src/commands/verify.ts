/** `mailferry verify`: compares both sides and names every difference. */
import { Command } from 'commander';
import { displayName } from '../domain/mailbox-mapping.ts';
import { type DifferenceClass, type VerifyResult, verifyAccount } from '../sync/index.ts';
import type { CommandEnv } from './command-env.ts';
import { exitCode } from './exit-code.ts';
import { count, counted, fitTo, table } from './format.ts';
import { addPairOptions, dateMs, mailboxFilter, type PairOptions } from './options.ts';
import { pairAccess } from './side-options.ts';
import { verifyProgress } from './verify-progress.ts';
import { orInterrupted } from './interrupt.ts';
import { more } from './help-text.ts';

interface VerifyCommandOptions extends PairOptions {
  readonly deep?: boolean;
  readonly since?: string;
}

/** The gravest first. */
const classes: readonly DifferenceClass[] = [
  'missing-on-new',
  'changed-on-new',
  'changed-on-old',
  'altered-by-server',
  'changed-by-user',
  'removed-by-user',
  'only-on-new',
];

export function verifyCommand(env: CommandEnv, done: (code: number) => void): Command {
  const command = new Command('verify')
    .description('compare both sides message by message; changes nothing')
    .addHelpText(
      'after',
      more(`
Examples:
  mailferry verify --from imaps://anna%40example.org@old.example.org --to imaps://anna%40example.org@new.example.org
  mailferry verify --from ... --to ... --deep --json

Without --deep, messages are matched by size and date; with it, by SHA-256 of every body.
The state file of the copy, if there is one, tells why something differs.

Exit codes: 0 all that old has is on new; 1 something is missing or has other bytes; 2 usage; 3 could not connect or log in.`),
    );
  return addPairOptions(command)
    .option('--deep', 'read every message on both sides and compare SHA-256')
    .option('--since <date>', 'only messages that arrived on or after this date')
    .action(async (options: VerifyCommandOptions) =>
      done(await orInterrupted(env.signal, verify(env, options))),
    );
}

async function verify(env: CommandEnv, options: VerifyCommandOptions): Promise<number> {
  const chosen = {
    filter: mailboxFilter(options),
    deep: options.deep === true,
    sinceMs: dateMs(options.since, '--since'),
  };
  const { from, to } = await pairAccess(env, options);
  const run = await env.openRun(from, to, { kind: 'existing', path: options.state ?? null });
  const progress = verifyProgress(env, options.json === true);
  try {
    const deps = { ...run.deps, signal: env.signal, onEvent: progress.event };
    const result = await verifyAccount(deps, chosen);
    progress.stop();
    env.stdout.write(options.json === true ? json(result) : text(result, run.stateFile !== null, env.stdout));
    return result.missing + result.changed === 0 ? exitCode.ok : exitCode.incomplete;
  } finally {
    progress.stop();
    await run.close();
  }
}

function json(result: VerifyResult): string {
  const lines: object[] = [];
  for (const box of result.mailboxes) {
    const mailbox = displayName(box.oldName);
    for (const { digest, dateMs: _, ...d } of box.differences) {
      const sha256 = digest === null ? null : Buffer.from(digest).toString('hex');
      lines.push({
        type: 'difference',
        mailbox,
        newMailbox: displayName(box.newName),
        ...d,
        sha256Prefix: sha256,
      });
    }
  }
  lines.push({
    type: 'summary',
    deep: result.deep,
    missing: result.missing,
    changed: result.changed,
    differences: totals(result),
    mailboxes: result.mailboxes.map((m) => ({
      mailbox: displayName(m.oldName),
      newMailbox: displayName(m.newName),
      old: m.old,
      new: m.fresh,
      matched: m.matched,
      differences: m.differences.length,
    })),
  });
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

function totals(result: VerifyResult): Record<DifferenceClass, number> {
  const all = result.mailboxes.flatMap((m) => m.differences);
  return Object.fromEntries(classes.map((c) => [c, all.filter((d) => d.class === c).length])) as Record<
    DifferenceClass,
    number
  >;
}

/** A terminal is not the place for ten thousand lines; --json has them all. */
const maxShown = 50;

function text(result: VerifyResult, withState: boolean, stdout: CommandEnv['stdout']): string {
  const rows = result.mailboxes.map((m) => [
    displayName(m.oldName),
    m.newName === m.oldName ? '' : displayName(m.newName),
    count(m.old),
    count(m.fresh),
    count(m.matched),
    m.differences.length === 0 ? '' : count(m.differences.length),
  ]);
  const head = ['Mailbox', 'On new as', 'Old', 'New', 'Matched', 'Differ'];
  let out = table(head, rows, [2, 3, 4, 5], fitTo(stdout, [0, 1]));
  // What is missing first: fifty harmless ones must not hide it.
  const shown = result.mailboxes
    .flatMap((m) => m.differences.map((d) => ({ m, d })))
    .sort((a, b) => classes.indexOf(a.d.class) - classes.indexOf(b.d.class));
  if (shown.length > 0) out += '\n';
  for (const { m, d } of shown.slice(0, maxShown)) {
    const uids = `old UID ${d.oldUid ?? '-'}, new UID ${d.newUid ?? '-'}`;
    out += `${d.class}: ${displayName(m.oldName)}, ${uids}: ${d.detail}\n`;
  }
  if (shown.length > maxShown)
    out += `... and ${count(shown.length - maxShown)} more (--json lists them all)\n`;
  const sums = totals(result);
  const matched = result.mailboxes.reduce((sum, m) => sum + m.matched, 0);
  const how = result.deep ? 'by SHA-256 of every body' : 'by size and date (--deep compares every byte)';
  out += `\n${counted(matched, 'message matches', 'messages match')} ${how}. `;
  out +=
    result.missing === 0
      ? 'Nothing is missing on the new side.\n'
      : `${counted(result.missing, 'is', 'are')} missing on the new side.\n`;
  if (result.changed > 0) out += `${counted(result.changed, 'has', 'have')} other bytes than were copied.\n`;
  const others = classes.slice(1).filter((c) => sums[c] > 0);
  if (others.length > 0) out += `Also: ${others.map((c) => `${count(sums[c])} ${c}`).join(', ')}.\n`;
  if (!withState && result.missing > 0)
    out += 'Without the state file of the copy it cannot be told what people removed themselves.\n';
  return out;
}
