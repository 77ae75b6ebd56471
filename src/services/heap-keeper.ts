/**
 * Keeps the heap of a process that copies small. A copy makes a kilobyte of short-lived objects a message, which V8 lets
 * pile up for hundreds of megabytes before it collects the old generation. This collects as soon as the heap has grown
 * by a fixed amount over what was alive: some milliseconds each, a percent of a copy's time (docs/benchmarks.md).
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Growth over what was alive after the last collection. */
const growthBytes = 8 * 1024 * 1024;
const checkMs = 50;

/** Starts watching; the result stops it. Does nothing where V8 gives no collector. */
export function keepHeapSmall(): () => void {
  return watch(checkMs, (alive, used) => (used >= alive + growthBytes ? 'collect' : 'no'));
}

/** A daemon's many accounts are alive for long, and collecting them takes long. */
const daemonGrowthBytes = 64 * 1024 * 1024;
const daemonCheckMs = 500;
/** So many looks in a row that found little new make a quiet time: then garbage of a twentieth is worth collecting. */
const quietLooks = 20;

/** What is given back costs a stop of seconds with ten thousand accounts: oftener than this it is not worth it. */
const giveBackEveryLooks = (10 * 60_000) / daemonCheckMs;

/** The same for a daemon: its heap may double while much happens, and is collected when little does. */
export function keepDaemonHeapSmall(): () => void {
  const judge = daemonJudge();
  return watch(daemonCheckMs, (alive, used) => judge(alive, used, process.memoryUsage().heapTotal));
}

/** Octets: alive after the last collection, in use now, and what the heap holds of the system's memory. */
export function daemonJudge(): (alive: number, used: number, total: number) => Verdict {
  let last = 0;
  let quiet = 0;
  let looksSinceGivenBack = Number.POSITIVE_INFINITY;
  return (alive, used, total) => {
    quiet = used - last < growthBytes / 8 ? quiet + 1 : 0;
    last = used;
    looksSinceGivenBack++;
    if (used >= alive + Math.max(daemonGrowthBytes, alive)) return 'collect';
    if (quiet < quietLooks) return 'no';
    quiet = 0;
    // Pages that are only partly in use stay: where it gave little back it would do so each time.
    if (total > used * 1.4 + growthBytes && looksSinceGivenBack >= giveBackEveryLooks) {
      looksSinceGivenBack = 0;
      return 'give-back';
    }
    return used >= alive * 1.05 + growthBytes ? 'collect' : 'no';
  };
}

/** 'give-back': also what the heap holds of the system's memory without using it, which takes longer. */
export type Verdict = 'no' | 'collect' | 'give-back';

function watch(everyMs: number, judge: (aliveBytes: number, usedBytes: number) => Verdict): () => void {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect !== 'function') return () => {};
  let alive = inUse();
  const timer = setInterval(() => {
    const verdict = judge(alive, inUse());
    if (verdict === 'no') return;
    if (verdict === 'collect') collect();
    else collect({ type: 'major', flavor: 'last-resort' });
    alive = inUse();
  }, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}

/** Buffers lie outside the heap, but only a collection frees them. */
function inUse(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
