/**
 * APPEND on the fake server. Order: refuse what can be refused before a literal is read, read all bodies, refuse by
 * content, store all or nothing (RFC 3502 §6.3.11), answer. Where the answer goes missing, the caller gets `unknown`.
 */
import { concatBytes } from '../../src/base/bytes.ts';
import { MailferryError } from '../../src/base/errors.ts';
import type { AppendMessage, AppendOutcome, Refusal } from '../../src/sync/mail-store.ts';
import { internalDateOf, isInternalDate } from './fake-date.ts';
import { permittedFlags } from './fake-flags.ts';
import { usageOf } from './fake-listing.ts';
import type { FakeMailbox } from './fake-mailbox.ts';
import { contentRefusal, refused } from './fake-refusals.ts';
import type { FakeServer } from './fake-server.ts';
import type { FakeSession } from './fake-session.ts';
import type { Prepared } from './fake-state.ts';

/** RFC 7888 §5: LITERAL- sends without waiting only up to here. */
const literalMinusBytes = 4096;

export async function appendMessages(
  session: FakeSession,
  name: string,
  messages: readonly AppendMessage[],
): Promise<AppendOutcome> {
  const early = earlyRefusal(session, name, messages);
  const waits = (message: AppendMessage) =>
    session.abilities.literal === 'synchronising' ||
    (session.abilities.literal === 'minus' && message.sizeBytes > literalMinusBytes);
  const first = messages[0];
  if (early && (!first || waits(first))) return { kind: 'refused', reason: early };
  const bodies = await readBodies(session, name, messages);
  if (early) return { kind: 'refused', reason: early };
  const mailbox = session.server.find(name);
  if (!mailbox) return refused('try-create', 'TRYCREATE', `Mailbox doesn't exist: ${name}`);
  const sent = messages.map((message, i) => ({ message, body: bodies[i] ?? new Uint8Array() }));
  if (session.server.take('dies-in-append', name, (one) => one.when(sent, mailbox)))
    session.cut('connection lost during an upload');
  const prepared: Prepared[] = [];
  for (const [i, message] of messages.entries()) {
    const one = prepare(session, mailbox, message, bodies[i] ?? new Uint8Array());
    if ('refusal' in one) return { kind: 'refused', reason: one.refusal };
    prepared.push(one);
  }
  return quotaRefusal(session, mailbox, prepared) ?? store(session, mailbox, prepared);
}

function earlyRefusal(
  session: FakeSession,
  name: string,
  messages: readonly AppendMessage[],
): Refusal | null {
  const { server, abilities } = session;
  if (messages.length > 1 && !abilities.multiAppend) {
    throw new MailferryError('internal', 'several messages in one APPEND without MULTIAPPEND');
  }
  const bad = (text: string): Refusal => ({ class: 'other', code: null, text });
  if (messages.length > 1 && session.isBroken('multiAppend', name)) return bad('BAD Missing arguments');
  if (messages.some((one) => one.binary) && (!abilities.binary || session.isBroken('binary', name))) {
    return bad('BAD Invalid arguments: literal8 not supported');
  }
  const refusal = server.take('refuse-literal', name);
  if (refusal) return refusal.reason ?? { class: 'temporary', code: 'UNAVAILABLE', text: 'Try again later' };
  if (!server.find(name)?.selectable) {
    return { class: 'try-create', code: 'TRYCREATE', text: `Mailbox doesn't exist: ${name}` };
  }
  const limit = abilities.appendLimitBytes;
  if (limit !== null && messages.some((one) => one.sizeBytes > limit)) {
    return { class: 'too-large', code: 'TOOBIG', text: `Message exceeds the limit of ${limit} octets` };
  }
  return null;
}

/** Reads every body to its end; a source that breaks, or a line that does, makes the APPEND void. */
async function readBodies(
  session: FakeSession,
  name: string,
  messages: readonly AppendMessage[],
): Promise<Uint8Array[]> {
  const cut = session.server.take('cut-before-store', name);
  let budget = cut?.afterBytes ?? Number.POSITIVE_INFINITY;
  const bodies: Uint8Array[] = [];
  for (const message of messages) {
    const parts: Uint8Array[] = [];
    const write = (bytes: Uint8Array) => {
      budget -= bytes.length;
      if (budget < 0) session.cut('connection lost during an upload');
      session.assertOpen();
      // Not `slice`: on a Buffer that gives a view.
      parts.push(new Uint8Array(bytes));
      return Promise.resolve();
    };
    if (message.body instanceof Uint8Array) await write(message.body);
    else await pull(session, message.body, write);
    const body = concatBytes(parts);
    if (body.length !== message.sizeBytes) {
      session.destroy(new Error(`a body of ${body.length} bytes, announced as ${message.sizeBytes}`));
      session.assertOpen();
    }
    bodies.push(body);
  }
  if (cut) session.cut('connection lost during an upload');
  return bodies;
}

