/** A small SMTP server that takes every mail and hands it over: where the demo's mails to owners go. Keeps nothing. */
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

export interface MailReceiver {
  readonly port: number;
  stop(): Promise<void>;
}

/** `deliver` gets each mail once for each recipient; where it fails the sender is told to try again. */
export async function startMailReceiver(
  deliver: (to: string, message: string) => Promise<unknown>,
  { lmtp = false } = {},
): Promise<MailReceiver> {
  const server = new SMTPServer({
    lmtp,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onData: (stream, { envelope }, callback) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const message = Buffer.concat(chunks).toString();
        const delivering = Promise.all(envelope.rcptTo.map(({ address }) => deliver(address, message)));
        void answerTo(delivering, callback);
      });
    },
  });
  // A client that goes away amid a mail is no end of the demo.
  server.on('error', () => undefined);
  await new Promise<void>((resolve, reject) => {
    server.server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    port: (server.server.address() as AddressInfo).port,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

async function answerTo(delivering: Promise<unknown>, tell: (error?: Error | null) => void): Promise<void> {
  try {
    await delivering;
  } catch {
    tell(Object.assign(new Error('not now'), { responseCode: 451 }));
    return;
  }
  tell();
}
