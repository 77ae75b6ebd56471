/** Commands that only read need no orderly end: the first Ctrl-C is their last word. */

/** The result of `work`, or, as soon as the signal is aborted, its reason; `work` is then left to itself. */
export async function orInterrupted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  signal.throwIfAborted();
  let onAbort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
  });
  // The process ends while it still runs; its own failure is nobody's business any more.
  work.catch(() => {});
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
