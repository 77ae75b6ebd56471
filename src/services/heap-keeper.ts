/**
 * Keeps the heap of a process that copies small. A copy makes a kilobyte of short-lived objects a message, which V8 lets
 * pile up for hundreds of megabytes before it collects the old generation. This collects as soon as the heap has grown
 * by a fixed amount over what was alive: some milliseconds each, a percent of a copy's time (docs/benchmarks.md).
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { systemClock } from '../base/clock.ts';

/** Growth over what was alive after the last collection. */
const growthBytes = 8 * 1024 * 1024;
const checkMs = 50;

/** Starts watching; the result stops it. Does nothing where V8 gives no collector. */
export function keepHeapSmall(): () => void {
  return watch(checkMs, ({ alive, used }) => (used >= alive + growthBytes ? 'collect' : 'no'));
}

/** One look at the heap. Octets where nothing else is said. */
export interface HeapLook {
  /** Alive after the last collection. */
  readonly alive: number;
  readonly used: number;
  /** What the heap holds of the system's memory. */
  readonly total: number;
  /** So much later than it was meant to be, in milliseconds: others want the processor. */
  readonly lateMs: number;
  /** How long the process stood still when it last gave back; 0 before. */
  readonly gaveBackMs: number;
}

/** A daemon's many accounts are alive for long, and collecting them takes long. */
const daemonGrowthBytes = 64 * 1024 * 1024;
const daemonCheckMs = 500;
/** So many looks in a row that found little new make a quiet time: then garbage of a twentieth is worth collecting. */
const quietLooks = 20;

/** Longer than connections stay open that nobody uses (a minute): what they held is garbage by then. */
const giveBackQuietLooks = 75_000 / daemonCheckMs;

/** It costs a stop of a second with ten thousand accounts: oftener than this it is not worth it. */
const giveBackEveryMs = 5 * 60_000;
/** What it may cost of the time. */
const giveBackShare = 1 / 1_000;
/**
 * On a machine with five times as much to do as it has processors for, that second was fifteen, and a worker lost its leases.
 * A look that comes so late is a sign of it; one in twenty is late on a quiet machine, too.
 */
const lateLookMs = 30;
const lateLooksOfAll = 1 / 20;

/** The same for a daemon: its heap may double while much happens, and is collected when little does. */
export function keepDaemonHeapSmall(): () => void {
  return watch(daemonCheckMs, daemonJudge());
}

/** To be asked every 500 ms. */
export function daemonJudge(): (look: HeapLook) => Verdict {
  let last = 0;
  let quiet = 0;
  let calm = 0;
  let late = 0;
  let looksSinceGivenBack = Number.POSITIVE_INFINITY;
  return ({ alive, used, total, lateMs, gaveBackMs }) => {
    const grown = used - last;
    last = used;
    quiet = grown < growthBytes / 8 ? quiet + 1 : 0;
    // With many accounts something always happens: a hundredth of what is alive is little.
    calm = grown < Math.max(growthBytes / 8, alive / 100) ? calm + 1 : 0;
    late = calm === 0 ? 0 : late + (lateMs > lateLookMs ? 1 : 0);
    looksSinceGivenBack++;
    if (used >= alive + Math.max(daemonGrowthBytes, alive)) return 'collect';
    const everyMs = Math.max(giveBackEveryMs, gaveBackMs / giveBackShare);
    if (calm >= giveBackQuietLooks && looksSinceGivenBack * daemonCheckMs >= everyMs) {
      const free = late <= calm * lateLooksOfAll;
      calm = 0;
      late = 0;
      if (free && total > used * 1.2 + growthBytes) {
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

function watch(everyMs: number, judge: (look: HeapLook) => Verdict): () => void {
  setFlagsFromString('--expose-gc');
  const found: unknown = runInNewContext('gc');
  if (typeof found !== 'function') return () => {};
  const collect = () => void found({ type: 'major' });
  let alive = inUse(process.memoryUsage());
  let gaveBackMs = 0;
  let lookedAt = systemClock.monotonic();
  const timer = setInterval(() => {
    const lateMs = systemClock.monotonic() - lookedAt - everyMs;
    lookedAt = systemClock.monotonic();
    const memory = process.memoryUsage();
    const verdict = judge({ alive, used: inUse(memory), total: memory.heapTotal, lateMs, gaveBackMs });
    if (verdict === 'no') return;
    if (verdict === 'collect') collect();
    else {
      giveBack(collect);
      gaveBackMs = systemClock.monotonic() - lookedAt;
    }
    alive = inUse(process.memoryUsage());
    lookedAt = systemClock.monotonic();
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
function inUse({ heapUsed, arrayBuffers }: NodeJS.MemoryUsage): number {
  return heapUsed + arrayBuffers;
}
