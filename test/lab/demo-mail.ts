/** How mail gets into the demo: by old's Postfix, as from the rest of the world, or by LMTP where no Postfix can run. */
import type { MailPlace } from './demo-daemon.ts';
import type { DemoPostfixes } from './demo-postfix.ts';
import type { Dovecot } from './dovecot.ts';
import { deliverByLmtp } from './lmtp.ts';
import { startMailReceiver } from './mail-receiver.ts';
import { deliverBySmtp } from './smtp.ts';

export interface DemoMail extends MailPlace {
  /** Old's Postfix takes it, so that anybody may write. */
  readonly isPostfix: boolean;
  stop(): Promise<void>;
}

/** `edgeOfNew`: the directory of the edge that tells new's Dovecot whom it has. */
export async function startDemoMail(
  old: Dovecot,
  postfixes: DemoPostfixes | null,
  edgeOfNew: string,
): Promise<DemoMail> {
  if (postfixes !== null) {
    const { old: front, edges } = postfixes;
    const { address, port } = front;
    const deliver = (to: string, message: string) => deliverBySmtp(front, to, message);
    const stop = async () => {};
    return { way: 'by its Postfix', isPostfix: true, address, port, edges, edgeOfNew, deliver, stop };
  }
  // For the daemon's mails to owners; there each line that begins with a dot is as it was written.
  const receiver = await startMailReceiver((to, message) =>
    deliverByLmtp(old, to, message.replace(/^\./gm, '..')),
  );
  const deliver = (to: string, message: string) => deliverByLmtp(old, to, message);
  const { port, stop } = receiver;
  // Nothing asks it where mail goes.
  const edges = `[new.edge]\ndirectory = "${edgeOfNew}"\npeer = "127.0.0.1"\ntable = false\n`;
  return { way: 'by LMTP', isPostfix: false, address: '127.0.0.1', port, edges, edgeOfNew, deliver, stop };
}

export function frontOf(postfixes: DemoPostfixes | null): string {
  if (postfixes === null)
    return 'Postfix runs as root only: here mail goes in by LMTP, and no routes are shown.';
  const { old, fresh } = postfixes;
  return `Postfix in front: old ${old.address} port ${old.port}, new ${fresh.address} port ${fresh.port}`;
}
