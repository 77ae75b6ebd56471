/** The report on one account for people: where it stands, its mailboxes as a table, what is not on new, what was done. Pure. */
import type { ReportAnswer } from '../portal/presenters/report.ts';
import { accountText, clean, refusedText } from './account-text.ts';
import { doneText, whenText } from './audit-text.ts';
import { count, counted, fit, fitTo, size, table, type Window, windowOf } from './format.ts';

export function reportText(report: ReportAnswer, stream: Window): string {
  const { account, mailboxes, problems, refused, history } = report;
  let text = accountText(account);
  if (mailboxes.length > 0) text += `\n${mailboxTable(mailboxes, stream)}`;
  if (problems.length > 0)
    text += `\nNot carried over: ${counted(problems.length, 'mailbox', 'mailboxes')}\n`;
  for (const { mailbox, code, since, reason, action } of problems) {
    text += `  ${clean(`${mailbox}: ${code} since ${whenText(since)} UTC`)}\n    ${clean(reason)}\n    ${action}\n`;
  }
  text +=
    refused.length === 0
      ? '\nNo message was refused.\n'
      : `\nNot on new: ${counted(refused.length, 'message')}\n`;
  text += refused.map(refusedText).join('');
  if (history.length > 0) text += `\nWhat was done (UTC, newest first)\n${historyText(history, stream)}`;
  return text;
}

/** A number that is not known is a dash. */
function mailboxTable(mailboxes: ReportAnswer['mailboxes'], stream: Window): string {
  const rows = mailboxes.map((one) => [
    clean(one.mailbox),
    one.newMailbox === one.mailbox ? '' : clean(one.newMailbox),
    known(one.messagesOnOld, count),
    known(one.messagesOnNew, count),
    one.refused === 0 ? '' : count(one.refused),
    known(one.bytesOnOld, size),
    stateOf(one),
  ]);
  rows.push([
    counted(mailboxes.length, 'mailbox', 'mailboxes'),
    '',
    sum(mailboxes, ({ messagesOnOld }) => messagesOnOld, count),
    sum(mailboxes, ({ messagesOnNew }) => messagesOnNew, count),
    '',
    sum(mailboxes, ({ bytesOnOld }) => bytesOnOld, size),
    '',
  ]);
  const head = ['mailbox', 'on new as', 'on old', 'on new', 'refused', 'size on old', ''];
  return table(head, rows, [2, 3, 4, 5], fitTo(stream, [0, 1]));
}

type Mailbox = ReportAnswer['mailboxes'][number];

function known(value: number | null, show: (value: number) => string): string {
  return value === null ? '-' : show(value);
}

/** Of all, where all are known: a sum of some would look like less than there is. */
function sum(
  mailboxes: readonly Mailbox[],
  of: (one: Mailbox) => number | null,
  show: (value: number) => string,
): string {
  const values = mailboxes.map(of);
  return values.includes(null) ? '' : show(values.reduce<number>((all, one) => all + (one ?? 0), 0));
}

function stateOf({ place, complete }: Mailbox): string {
  const places: Readonly<Record<string, string>> = {
    'gone-on-old': 'gone on old',
    'removed-on-new': 'removed on new',
  };
  return [places[place] ?? '', complete ? '' : 'not complete'].filter((one) => one !== '').join(', ');
}

function historyText(history: ReportAnswer['history'], stream: Window): string {
  const cells = stream.isTTY === true ? windowOf(stream).columns : Number.POSITIVE_INFINITY;
  const who = Math.min(30, Math.max(...history.map(({ actor }) => actor.length)));
  return history
    .map((row) => `  ${whenText(row.at)}  ${clean(row.actor).padEnd(who)}  ${clean(doneText(row))}`)
    .map((line) => `${fit(line, cells)}\n`)
    .join('');
}
