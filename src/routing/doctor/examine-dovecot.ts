/** Whether Dovecot knows what the replica has for it. Pure. */
import type { HostFinding } from '../../domain/host-report.ts';
import { some } from './examine-postfix.ts';
import type { DovecotFacts, HostFacts } from './facts.ts';
import { finding } from './finding-table.ts';

export function examineDovecot({ dovecot, sessions, replica }: HostFacts): HostFinding[] {
  const there = 'seen' in replica && replica.seen.kind === 'there' ? replica.seen : null;
  return [
    ...('seen' in dovecot ? configurationOf(dovecot.seen, there?.appPasswords ?? 0, there?.users ?? 0) : []),
    ...('seen' in sessions && sessions.seen !== null
      ? [finding('sessions-uncuttable', { said: sessions.seen })]
      : []),
  ];
}

function configurationOf(seen: DovecotFacts, appPasswords: number, users: number): HostFinding[] {
  const { state, changed, asksFirst, knowsUsers, authCache } = seen;
  const unknownUsers =
    users > 0 && !knowsUsers ? [finding('dovecot-users-unknown', { users: String(users) })] : [];
  // Without app passwords there is nothing that Dovecot would have to be told.
  if (state === 'not-applied')
    return appPasswords > 0
      ? [finding('dovecot-not-applied', { passwords: String(appPasswords) }), ...unknownUsers]
      : unknownUsers;
  return [
    ...(state === 'drifted' ? [finding('dovecot-drifted', { changed: some(changed) })] : []),
    ...(asksFirst ? [] : [finding('dovecot-not-first')]),
    ...unknownUsers,
    ...(authCache === null ? [] : [finding('dovecot-auth-cache', { size: authCache })]),
  ];
}
