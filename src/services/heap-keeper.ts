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

/** Longer than connections stay open that nobody uses (a minute): what they held is garbage by then. */
const giveBackQuietLooks = 75_000 / daemonCheckMs;

/** It costs a stop of a second with ten thousand accounts: oftener than this it is not worth it. */
const giveBackEveryLooks = (5 * 60_000) / daemonCheckMs;

/** The same for a daemon: its heap may double while much happens, and is collected when little does. */
export function keepDaemonHeapSmall(): () => void {
  const judge = daemonJudge();
  return watch(daemonCheckMs, (alive, used) => judge(alive, used, process.memoryUsage().heapTotal));
}

/** Octets: alive after the last collection, in use now, and what the heap holds of the system's memory. */
export function daemonJudge(): (alive: number, used: number, total: number) => Verdict {
  let last = 0;
  let quiet = 0;
  let calm = 0;
  let looksSinceGivenBack = Number.POSITIVE_INFINITY;
  return (alive, used, total) => {
    const grown = used - last;
    last = used;
    quiet = grown < growthBytes / 8 ? quiet + 1 : 0;
    // With many accounts something always happens: a hundredth of what is alive is little.
    calm = grown < Math.max(growthBytes / 8, alive / 100) ? calm + 1 : 0;
    looksSinceGivenBack++;
    if (used >= alive + Math.max(daemonGrowthBytes, alive)) return 'collect';
    if (calm >= giveBackQuietLooks && looksSinceGivenBack >= giveBackEveryLooks) {
      calm = 0;
      if (total > used * 1.2 + growthBytes) {
        quiet = 0;
        looksSinceGivenBack = 0;
        return 'give-back';
      }
    }
    if (quiet < quietLooks) return 'no';
    quiet = 0;
    return used >= alive * 1.05 + growthBytes ? 'collect' : 'no';
  };
}

/** 'give-back': also what the heap holds of the system's memory without using it, which takes twice as long. */
export type Verdict = 'no' | 'collect' | 'give-back';

function watch(everyMs: number, judge: (aliveBytes: number, usedBytes: number) => Verdict): () => void {
  setFlagsFromString('--expose-gc');
  const found: unknown = runInNewContext('gc');
  if (typeof found !== 'function') return () => {};
  const collect = () => void found({ type: 'major' });
  let alive = inUse();
  const timer = setInterval(() => {
    const verdict = judge(alive, inUse());
    if (verdict === 'no') return;
    if (verdict === 'collect') collect();
    else giveBack(collect);
    alive = inUse();
  }, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}

/**
 * Moves together what lies scattered over half-empty pages, which V8 does by itself only where a page is nearly empty:
 * after ten thousand accounts were read in, a third of the heap was such room.
 */
function giveBack(collect: () => void): void {
  setFlagsFromString('--compact-on-every-full-gc');
  collect();
  setFlagsFromString('--no-compact-on-every-full-gc');
}

/** Buffers lie outside the heap, but only a collection frees them. */
function inUse(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
