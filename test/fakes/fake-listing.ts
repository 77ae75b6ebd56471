/** LIST, STATUS, SELECT and GETQUOTA on the fake server. */
import type {
  ListedMailbox,
  MailboxStatus,
  QuotaResource,
  SelectedMailbox,
  StoreListing,
} from '../../src/sync/mail-store.ts';
import { permanentFlagsOf } from './fake-flags.ts';
import type { FakeMailbox } from './fake-mailbox.ts';
import type { FakeSession } from './fake-session.ts';

export function listMailboxes(session: FakeSession): StoreListing {
  const { server, abilities } = session;
  const { prefix, delimiter } = server;
  if (server.take('list-empty', null)) return { mailboxes: [], prefix, delimiter };
  if (abilities.listStatus && session.isBroken('listStatus', null)) {
    session.refuse('command-refused', 'BAD Error in IMAP command LIST');
  }
  if (abilities.specialUse && session.isBroken('specialUse', null)) {
    session.refuse('command-refused', 'BAD Error in IMAP command LIST');
  }
  const mailboxes: ListedMailbox[] = [];
  const listed = new Set<string>();
  for (const mailbox of server.state.mailboxes.values()) {
    for (const superior of superiorsOf(mailbox.name, delimiter)) {
      if (listed.has(superior) || server.find(superior)) continue;
      listed.add(superior);
      mailboxes.push(nonExistent(superior, delimiter, server.state.subscribed.has(superior)));
    }
    if (server.take('list-omits', mailbox.name)) continue;
    if (!abilities.listStatus) server.arrive(session.id, 'STATUS', mailbox.name, 0);
    mailboxes.push(listedMailbox(session, mailbox));
  }
  return { mailboxes, prefix, delimiter };
}

function listedMailbox(session: FakeSession, mailbox: FakeMailbox): ListedMailbox {
  const { server, abilities } = session;
  const broken = server.take('not-selectable', mailbox.name, (one) => one.statusToo === true);
  return {
    name: mailbox.name,
    delimiter: server.delimiter,
    selectable: mailbox.selectable,
    specialUse: abilities.specialUse ? mailbox.specialUse : [],
    subscribed: server.state.subscribed.has(mailbox.name),
    status: mailbox.selectable && !broken ? statusOf(session, mailbox) : null,
    problem: broken ? (broken.text ?? 'NO Mailbox cannot be opened') : null,
  };
}

function nonExistent(name: string, delimiter: string | null, subscribed: boolean): ListedMailbox {
  return { name, delimiter, selectable: false, specialUse: [], subscribed, status: null, problem: null };
}

/** "a/b/c" -> "a", "a/b". */
export function superiorsOf(name: string, delimiter: string | null): string[] {
  if (delimiter === null) return [];
  const parts = name.split(delimiter);
  return parts.slice(1).map((_, i) => parts.slice(0, i + 1).join(delimiter));
}

export function statusOf(session: FakeSession, mailbox: FakeMailbox): MailboxStatus {
  const { server, abilities } = session;
  const vanished = server.applies('everything-vanished', mailbox.name);
  const lie = server.take('report', mailbox.name);
  const modSeq = lie?.highestModSeq === undefined ? mailbox.highestModSeq : lie.highestModSeq;
  return {
    messages: lie?.messages ?? (vanished ? 0 : mailbox.messages.length),
    uidNext: lie?.uidNext ?? mailbox.uidNext,
    uidValidity: lie?.uidValidity ?? mailbox.uidValidity,
    highestModSeq: abilities.condStore ? modSeq : null,
    mailboxId: abilities.objectId ? mailbox.mailboxId : null,
    sizeBytes: vanished ? 0 : mailbox.sizeBytes,
  };
}

export function openMailbox(session: FakeSession, name: string, mode: 'read' | 'write'): SelectedMailbox {
  const { server } = session;
  // A failed SELECT leaves no mailbox selected (RFC 9051 §6.3.2).
  session.selected = null;
  const rule = server.take('not-selectable', name);
  if (rule) session.refuse('mailbox-unusable', rule.text ?? 'User is authenticated but not connected.');
  const mailbox = server.find(name);
  if (!mailbox?.selectable) session.refuse('mailbox-unusable', `Mailbox doesn't exist: ${name}`);
  const readOnly = mode === 'read';
  session.selected = { mailbox, readOnly };
  return {
    name: mailbox.name,
    status: statusOf(session, mailbox),
    permanentFlags: readOnly ? [] : permanentFlagsOf(server, mailbox),
    readOnly,
  };
}

export function quotaOf(session: FakeSession): QuotaResource[] {
  const { server, abilities } = session;
  if (!abilities.quota) return [];
  if (session.isBroken('quota', null)) session.refuse('command-refused', 'BAD Unknown command GETQUOTAROOT');
  const { storageBytes, messages } = server.state.quota;
  const used = usageOf(session);
  const resources: QuotaResource[] = [];
  const root = 'User quota';
  if (storageBytes !== undefined) {
    resources.push({ root, name: 'STORAGE', usage: used.storageBytes, limit: storageBytes });
  }
  if (messages !== undefined) {
    resources.push({ root, name: 'MESSAGE', usage: used.messages, limit: messages });
  }
  return resources;
}

export function usageOf(session: FakeSession): { storageBytes: number; messages: number } {
  const used = { storageBytes: 0, messages: 0 };
  for (const mailbox of session.server.state.mailboxes.values()) {
    used.storageBytes += mailbox.sizeBytes;
    used.messages += mailbox.messages.length;
  }
  return used;
}
