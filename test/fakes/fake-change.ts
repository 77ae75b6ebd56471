/** STORE, MOVE, EXPUNGE, CREATE, RENAME and DELETE on the fake server. */
import type { ChangeOutcome, Flags } from '../../src/sync/mail-store.ts';
import { permittedFlags } from './fake-flags.ts';
import { superiorsOf } from './fake-listing.ts';
import type { FakeMailbox } from './fake-mailbox.ts';
import { refused } from './fake-refusals.ts';
import type { FakeSession } from './fake-session.ts';
import { renameTree } from './fake-user.ts';
import { canonicalName, nameProblem } from './mailbox-name.ts';

const done: ChangeOutcome = { kind: 'done' };
const readOnly = () => refused('no-permission', 'READ-ONLY', 'Mailbox is read-only');
const isReadOnly = (session: FakeSession) => session.selected?.readOnly !== false;

export function storeUids(
  session: FakeSession,
  mailbox: FakeMailbox,
  uids: readonly number[],
  op: '+' | '-',
  flags: Flags,
): ChangeOutcome {
  if (isReadOnly(session)) return readOnly();
  const permitted = permittedFlags(session.server, mailbox, flags);
  if ('refusal' in permitted) return { kind: 'refused', reason: permitted.refusal };
  mailbox.store(uids, op, permitted.flags);
  return done;
}

export function expungeUids(
  session: FakeSession,
  mailbox: FakeMailbox,
  uids: readonly number[],
): ChangeOutcome {
  if (isReadOnly(session)) return readOnly();
  if (!session.abilities.uidPlus || session.isBroken('uidPlus', mailbox.name)) {
    return refused('other', null, 'UID EXPUNGE is not offered');
  }
  mailbox.remove(uids);
  return done;
}

export function copyAway(
  session: FakeSession,
  mailbox: FakeMailbox,
  uids: readonly number[],
  to: string,
): ChangeOutcome & { readonly uids?: readonly (readonly [number, number])[] | null } {
  const { server, abilities } = session;
  if (isReadOnly(session)) return readOnly();
  if (!abilities.move && !abilities.uidPlus) {
    return refused('other', null, 'neither MOVE nor UID EXPUNGE is offered');
  }
  if (abilities.move && session.isBroken('move', mailbox.name)) {
    return refused('other', null, 'BAD Unknown command MOVE');
  }
  const target = server.find(to);
  if (!target?.selectable) return refused('try-create', 'TRYCREATE', `Mailbox doesn't exist: ${to}`);
  const pairs: [number, number][] = [];
  for (const uid of [...new Set(uids)].sort((a, b) => a - b)) {
    const message = mailbox.message(uid);
    if (message) pairs.push([uid, target.add(message.body, message.flags, message.internalDate).uid]);
  }
  mailbox.remove(pairs.map(([from]) => from));
  return { kind: 'done', uids: abilities.uidPlus ? pairs : null };
}

export function createMailbox(session: FakeSession, name: string, specialUse: string | null): ChangeOutcome {
  const { server, abilities } = session;
  const refusal = server.take('create-refused', name);
  if (refusal) {
    return refusal.reason
      ? { kind: 'refused', reason: refusal.reason }
      : refused('no-permission', 'NOPERM', 'Permission denied');
  }
  const problem = nameProblem(name, server.delimiter ?? '\u0000');
  if (problem) return { kind: 'refused', reason: problem };
  const lies = server.take('create-refused-though-there', name);
  const existing = server.find(name);
  if (existing && !existing.selectable) {
    existing.selectable = true;
  } else if (existing) {
    return lies
      ? refused('other', null, 'CREATE failed')
      : refused('exists', 'ALREADYEXISTS', 'Mailbox already exists');
  } else {
    const missing = superiorsOf(name, server.delimiter).filter((superior) => !server.find(superior));
    if (missing.length > 0 && server.superiors === 'required') {
      return refused('nonexistent', 'NONEXISTENT', 'Parent mailbox does not exist');
    }
    if (server.superiors === 'created') for (const superior of missing) server.addMailbox(superior);
    const mailbox = server.addMailbox(name);
    const broken = specialUse !== null && session.isBroken('createSpecialUse', name);
    if (specialUse !== null && abilities.createSpecialUse && !broken) mailbox.specialUse = [specialUse];
  }
  return lies ? refused('other', null, 'CREATE failed') : done;
}

export function renameMailbox(session: FakeSession, from: string, to: string): ChangeOutcome {
  const { server } = session;
  const source = server.find(from);
  if (!source) return refused('nonexistent', 'NONEXISTENT', `Mailbox doesn't exist: ${from}`);
  if (source.name === 'INBOX') return refused('other', 'CANNOT', "Renaming INBOX isn't supported");
  if (server.find(to)) return refused('exists', 'ALREADYEXISTS', 'Target mailbox already exists');
  const problem = nameProblem(to, server.delimiter ?? '\u0000');
  if (problem) return { kind: 'refused', reason: problem };
  renameTree(server, source.name, canonicalName(to));
  return done;
}

export function removeMailbox(session: FakeSession, name: string): ChangeOutcome {
  const { server } = session;
  const mailbox = server.find(name);
  if (!mailbox) return refused('nonexistent', 'NONEXISTENT', `Mailbox doesn't exist: ${name}`);
  if (mailbox.name === 'INBOX') return refused('other', 'CANNOT', "INBOX can't be deleted");
  server.state.mailboxes.delete(mailbox.name);
  return done;
}
