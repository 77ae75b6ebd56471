/** What a row of the audit log says was changed, in one form for all actions. Pure. */
import type { AuditEntry } from '../../api/contract.ts';

export interface Change {
  /** A word of the audit's `fields`. */
  readonly name: string;
  /** Undefined where nobody wrote it down. */
  readonly before: unknown;
  readonly after: unknown;
}

type Detail = AuditEntry['detail'];

const known: Readonly<Record<string, (detail: Detail) => readonly Change[]>> = {
  'account.phase': ({ from, to }) => [{ name: 'phase', before: from, after: to }],
  'account.update': ({ columns }) => [{ name: 'columns', before: undefined, after: columns }],
  'account.plan': ({ choice, atMs }) => [
    { name: 'choice', before: undefined, after: choice },
    ...(typeof atMs === 'number' ? [one('at', timeOf(atMs))] : []),
  ],
  'account.request': ({ kind }) => [one('kind', kind)],
  'account.notes': notes,
  'account.provision': ({ changes, password }) => [one('changes', changes), one('password', password)],
  'account.password-mail': ({ mail }) => [one('mail', mail)],
  'credential.set': ({ side, login }) => [one('side', side), one('login', login)],
  'credential.remove': ({ side }) => [one('side', side)],
  'server.budget': ({ before, after }) => pairs(before, after),
  'server.set': ({ host, port }) => [one('host', `${String(host)}:${String(port)}`)],
  'team.person': ({ login, before, rights }) => [
    one('login', login),
    { name: 'rights', before, after: rights },
  ],
  'token.create': ({ scopes }) => [one('scopes', scopes)],
  'token.revoke': () => [],
  'wave.add': ({ name, atMs, accounts }) => [
    one('name', name),
    ...(typeof atMs === 'number' ? [one('at', timeOf(atMs))] : []),
    one('accounts', accounts),
  ],
  'wave.change': ({ before, ...after }) => timed(pairs(before ?? {}, after)),
  'wave.remove': ({ name }) => [one('name', name)],
  'webhook.add': ({ url }) => [one('url', url)],
  'webhook.remove': ({ url }) => [one('url', url)],
  'webhook.switch': ({ on }) => [one('switch', on === true ? 'on' : 'off')],
};

export function changesOf({ action, detail }: Pick<AuditEntry, 'action' | 'detail'>): readonly Change[] {
  const made = known[action]?.(detail) ?? [];
  return made.filter(({ before, after }) => before !== undefined || (after !== undefined && after !== null));
}

function one(name: string, after: unknown): Change {
  return { name, before: undefined, after };
}

function timeOf(ms: unknown): unknown {
  return typeof ms === 'number' ? new Date(ms).toISOString() : ms;
}

function timed(changes: readonly Change[]): readonly Change[] {
  return changes.map((change) =>
    change.name === 'atMs'
      ? { name: 'at', before: timeOf(change.before), after: timeOf(change.after) }
      : change,
  );
}

/** Of two objects with the same names. */
function pairs(before: unknown, after: unknown): readonly Change[] {
  const [was, is] = [before ?? {}, after ?? {}] as [Detail, Detail];
  return Object.keys(is).map((name) => ({ name, before: was[name], after: is[name] }));
}

/** What the API notes where nobody says why. */
const noReason = 'asked for';

function pauseOf(paused: { why?: string } | null): Change {
  if (paused === null) return one('paused', 'resumed');
  const { why = '' } = paused;
  return why === '' || why === noReason ? one('paused', 'paused') : one('pausedFor', why);
}

function notes(detail: Detail): readonly Change[] {
  const { paused, attention } = detail as Readonly<
    Record<string, { code?: string; why?: string } | null | undefined>
  >;
  return [
    ...(paused === undefined ? [] : [pauseOf(paused)]),
    ...(attention === undefined
      ? []
      : [one('attention', attention === null ? 'settled' : (attention.code ?? ''))]),
  ];
}
