/** An account of the API for people: as a row of a table, and as a text of its own. Pure. */
import type { AccountAnswer } from '../portal/presenters/account.ts';
import type { RefusedAnswer } from '../portal/presenters/refused.ts';
import { whenText } from './audit-text.ts';
import { count, duration, size } from './format.ts';

/** While nothing was imported. */
export const noAccounts = 'No accounts yet: `mailferry accounts import FILE` takes in a list.\n';

/** Address, team, phase, messages, lag, state. */
export function accountRow({ address, team, phase, progress, ...account }: AccountAnswer): string[] {
  return [
    clean(address),
    clean(team ?? ''),
    phase,
    progress === null || progress.messagesTotal === 0
      ? ''
      : `${count(progress.messagesDone)}/${count(progress.messagesTotal)}`,
    progress?.lagMs === null || progress === null ? '' : duration(progress.lagMs / 1000),
    stateOf(account),
  ];
}

function stateOf({ paused, attention }: Pick<AccountAnswer, 'paused' | 'attention'>): string {
  return [paused === null ? [] : ['paused'], attention === null ? [] : [attention.code]].flat().join(', ');
}

export function accountText(account: AccountAnswer): string {
  const { progress, paused, attention } = account;
  const others = account.addresses.filter((address) => address !== account.address);
  const lines: (readonly [string, string])[] = [
    ['address', account.address],
    ...(others.length === 0 ? [] : [['also', others.join(', ')] as const]),
    ['id', account.id],
    ['team', account.team ?? '-'],
    ['phase', account.phase],
    ['logins', `${account.oldLogin} (old), ${account.newLogin} (new)`],
    ['own passwords', account.secrets.length === 0 ? 'none' : account.secrets.join(' and ')],
    ...(account.quotaBytes === null ? [] : [['quota', size(account.quotaBytes)] as const]),
  ];
  if (progress !== null) {
    const { messagesDone, messagesTotal, messagesRefused, bytesCopied, lagMs } = progress;
    const refused = messagesRefused === 0 ? '' : `, ${count(messagesRefused)} refused`;
    const across = `${count(messagesDone)} of ${count(messagesTotal)} across`;
    lines.push(['messages', messagesTotal === 0 ? `none counted yet${refused}` : `${across}${refused}`]);
    lines.push(['copied', size(bytesCopied)]);
    lines.push(['now', progress.activity]);
    if (lagMs !== null) lines.push(['lag', duration(lagMs / 1000)]);
    if (progress.lastPassAt !== null) lines.push(['last pass', `${whenText(progress.lastPassAt)} UTC`]);
  }
  if (paused !== null) lines.push(['paused', `by ${paused.by}: ${paused.why}`]);
  if (attention !== null) {
    lines.push([
      'attention',
      `${attention.code} since ${whenText(attention.since)} UTC: ${attention.reason}`,
    ]);
    lines.push(['', attention.action]);
  }
  return `${lines.map(([name, value]) => `${name.padEnd(13)} ${clean(value)}`.trimEnd()).join('\n')}\n`;
}

export function refusedText(message: RefusedAnswer): string {
  const { account, mailbox, uid, code, reason, sizeBytes, date, subject, from } = message;
  const what = [from, date, subject].filter((one) => one !== null).join(', ');
  return `  ${clean(`${account} ${mailbox} ${uid}: ${code}, ${size(sizeBytes)}, ${what}`)}\n    ${clean(reason)}\n`;
}

/** What servers and senders write must not move the cursor. */
export function clean(text: string): string {
  return text.replace(/\p{Cc}/gu, ' ');
}
