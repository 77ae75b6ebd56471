/** Says how old what one sees is, while no new answers come. */
import { useEffect, useState } from 'react';
import { useLanguage } from '../words/language.tsx';
import { Notice } from './notice.tsx';

/** Shown only when what one sees is old. */
export function Age({ since, lost }: { readonly since: number; readonly lost: boolean }) {
  const { words, format } = useLanguage();
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!lost) return undefined;
    const timer = setInterval(() => setNow(Date.now()), 5_000);
    return () => clearInterval(timer);
  }, [lost]);
  const age = now - since;
  // A connection that is back within seconds is nobody's business.
  if (!lost || age < 6_000) return null;
  return (
    <Notice>
      <p>{words.mailbox.stale(format.duration(age / 1_000))}</p>
    </Notice>
  );
}
