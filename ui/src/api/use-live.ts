/** Keeps questions fresh while a page is open: live events ask them anew, at most once in `leastMs`. */
import { type QueryKey, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { listen } from './live.ts';

/** Gives whether the stream is open; true until it was known to be lost. */
export function useLive(scope: string, keys: readonly QueryKey[], leastMs = 1_000): boolean {
  const client = useQueryClient();
  const [connected, setConnected] = useState(true);
  // Counts how often the network came back: each time the stream is opened anew, without waiting its turn.
  const [round, setRound] = useState(0);
  const latest = useRef(keys);
  latest.current = keys;
  // Over HTTP/1.1 a browser has six connections for all tabs of a site: those that nobody sees hold none.
  const hidden = useSyncExternalStore(whenSeen, () => document.hidden);
  useEffect(() => {
    if (hidden) return undefined;
    return listen(scope, {
      leastMs,
      connected: setConnected,
      changed: () => {
        // What is being asked already is let come: asked anew each second, a slow answer would never be shown.
        for (const queryKey of latest.current)
          void client.invalidateQueries({ queryKey }, { cancelRefetch: false });
      },
    });
  }, [client, scope, leastMs, round, hidden]);
  useEffect(() => {
    const gone = (): void => setConnected(false);
    const back = (): void => setRound((n) => n + 1);
    window.addEventListener('offline', gone);
    window.addEventListener('online', back);
    return () => {
      window.removeEventListener('offline', gone);
      window.removeEventListener('online', back);
    };
  }, []);
  return connected;
}

function whenSeen(changed: () => void): () => void {
  document.addEventListener('visibilitychange', changed);
  return () => document.removeEventListener('visibilitychange', changed);
}
