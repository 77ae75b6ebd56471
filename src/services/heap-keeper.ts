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

/**
 * Starts watching; the result stops it. Does nothing where V8 gives no collector. `share`: growth in parts of what is
 * alive, where that is more: collecting a large heap takes long.
 */
export function keepHeapSmall(share = 0): () => void {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect !== 'function') return () => {};
  let alive = inUse();
  const timer = setInterval(() => {
    if (inUse() < alive + Math.max(growthBytes, alive * share)) return;
    collect();
    alive = inUse();
  }, checkMs);
  timer.unref();
  return () => clearInterval(timer);
}

/** Buffers lie outside the heap, but only a collection frees them. */
function inUse(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
