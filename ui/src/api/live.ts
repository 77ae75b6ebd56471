/**
 * The stream of live events (Server-Sent Events), read by fetch: names of events need no list here, and a refusal
 * can be told from a lost connection. It comes back by itself with Last-Event-ID, ever more slowly, up to half a minute.
 */

export interface LiveHandlers {
  /** Something changed. Called at most once in `leastMs`. */
  readonly changed: () => void;
  readonly leastMs: number;
  readonly connected: (yes: boolean) => void;
}

const firstWaitMs = 1_000;
const longestWaitMs = 30_000;
/** The server says something every 15 s; after three silences in a row the connection is dead. */
const silenceMs = 45_000;

/** Gives the function that ends it. `scope` is the query: `?account=1`. */
export function listen(scope: string, handlers: LiveHandlers): () => void {
  const stop = new AbortController();
  let lastId: string | null = null;
  let waitMs = firstWaitMs;
  let timer: ReturnType<typeof setTimeout> | null = null;

  const tell = (): void => {
    timer ??= setTimeout(() => {
      timer = null;
      handlers.changed();
    }, handlers.leastMs);
  };

  const readOnce = async (): Promise<void> => {
    const silent = new AbortController();
    let watch = setTimeout(() => silent.abort(), silenceMs);
    try {
      const response = await fetch(`/api/v1/events${scope}`, {
        headers: lastId === null ? {} : { 'last-event-id': lastId },
        signal: AbortSignal.any([stop.signal, silent.signal]),
      });
      if (!response.ok || response.body === null) return;
      handlers.connected(true);
      waitMs = firstWaitMs;
      // What happened while nobody listened is not told again without an id.
      tell();
      let rest = '';
      for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
        clearTimeout(watch);
        watch = setTimeout(() => silent.abort(), silenceMs);
        const lines = (rest + chunk).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) {
          if (line.startsWith('id: ')) lastId = line.slice(4);
          else if (line.startsWith('event: ')) tell();
        }
      }
    } finally {
      clearTimeout(watch);
    }
  };

  const run = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      await readOnce().catch(() => undefined);
      if (stop.signal.aborted) return;
      handlers.connected(false);
      await new Promise((resolve) => setTimeout(resolve, waitMs));
      waitMs = Math.min(waitMs * 2, longestWaitMs);
    }
  };
  void run();
  return () => {
    stop.abort();
    if (timer !== null) clearTimeout(timer);
  };
}
