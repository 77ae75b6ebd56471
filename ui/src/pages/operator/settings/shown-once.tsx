/** What leaves the server or this page once: until it is put away by hand, nothing else takes its place. */
import { type ReactNode, useEffect, useRef } from 'react';
import { Notice } from '../../../parts/notice.tsx';
import { SafeText } from '../../../parts/safe-text.tsx';
import { useOperatorWords } from '../../../words/operator.ts';

export interface ShownOnceProps {
  readonly title: string;
  readonly onDone: () => void;
  readonly children: ReactNode;
}

export function ShownOnce({ title, onDone, children }: ShownOnceProps) {
  const { once } = useOperatorWords().settings;
  const place = useRef<HTMLElement>(null);
  // It stands above the list that was acted on: whoever acted is taken there.
  useEffect(() => {
    place.current?.focus();
    place.current?.scrollIntoView({ block: 'nearest' });
  }, []);
  return (
    <section ref={place} tabIndex={-1} className="card stack shown-once" aria-label={title}>
      <h3>
        <SafeText>{title}</SafeText>
      </h3>
      <Notice>
        <p>{once.text}</p>
      </Notice>
      {children}
      <div>
        <button type="button" className="button primary" onClick={onDone}>
          {once.done}
        </button>
      </div>
    </section>
  );
}
