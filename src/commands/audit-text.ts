/** Rows of the audit log in words for people: when, who, what. Pure. */
import type { AuditAnswer } from '../portal/presenters/lists.ts';

/** `2026-11-24 16:14:02`, UTC as everywhere on the command line. */
export function whenText(iso: string): string {
  return iso.slice(0, 19).replace('T', ' ');
}

/** What was done, without who and to whom. Actions that have no words here are shown with their fields. */
export function doneText({ action, detail }: Pick<AuditAnswer, 'action' | 'detail'>): string {
  const words = known[action]?.(detail);
  return words ?? `${action}${fields(detail)}`;
}

type Detail = Readonly<Record<string, unknown>>;

const known: Readonly<Record<string, (detail: Detail) => string | null>> = {
  'account.add': () => 'added the account',
  'account.update': (d) => `changed ${list(d.columns)}`,
  'account.phase': (d) => `${text(d.from)} → ${text(d.to)} (${text(d.event)})`,
  'account.plan': (d) => {
    if (d.choice === null) return 'took the plan back';
    return typeof d.atMs === 'number'
      ? `planned to ${text(d.choice)} at ${time(d.atMs)}`
      : `chose to ${text(d.choice)}`;
  },
  'account.request': (d) => requests[text(d.kind)] ?? `asked for ${text(d.kind)}`,
  'account.notes': (d) => notes(d),
  'account.provision': (d) =>
    `made the account on new (${text(d.adapter)}): ${list(d.changes) || 'as it was'}`,
  'account.password-mail': (d) => `asked its owner for the password by mail (${text(d.mail)} of 2)`,
  'account.vanished': () => 'noticed that it is no longer in the list of old',
  'account.returned': () => 'noticed that it is in the list of old again',
  'credential.set': (d) => `stored the password for ${text(d.side)}`,
  'credential.remove': (d) => `removed the password for ${text(d.side)}`,
  'message.downloaded': (d) =>
    `downloaded the refused message UID ${text(d.uid)} (${text(d.sizeBytes)} octets)`,
  'session.begin': () => 'logged in to the portal',
  'session.end': () => 'logged out of the portal',
  'operator.add': () => 'made an operator',
  'operator.remove': () => 'took the operator’s rights away',
  'operator.password': () => 'gave the operator another password',
  'operator.totp': () => 'set up a second factor',
  'operator.totp-reset': () => 'dropped the second factor',
  'token.create': (d) => `made the token ${text(d.name)} (${list(d.scopes)})`,
  'token.revoke': () => 'revoked the token',
  'team.add': (d) => `made the team ${text(d.name)}`,
  'team.summary-mail': (d) =>
    `${text(d.login)} ${d.wants === true ? 'wants' : 'no longer wants'} to be mailed about the team`,
  'team.person': (d) => `${text(d.login)} may ${list(d.rights) || 'nothing any more'}`,
  'server.budget': (d) => {
    const [before, after] = [d.before, d.after] as [Detail | undefined, Detail | undefined];
    // A release before wrote what is set in all, without what was.
    if (after === undefined) return null;
    const one = ([name, value]: [string, unknown]) =>
      `${name} ${text(before?.[name] ?? null)} → ${text(value ?? null)}`;
    return `set ${Object.entries(after).map(one).join(', ')}`;
  },
  'edge.add': (d) => `prepared the edge ${text(d.name)} of ${text(d.side)}`,
  'edge.enrol': (d) => `enrolled the edge of ${text(d.side)}`,
  'edge.remove': (d) => `removed the edge ${text(d.name)} of ${text(d.side)}`,
  'wave.add': (d) =>
    `planned the wave ${text(d.name)}${typeof d.atMs === 'number' ? ` at ${time(d.atMs)}` : ''}, accounts: ${text(d.accounts)}`,
  'wave.remove': (d) => `removed the wave ${text(d.name)}`,
  'webhook.add': (d) => `added the webhook ${text(d.url)}`,
  'webhook.remove': (d) => `removed the webhook ${text(d.url)}`,
  'webhook.switch': (d) => `switched the webhook ${text(d.url)} ${d.on === true ? 'on' : 'off'}`,
  'webhook.secret': (d) => `had the webhook ${text(d.url)} signed with another secret`,
  'server.set': (d) => `set the server to ${text(d.host)}:${text(d.port)}`,
};

const requests: Readonly<Record<string, string>> = {
  'look-now': 'had it looked at again at once',
  'confirm-deletions': 'confirmed the deletions',
  'retry-refused': 'had refused messages tried again',
};

/** Null where it tells of nothing that has words. */
function notes(detail: Detail): string | null {
  const told: string[] = [];
  if ('paused' in detail) {
    const why = (detail.paused as Detail | null)?.why;
    told.push(detail.paused === null ? 'resumed' : `paused: ${text(why)}`);
  }
  if ('attention' in detail) {
    const note = detail.attention as Detail | null;
    told.push(note === null ? 'nothing wants attention any more' : `wants attention: ${text(note.code)}`);
  }
  return told.length === 0 ? null : told.join('; ');
}

function fields(detail: Detail): string {
  return Object.entries(detail)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => ` ${name}=${text(value)}`)
    .join('');
}

function list(value: unknown): string {
  return Array.isArray(value) ? value.map(text).join(', ') : text(value);
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '-');
}

function time(ms: number): string {
  return `${whenText(new Date(ms).toISOString())} UTC`;
}
