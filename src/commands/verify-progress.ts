/** How `verify` tells where it is: a line on a terminal that goes again, plain lines elsewhere, JSON for scripts. */
import { displayName } from '../domain/mailbox-mapping.ts';
import type { EngineEvent } from '../sync/index.ts';
import type { CommandEnv } from './command-env.ts';
import type { Progress } from './progress.ts';
import { canRedraw, eraseBelow } from './progress.ts';
import { fit } from './format.ts';

/** Mailboxes as they begin and end: that of a large account takes a while, above all with --deep. */
export function verifyProgress(env: CommandEnv, json: boolean): Pick<Progress, 'event' | 'stop'> {
  if (json) {
    const tell = (event: EngineEvent) => {
      if (event.type === 'notice') env.stdout.write(`${JSON.stringify(event)}\n`);
      if (event.type !== 'mailbox-started' && event.type !== 'mailbox-done') return;
      const line = { type: event.type, mailbox: displayName(event.mailbox) };
      env.stdout.write(`${JSON.stringify(line)}\n`);
    };
    return { event: tell, stop: () => {} };
  }
  const redraws = canRedraw(env);
  let shown = false;
  return {
    event: (event) => {
      if (event.type === 'notice') env.stderr.write(`note: ${event.text}\n`);
      if (event.type !== 'mailbox-started') return;
      const text = `comparing ${displayName(event.mailbox)}`;
      shown = redraws;
      env.stderr.write(redraws ? `\r${fit(text, (env.stderr.columns || 80) - 1)}\u001b[J\r` : `${text}\n`);
    },
    stop: () => {
      if (shown) env.stderr.write(eraseBelow);
      shown = false;
    },
  };
}
