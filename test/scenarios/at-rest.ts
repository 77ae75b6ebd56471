/** A stretch in which nobody does anything: what a worker sends then, and proof that it looks. */
import { appendEvent } from '../../src/state/database/events.ts';
import type { Database } from '../../src/state/database/open-database.ts';
import { addRequest, requestsOf } from '../../src/state/database/requests.ts';
import type { ChaosProxy } from '../lab/chaos-proxy.ts';
import { until } from './worker-env.ts';

/** Commands from here on, over connections that are open and those that will be. */
export function sentFromNow(proxy: ChaosProxy): () => string[] {
  const before = proxy.connections.map(({ commands }) => commands.length);
  return () => proxy.connections.flatMap(({ commands }, i) => commands.slice(before[i] ?? 0));
}

/** How many of them ask for the state of mailboxes: the least that a pass sends to a side. */
export const looksIn = (commands: readonly string[]) =>
  commands.filter((command) => /^(LIST|STATUS) /i.test(command)).length;

/** A pass now, as an operator asks for it; resolves when it is through. */
export async function lookNow({ db }: Database, accountId: string): Promise<void> {
  await addRequest(db, accountId, 'look-now');
  await appendEvent(db, { kind: 'account.request', subject: accountId, detail: {} });
  await until(20_000, async () => !(await requestsOf(db, accountId)).has('look-now'));
}
