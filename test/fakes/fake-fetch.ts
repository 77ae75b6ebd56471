/** FETCH and its kin on the fake server, with what can be wrong about a message on its way out. */
import type { BodySink, ChangedSince, MessageMeta, Refusal, UidSpan } from '../../src/sync/mail-store.ts';
import { spansOf } from './fake-mailbox.ts';
import type { FakeMailbox, FakeMessage } from './fake-mailbox.ts';
import type { FakeSession } from './fake-session.ts';
import { appliesToUid } from './misbehaviour.ts';

/** A caller that throws out of a callback leaves a connection nobody reads: it is closed. */
function guarded<T>(session: FakeSession, call: () => T): T {
  try {
    return call();
  } catch (error) {
    session.destroy(error);
    throw error;
  }
}

function metaOfMessage(
  session: FakeSession,
  mailbox: FakeMailbox,
  message: FakeMessage,
  want: { readonly date: boolean; readonly size: boolean },
): MessageMeta {
  const lie = want.size ? session.server.take('sizes-lie', mailbox.name) : null;
  return {
    uid: message.uid,
    flags: [...message.flags],
    internalDate: want.date ? message.internalDate : null,
    sizeBytes: want.size ? Math.max(0, message.body.length + (lie?.by ?? 0)) : null,
    modSeq: session.abilities.condStore ? message.modSeq : null,
  };
}

export function metaOf(
  session: FakeSession,
  mailbox: FakeMailbox,
  spans: readonly UidSpan[],
  want: { readonly date: boolean; readonly size: boolean },
  onMeta: (meta: MessageMeta) => void,
): void {
  if (session.server.applies('everything-vanished', mailbox.name)) return;
  const ascending = [...spans].sort((a, b) => a[0] - b[0]);
  let at = 0;
  for (const message of mailbox.messages.slice()) {
    while (at < ascending.length && (ascending[at]?.[1] ?? 0) < message.uid) at += 1;
    const span = ascending[at];
    if (!span) return;
    if (message.uid < span[0]) continue;
    guarded(session, () => onMeta(metaOfMessage(session, mailbox, message, want)));
  }
}

export function changesOf(
  session: FakeSession,
  mailbox: FakeMailbox,
  since: ChangedSince,
  onMeta: (meta: MessageMeta) => void,
): { readonly vanished: readonly UidSpan[] | null } {
  const { server, abilities } = session;
  if (!abilities.condStore || session.isBroken('condStore', mailbox.name)) {
    session.refuse('command-refused', 'BAD Unknown FETCH modifier CHANGEDSINCE');
  }
  if (abilities.qResync && session.isBroken('qResync', mailbox.name)) {
    session.refuse('command-refused', 'BAD Unknown FETCH modifier VANISHED');
  }
  if (!server.applies('everything-vanished', mailbox.name)) {
    for (const message of mailbox.messages.slice()) {
      if (message.modSeq <= since.modSeq) continue;
      const meta = metaOfMessage(session, mailbox, message, { date: false, size: false });
      guarded(session, () => onMeta(meta));
    }
  }
  return { vanished: abilities.qResync ? vanishedOf(session, mailbox, since) : null };
}

function vanishedOf(session: FakeSession, mailbox: FakeMailbox, since: ChangedSince): UidSpan[] {
  const lie = session.server.take('vanished-lies', mailbox.name);
  const uids = new Set(mailbox.vanishedSince(since.modSeq));
  for (const uid of lie?.omits ?? []) uids.delete(uid);
  for (const uid of lie?.claims ?? []) uids.add(uid);
  return spansOf([...uids].sort((a, b) => a - b));
}

export async function bodiesOf(
  session: FakeSession,
  mailbox: FakeMailbox,
  uids: readonly number[],
  sink: BodySink,
): Promise<void> {
  const { server } = session;
  const ordered = [...new Set(uids)].sort((a, b) => a - b);
  if (server.take('bodies-out-of-order', mailbox.name)) ordered.reverse();
  const unanswered: number[] = [];
  let reason: Refusal | undefined;
  for (const uid of ordered) {
    // Lets the caller cut the connection between two messages.
    await Promise.resolve();
    session.assertOpen();
    const message = server.applies('everything-vanished', mailbox.name) ? undefined : mailbox.message(uid);
    if (message && server.take('gone-before-fetch', mailbox.name, (one) => appliesToUid(one, message))) {
      mailbox.remove([uid]);
      unanswered.push(uid);
      continue;
    }
    const refusal = message && server.take('refuse-fetch', mailbox.name, (one) => appliesToUid(one, message));
    if (refusal) {
      // NO ends the command: this message and the rest of the batch stay unanswered.
      unanswered.push(...ordered.slice(ordered.indexOf(uid)));
      reason = refusal.reason;
      break;
    } else if (message) {
      await deliver(session, mailbox, message, sink);
    } else {
      unanswered.push(uid);
    }
  }
  for (const uid of unanswered) guarded(session, () => sink.missing(uid, reason));
}

