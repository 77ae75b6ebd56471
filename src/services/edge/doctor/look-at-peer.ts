/** The peer's port for mail, as this host's Postfix meets it: connection, greeting, EHLO, and whether it would take mail. */
import { connect } from 'node:net';
import {
  extensionsOf,
  type PeerFacts,
  replyText,
  SmtpReplies,
  type SmtpReply,
} from '../../../routing/index.ts';

interface PeerQuestion {
  readonly host: string;
  readonly port: number;
  /** As Postfix here sends from; null for any. */
  readonly source: string | null;
  /** As Postfix here greets when it relays: the peer knows its relay by it. */
  readonly helo: string;
  /** That lives there; null asks for none. */
  readonly recipient: string | null;
  readonly signal: AbortSignal;
  /** For tests; for all of it. */
  readonly deadlineMs?: number;
}

/** For all of it: postscreen in front of it lets who comes wait six seconds. */
const standardDeadlineMs = 25_000;

/** Nothing is sent: after RCPT it says goodbye. */
export async function lookAtPeer(question: PeerQuestion): Promise<PeerFacts> {
  const { host, port, source, signal, deadlineMs = standardDeadlineMs } = question;
  const over = AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]);
  const socket = connect({ host, port, ...(source !== null && { localAddress: source }) });
  socket.setEncoding('latin1');
  const replies = repliesOf(socket, over);
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
      over.addEventListener('abort', () => reject(new Error('it does not answer in time')), { once: true });
    });
  } catch (error) {
    socket.destroy();
    signal.throwIfAborted();
    return { kind: 'unreachable', said: (error as Error).message };
  }
  try {
    return await dialogue(question, replies, (line) => socket.write(`${line}\r\n`, 'latin1'));
  } catch (error) {
    signal.throwIfAborted();
    return { kind: 'unreachable', said: (error as Error).message };
  } finally {
    socket.end('QUIT\r\n');
    socket.destroySoon();
  }
}

async function dialogue(
  { helo, recipient }: PeerQuestion,
  next: () => Promise<SmtpReply>,
  send: (line: string) => void,
): Promise<PeerFacts> {
  const greeting = await next();
  if (greeting.code !== 220) return { kind: 'refused', said: replyText(greeting) };
  send(`EHLO ${helo}`);
  const hello = await next();
  if (hello.code !== 250) return { kind: 'refused', said: replyText(hello) };
  const extensions = extensionsOf(hello);
  if (recipient === null) return { kind: 'greets', extensions, recipient: null };
  send('MAIL FROM:<>');
  let reply = await next();
  if (reply.code === 250) {
    send(`RCPT TO:<${recipient}>`);
    reply = await next();
  }
  return { kind: 'greets', extensions, recipient: { address: recipient, reply: replyText(reply) } };
}

/** One reply after the other. Rejects where the connection ends, or what comes is no SMTP. */
function repliesOf(socket: ReturnType<typeof connect>, over: AbortSignal): () => Promise<SmtpReply> {
  const parser = new SmtpReplies();
  const there: SmtpReply[] = [];
  let failure: Error | null = null;
  let wake = () => {};
  const fail = (error: Error) => {
    failure ??= error;
    wake();
  };
  socket.on('data', (text: string) => {
    try {
      there.push(...parser.push(text));
      wake();
    } catch (error) {
      fail(error as Error);
      socket.destroy();
    }
  });
  socket.on('error', fail);
  socket.on('close', () => fail(new Error('it closes the connection')));
  over.addEventListener('abort', () => fail(new Error('it does not answer in time')), { once: true });
  return async () => {
    for (;;) {
      const reply = there.shift();
      if (reply !== undefined) return reply;
      if (failure !== null) throw failure;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
}
