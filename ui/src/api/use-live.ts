/** Keeps questions fresh while a page is open: live events ask them anew, at most once in `leastMs`. */
import { type QueryKey, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { listen } from './live.ts';

/** Gives whether the stream is open; true until it was known to be lost. */
export function useLive(scope: string, keys: readonly QueryKey[], leastMs = 1_000): boolean {
  const client = useQueryClient();
  const [connected, setConnected] = useState(true);
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(
    () =>
      listen(scope, {
        leastMs,
        connected: setConnected,
        changed: () => {
          for (const queryKey of latest.current) void client.invalidateQueries({ queryKey });
        },
      }),
    [client, scope, leastMs],
  );
  return connected;
}
