/**
 * The stream of live events (Server-Sent Events), read by fetch: names of events need no list here, and a refusal
 * can be told from a lost connection. It comes back by itself with Last-Event-ID, ever more slowly, up to half a minute.
 * Read by a reader: Safari's streams cannot be walked with `for await`.
 */
import { anySignal } from './any-signal.ts';

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
/** A connection that held so long was a good one. One that breaks sooner, however often, is not asked for each second. */
const steadyMs = 10_000;

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

  /** One connection to its end; gives how long it held. */
  const readOnce = async (): Promise<number> => {
    const silent = new AbortController();
    let watch = setTimeout(() => silent.abort(), silenceMs);
    let reader: ReadableStreamDefaultReader<Uint8Array> | null = null;
    let openedMs = 0;
    const heldMs = (): number => (reader === null ? 0 : performance.now() - openedMs);
    try {
      const response = await fetch(`/api/v1/events${scope}`, {
        headers: lastId === null ? {} : { 'last-event-id': lastId },
        signal: anySignal([stop.signal, silent.signal]),
      });
      if (!response.ok || response.body === null) return 0;
      reader = response.body.getReader();
      openedMs = performance.now();
      handlers.connected(true);
      // What happened while nobody listened is not told again without an id.
      tell();
      const decoder = new TextDecoder();
      let rest = '';
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return heldMs();
        clearTimeout(watch);
        watch = setTimeout(() => silent.abort(), silenceMs);
        const lines = (rest + decoder.decode(value, { stream: true })).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) {
          if (line.startsWith('id: ')) lastId = line.slice(4);
          else if (line.startsWith('event: ')) tell();
        }
      }
    } catch {
      return heldMs();
    } finally {
      clearTimeout(watch);
      // What broke while reading must not go on arriving: each open stream takes one of the browser's few connections.
      await reader?.cancel().catch(() => undefined);
    }
  };

  const run = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      const heldMs = await readOnce();
      if (stop.signal.aborted) return;
      if (heldMs >= steadyMs) waitMs = firstWaitMs;
      handlers.connected(false);
      // Each at another moment: after a restart all who watch would come, and ask for all, in the same second.
      await new Promise((resolve) => setTimeout(resolve, waitMs * (0.5 + Math.random())));
      waitMs = Math.min(waitMs * 2, longestWaitMs);
    }
  };
  void run();
  return () => {
    stop.abort();
    if (timer !== null) clearTimeout(timer);
  };
}
