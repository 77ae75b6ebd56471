/** How mail gets into the demo: by old's Postfix, as from the rest of the world, or by LMTP where no Postfix can run. */
import type { MailPlace } from './demo-daemon.ts';
import type { DemoPostfixes } from './demo-postfix.ts';
import type { Dovecot } from './dovecot.ts';
import { deliverByLmtp } from './lmtp.ts';
import { startMailReceiver } from './mail-receiver.ts';
import { deliverBySmtp } from './smtp.ts';

export interface DemoMail extends MailPlace {
  stop(): Promise<void>;
}

export async function startDemoMail(old: Dovecot, postfixes: DemoPostfixes | null): Promise<DemoMail> {
  if (postfixes !== null) {
    const { old: front, edges } = postfixes;
    const { address, port } = front;
    const deliver = (to: string, message: string) => deliverBySmtp(front, to, message);
    return { way: 'by its Postfix', address, port, edges, deliver, stop: async () => {} };
  }
  // For the daemon's mails to owners; there each line that begins with a dot is as it was written.
  const receiver = await startMailReceiver((to, message) =>
    deliverByLmtp(old, to, message.replace(/^\./gm, '..')),
  );
  const deliver = (to: string, message: string) => deliverByLmtp(old, to, message);
  const { port, stop } = receiver;
  return { way: 'by LMTP', address: '127.0.0.1', port, edges: '', deliver, stop };
}

export function frontOf(postfixes: DemoPostfixes | null): string {
  if (postfixes === null)
    return 'Postfix runs as root only: here mail goes in by LMTP, and no routes are shown.';
  const { old, fresh } = postfixes;
  return `Postfix in front: old ${old.address} port ${old.port}, new ${fresh.address} port ${fresh.port}`;
}
