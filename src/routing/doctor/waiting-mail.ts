/** Mail that waits in Postfix's queue for the peer, out of what `postqueue -j` prints. Pure. */
import type { QueueFacts } from './facts.ts';

interface QueueLine {
  readonly queue_name?: unknown;
  readonly arrival_time?: unknown;
  readonly recipients?: unknown;
}

/** `isRelayed`: whether an address's mail goes to the peer. What is no line of the queue is passed over. */
export function waitingMail(
  text: string,
  isRelayed: (address: string) => boolean,
  nowMs: number,
): QueueFacts {
  let waiting = 0;
  let oldestMs = 0;
  const reasons = new Map<string, number>();
  for (const line of text.split('\n')) {
    const { queue_name: queue, arrival_time: arrived, recipients } = lineOf(line);
    if (queue !== 'deferred' || !Array.isArray(recipients)) continue;
    for (const recipient of recipients as { address?: unknown; delay_reason?: unknown }[]) {
      const { address, delay_reason: reason } = recipient;
      if (typeof address !== 'string' || !isRelayed(address)) continue;
      waiting += 1;
      if (typeof arrived === 'number') oldestMs = Math.max(oldestMs, nowMs - arrived * 1_000);
      if (typeof reason === 'string') reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    }
  }
  const [reason = ''] = [...reasons].toSorted(([, a], [, b]) => b - a)[0] ?? [];
  return { waiting, oldestMs, reason };
}

/** The last line may be cut off. */
function lineOf(line: string): QueueLine {
  try {
    const parsed: unknown = JSON.parse(line);
    return typeof parsed === 'object' && parsed !== null ? parsed : {};
  } catch {
    return {};
  }
}
