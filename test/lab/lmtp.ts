/** Delivers one message as a mail system does, by LMTP (RFC 2033). */
import { connect } from 'node:net';
import { createInterface } from 'node:readline';

const deadlineMs = 10_000;

/** Resolves when the server has the message; throws what it answers instead. Lines end in CRLF; none begins with a dot. */
export async function deliverByLmtp(
  server: { readonly lmtpPort: number | null },
  to: string,
  message: string,
): Promise<void> {
  const socket = connect({ host: '127.0.0.1', port: server.lmtpPort ?? 0 });
  socket.setTimeout(deadlineMs, () => socket.destroy(new Error('LMTP: no answer')));
  const failed = new Promise<never>((_, reject) => socket.once('error', reject));
  failed.catch(() => {});
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  const expected = async (code: string) => {
    for (;;) {
      const { value: line = '' } = await Promise.race([lines.next(), failed]);
      if (!line.startsWith(code)) throw new Error(`LMTP: ${line}`);
      if (line[3] !== '-') return;
    }
  };
  try {
    await expected('220');
    const dialogue: [string, string][] = [
      ['LHLO mx.example.org', '250'],
      ['MAIL FROM:<sender@example.org>', '250'],
      [`RCPT TO:<${to}>`, '250'],
      ['DATA', '354'],
      [`${message}.`, '250'],
      ['QUIT', '221'],
    ];
    for (const [line, code] of dialogue) {
      socket.write(`${line}\r\n`);
      await expected(code);
    }
  } finally {
    socket.destroy();
  }
}
