/** How `copy` tells what it does: a bar on a terminal, plain lines elsewhere, JSON for scripts; the summary at the end. */
import { errorTable } from '../base/errors.ts';
import { displayName } from '../domain/mailbox-mapping.ts';
import type { CopyResult, EngineEvent } from '../sync/index.ts';
import type { CommandEnv } from './command-env.ts';
import { count, counted, duration, fitTo, size, table } from './format.ts';
import { startProgress } from './progress.ts';

export interface CopyReport {
  readonly event: (event: EngineEvent) => void;
  /** Says that it goes on until the messages under way have arrived; for the first Ctrl-C. */
  stopping(): void;
  summary(result: CopyResult): void;
  close(): void;
}

const stoppingText = 'mailferry: stopping after the messages under way; press Ctrl-C again to stop at once';

/** A script is not helped by more than four lines of progress a second. */
const jsonIntervalMs = 250;

export function copyReport(env: CommandEnv, json: boolean): CopyReport {
  const startedAt = env.clock.monotonic();
  const seconds = () => (env.clock.monotonic() - startedAt) / 1000;
  const report = json ? jsonReport(env, seconds) : textReport(env, seconds);
  return { ...report, event: brakeOnce(report.event) };
}

/** Every pass comes to the brake again, and `--follow` again and again: the same words are told once. */
function brakeOnce(tell: CopyReport['event']): CopyReport['event'] {
  let told = '';
  return (event) => {
    if (event.type === 'notice' && event.code === 'deletions-stopped') {
      if (event.text === told) return;
      told = event.text;
    }
    tell(event);
  };
}

function jsonReport(env: CommandEnv, seconds: () => number): CopyReport {
  const line = (value: object) => env.stdout.write(`${JSON.stringify(value)}\n`);
  let lastProgress = Number.NEGATIVE_INFINITY;
  return {
    event: (event) => {
      // Those are for the portal: they hold the beginning of people's mail.
      if (event.type === 'carried' || event.type === 'mailboxes') return;
      const mailbox = 'mailbox' in event ? { mailbox: displayName(event.mailbox) } : {};
      if (event.type !== 'progress') {
        line({ ...event, ...mailbox });
        return;
      }
      if (seconds() * 1000 - lastProgress < jsonIntervalMs) return;
      lastProgress = seconds() * 1000;
      const { copied, bytes } = event.counts;
      line({ type: 'progress', ...mailbox, messages: { copied }, bytes, seconds: rounded(seconds()) });
    },
    // Standard output is for scripts. A terminal has echoed ^C.
    stopping: () => env.stderr.write(`${env.stderr.isTTY ? '\n' : ''}${stoppingText}\n`),
    summary: (result) => line(summaryObject(result, seconds())),
    close: () => {},
  };
}

const rounded = (value: number) => Math.round(value * 1000) / 1000;

/** The last line of `copy --json`; a contract: docs/reference/cli. */
function summaryObject(result: CopyResult, seconds: number): object {
  const nameOf = new Map(result.mailboxes.map((m) => [m.row.id, displayName(m.row.oldName)]));
  return {
    type: 'summary',
    messages: result.messages,
    bytes: result.counts.bytes,
    seconds: rounded(seconds),
    flagsChanged: result.counts.flagsChanged,
    moved: result.counts.moved,
    removed: result.counts.removed,
    adopted: result.counts.adopted,
    deletedFlagDropped: result.counts.deletedFlagDropped,
    keywordsDropped: result.counts.keywordsDropped,
    deletionsStopped: result.deletionsStopped,
    mailboxes: result.mailboxes.map((m) => ({
      mailbox: displayName(m.row.oldName),
      newMailbox: displayName(m.row.newName),
      mappedBy: m.row.mappedBy,
      total: m.messages + m.vanished,
      copied: m.copied,
      present: m.messages - m.copied - m.refused,
      refused: m.refused,
      vanished: m.vanished,
      bytes: m.bytes,
    })),
    refused: result.refused.map((r) => ({
      mailbox: nameOf.get(r.mailboxId) ?? null,
      uid: r.oldUid,
      code: r.code,
      reason: r.reason,
      size: r.sizeBytes,
      date: r.date,
      subject: r.subject,
      from: r.from,
    })),
    problems: result.problems.map((p) => ({ ...p, mailbox: displayName(p.mailbox) })),
  };
}