async function deliver(
  session: FakeSession,
  mailbox: FakeMailbox,
  message: FakeMessage,
  sink: BodySink,
): Promise<void> {
  const { server } = session;
  const here = (one: { readonly uid?: number }) => appliesToUid(one, message);
  if (server.take('poison', mailbox.name, here)) session.cut('closed at a message that cannot be served');
  if (server.take('sets-seen', mailbox.name)) mailbox.store([message.uid], '+', ['\\Seen']);
  if (server.take('nil-body', mailbox.name, here)) {
    guarded(session, () => sink.missing(message.uid));
    return;
  }
  const body = server.take('placeholder', mailbox.name, here)?.body ?? message.body;
  const flip = server.take('bit-flip', mailbox.name, here) !== null;
  const lie = server.take('wrong-literal-length', mailbox.name, here);
  const cut = server.take('cut-in-fetch', mailbox.name, here);
  guarded(session, () => sink.begin(message.uid, Math.max(0, body.length + (lie?.by ?? 0))));
  const until = Math.min(body.length, cut?.afterBytes ?? body.length);
  await sendChunks(session, body, until, flip, sink);
  if (cut) session.cut(`connection lost ${until} bytes into a message`);
  if (lie) session.violate('a literal is not as long as announced');
  const ended = guarded(session, () => sink.end(message.uid));
  if (ended instanceof Promise) await heldUntil(session, ended, () => undefined);
  session.assertOpen();
}

/** How many chunks may wait for their promises before the server is held back, as in the real client. */
const maxHeldChunks = 2;

/**
 * Each chunk lies in a buffer of its own that is spoilt when its time is over, so that nobody keeps what must be
 * copied. The calls come in order but do not wait for one another's promises.
 */
async function sendChunks(
  session: FakeSession,
  body: Uint8Array,
  until: number,
  flip: boolean,
  sink: BodySink,
): Promise<void> {
  const { chunkBytes } = session.server;
  const held = new Set<Promise<void>>();
  for (let at = 0; at < until; at += chunkBytes) {
    // A Buffer, as from a socket: its `slice` gives a view, which is no copy.
    const bytes = Buffer.from(body.subarray(at, Math.min(until, at + chunkBytes)));
    if (flip && at === 0) bytes[0] = (bytes[0] ?? 0) ^ 1;
    const spoil = () => bytes.fill(0xee);
    const taken = guarded(session, () => sink.chunk(bytes));
    if (!(taken instanceof Promise)) {
      spoil();
    } else {
      const over = heldUntil(session, taken, spoil).finally(() => held.delete(over));
      held.add(over);
      if (held.size >= maxHeldChunks) await Promise.race(held);
    }
    session.assertOpen();
  }
}

/** A promise of the sink that rejects ends the session. */
async function heldUntil(session: FakeSession, taken: Promise<void>, spoil: () => void): Promise<void> {
  try {
    await taken;
  } catch (error) {
    session.destroy(error);
  } finally {
    spoil();
  }
}

/** The header's lines of the given fields, folded lines included, and the blank line (RFC 9051 §6.4.5). */
export function headerFieldsOf(mailbox: FakeMailbox, uid: number, fields: readonly string[]): Uint8Array {
  const message = mailbox.message(uid);
  if (!message) return new Uint8Array();
  const text = Buffer.from(message.body).toString('latin1');
  const end = /\r?\n\r?\n/.exec(text);
  const header = end ? text.slice(0, end.index) : text;
  const wanted = fields.map((field) => field.toLowerCase());
  let kept = '';
  let keeping = false;
  for (const line of header.split(/\r?\n/)) {
    if (!/^[ \t]/.test(line)) keeping = wanted.includes(line.split(':', 1)[0]?.trim().toLowerCase() ?? '');
    if (keeping) kept += `${line}\r\n`;
  }
  return Buffer.from(`${kept}\r\n`, 'latin1');
}