async function pull(
  session: FakeSession,
  source: Exclude<AppendMessage['body'], Uint8Array>,
  write: (bytes: Uint8Array) => Promise<void>,
): Promise<void> {
  try {
    await source(write);
  } catch (error) {
    session.destroy(error);
    throw error;
  }
  session.assertOpen();
}

function prepare(
  session: FakeSession,
  mailbox: FakeMailbox,
  message: AppendMessage,
  body: Uint8Array,
): Prepared | { readonly refusal: Refusal } {
  const { server } = session;
  const refusal = contentRefusal(server, mailbox.name, message, body);
  if (refusal) return { refusal };
  const date = message.internalDate;
  if (date !== null && (!isInternalDate(date) || server.take('refuse-date', mailbox.name))) {
    return { refusal: { class: 'bad-date', code: null, text: 'BAD Invalid internal date' } };
  }
  const permitted = permittedFlags(server, mailbox, message.flags);
  if ('refusal' in permitted) return permitted;
  return {
    body: altered(server, mailbox.name, body),
    flags: server.take('flags-lost-on-append', mailbox.name) ? [] : permitted.flags,
    internalDate:
      date === null || server.take('date-lost-on-append', mailbox.name)
        ? internalDateOf(server.clock.now())
        : date,
  };
}

/** What this server makes of the bytes on storing them (F-48, F-61). */
function altered(server: FakeServer, name: string, body: Uint8Array): Uint8Array {
  let bytes = body;
  if (server.take('canonicalises-line-ends', name)) {
    bytes = Buffer.from(Buffer.from(bytes).toString('latin1').replaceAll(/\r?\n/g, '\r\n'), 'latin1');
  }
  const header = server.take('adds-header', name);
  if (header) bytes = concatBytes([Buffer.from(`${header.line}\r\n`, 'latin1'), bytes]);
  return bytes;
}

function quotaRefusal(
  session: FakeSession,
  mailbox: FakeMailbox,
  messages: readonly Prepared[],
): AppendOutcome | null {
  const { storageBytes, messages: count } = session.server.state.quota;
  if (storageBytes === undefined && count === undefined) return null;
  const used = usageOf(session);
  const bytes = messages.reduce((sum, one) => sum + one.body.length, 0);
  const fits =
    used.storageBytes + bytes <= (storageBytes ?? Number.POSITIVE_INFINITY) &&
    used.messages + messages.length <= (count ?? Number.POSITIVE_INFINITY);
  if (fits) return null;
  const byText = session.server.take('quota-by-text-only', mailbox.name);
  return refused('over-quota', byText ? null : 'OVERQUOTA', 'Quota exceeded (mailbox for user is full)');
}

function store(session: FakeSession, mailbox: FakeMailbox, messages: readonly Prepared[]): AppendOutcome {
  const { server } = session;
  session.assertOpen();
  const late = server.take('late-commit', mailbox.name);
  if (late) {
    server.commitLater(mailbox, messages, late);
    session.cut('connection lost before the answer');
  }
  const swallow = server.take('swallow', mailbox.name, (one) => {
    if (one.when !== 'if-identical') return true;
    return messages.every((given) =>
      mailbox.messages.some((there) => Buffer.compare(there.body, given.body) === 0),
    );
  });
  if (swallow) {
    const uids = swallow.appendUid ? messages.map((_, i) => mailbox.uidNext + i) : null;
    return { kind: 'stored', uidValidity: uids && mailbox.uidValidity, uids };
  }
  const uids = server.commit(mailbox, messages);
  if (server.take('cut-after-store', mailbox.name)) session.cut('connection lost before the answer');
  return answer(session, mailbox, uids);
}

function answer(session: FakeSession, mailbox: FakeMailbox, uids: readonly number[]): AppendOutcome {
  const { server, abilities } = session;
  const silent = { kind: 'stored', uidValidity: null, uids: null } as const;
  if (!abilities.uidPlus || server.take('ok-without-appenduid', mailbox.name)) return silent;
  const { uidValidity } = mailbox;
  switch (server.take('nonsense-appenduid', mailbox.name)?.answer) {
    case 'zero':
      return silent;
    case 'other-validity':
      return { kind: 'stored', uidValidity: uidValidity + 7, uids };
    case 'wrong-uids':
      return { kind: 'stored', uidValidity, uids: uids.map((uid) => uid + 1000) };
    default:
      return { kind: 'stored', uidValidity, uids };
  }
}