function textReport(env: CommandEnv, seconds: () => number): CopyReport {
  const progress = startProgress(env);
  let summed = false;
  return {
    event: (event) => {
      progress.event(event);
      if (event.type === 'waiting') progress.line(`waiting ${duration(event.ms / 1000)}: ${event.text}`);
      if (event.type !== 'notice') return;
      if (event.code !== 'deletions-stopped') progress.line(`note: ${event.text}`);
      // The summary says it; with --follow only the first round has one.
      else if (summed) progress.line(`note: ${brakeText(event.text)}`);
    },
    stopping: () => progress.line(stoppingText),
    summary: (result) => {
      summed = true;
      progress.stop();
      env.stdout.write(summaryText(result, seconds(), env.stdout));
    },
    close: () => progress.stop(),
  };
}

const brakeText = (why: string) =>
  `Deletions stopped: ${why}. Look there, then run with --confirm-deletions.`;

function summaryText(result: CopyResult, seconds: number, stdout: CommandEnv['stdout']): string {
  const { messages, counts } = result;
  const parts: string[] = [];
  const shown = result.mailboxes.filter((m) => m.messages + m.vanished > 0);
  if (shown.length > 0) {
    const rows = shown.map((m) => [
      displayName(m.row.oldName),
      displayName(m.row.newName) === displayName(m.row.oldName) ? '' : displayName(m.row.newName),
      count(m.messages),
      count(m.copied),
      m.refused === 0 ? '' : count(m.refused),
      size(m.bytes),
    ]);
    const head = ['Mailbox', 'On new as', 'Messages', 'Copied', 'Refused', 'Size'];
    parts.push(table(head, rows, [2, 3, 4, 5], fitTo(stdout, [0, 1])));
  }
  const rate = seconds > 0 ? ` (${count(Math.round(messages.copied / seconds))} messages/s)` : '';
  parts.push(
    `${counted(messages.total, 'message')}: ${count(messages.copied)} copied, ${count(messages.present)} there already, ` +
      `${count(messages.refused)} refused, ${count(messages.vanished)} gone meanwhile. ` +
      `${size(counts.bytes)} in ${duration(seconds)}${messages.copied > 0 ? rate : ''}.\n`,
  );
  const more = [
    counts.flagsChanged > 0 ? `${counted(counts.flagsChanged, 'flag change')} carried over` : '',
    counts.moved > 0 ? `${count(counts.moved)} moved` : '',
    counts.removed > 0 ? `${count(counts.removed)} removed as on old` : '',
    counts.adopted > 0 ? `${count(counts.adopted)} recognised on new` : '',
    counts.deletedFlagDropped > 0
      ? `${count(counts.deletedFlagDropped)} marked as deleted on old, copied without the mark`
      : '',
    counts.keywordsDropped > 0
      ? `${count(counts.keywordsDropped)} without keywords that new cannot keep`
      : '',
  ].filter((text) => text !== '');
  if (more.length > 0) parts.push(`Also: ${more.join('; ')}.\n`);
  if (result.deletionsStopped !== null) {
    parts.push(`${brakeText(result.deletionsStopped)}\n`);
  }
  for (const problem of result.problems)
    parts.push(
      `Mailbox "${displayName(problem.mailbox)}": ${problem.text}\n  ${errorTable[problem.code].action}\n`,
    );
  if (result.refused.length > 0) parts.push(refusedText(result, stdout));
  return parts.join('\n');
}

/** Refusals of these kinds are tried again by every run. */
const triedAgain = ['over-quota', 'message-unreadable', 'temporarily-refused'];

/** A terminal is not the place for ten thousand lines. */
const maxRefusedShown = 50;

function refusedText(result: CopyResult, stdout: CommandEnv['stdout']): string {
  const nameOf = new Map(result.mailboxes.map((m) => [m.row.id, displayName(m.row.oldName)]));
  const rows = result.refused
    .slice(0, maxRefusedShown)
    .map((r) => [
      nameOf.get(r.mailboxId) ?? '',
      String(r.oldUid),
      size(r.sizeBytes),
      r.date ?? '',
      (r.subject ?? '').slice(0, 40),
      r.reason.slice(0, 80),
    ]);
  const more = result.refused.length - rows.length;
  const rest = more > 0 ? `... and ${count(more)} more (--json lists them all)\n` : '';
  const hint = result.refused.some((r) => !triedAgain.includes(r.code))
    ? 'Mended? Run again with --retry-refused.\n'
    : '';
  const head = ['Mailbox', 'UID', 'Size', 'Date', 'Subject', 'Reason'];
  return `Not on the new side:\n${table(head, rows, [1, 2], fitTo(stdout, [0, 4, 5]))}${rest}${hint}`;
}
