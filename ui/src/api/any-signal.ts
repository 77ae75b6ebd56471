/** Several reasons to give up a request as one: AbortSignal.any is not in Safari before 17.4 nor in Firefox before 124. */
export function anySignal(signals: readonly AbortSignal[]): AbortSignal {
  const both = new AbortController();
  for (const signal of signals) {
    if (signal.aborted) both.abort(signal.reason);
    // Its own end takes the listener away: a signal that lives long gathers none.
    else
      signal.addEventListener('abort', () => both.abort(signal.reason), { once: true, signal: both.signal });
  }
  return both.signal;
}
