/** Whether a media query holds, now and as it changes. */
import { useCallback, useSyncExternalStore } from 'react';

export function useMediaQuery(text: string): boolean {
  const subscribe = useCallback(
    (changed: () => void) => {
      const list = matchMedia(text);
      list.addEventListener('change', changed);
      return () => list.removeEventListener('change', changed);
    },
    [text],
  );
  return useSyncExternalStore(subscribe, () => matchMedia(text).matches);
}
