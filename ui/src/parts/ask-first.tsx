/** A button that says what would happen before it does it: a second one, in its place, goes on; Escape leaves. */
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';

export interface AskFirstProps {
  readonly label: string;
  /** Of what it acts on, for who does not see where it stands. */
  readonly about: string;
  /** What will happen. */
  readonly question: string;
  readonly keep: string;
  readonly busy: boolean;
  readonly onYes: () => void;
}

export function AskFirst({ label, about, question, keep, busy, onYes }: AskFirstProps) {
  const [asking, setAsking] = useState(false);
  const id = useId();
  const first = useRef<HTMLButtonElement>(null);
  const yes = useRef<HTMLButtonElement>(null);
  const asked = useRef(false);
  useEffect(() => {
    if (asking) yes.current?.focus();
    // Not when the page is opened.
    else if (asked.current) first.current?.focus();
    asked.current = asking;
  }, [asking]);
  if (!asking) {
    return (
      <button
        ref={first}
        type="button"
        className="button slim"
        disabled={busy}
        onClick={() => setAsking(true)}
      >
        {label}
        <span className="hidden-text"> {about}</span>
      </button>
    );
  }
  const leave = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape') return;
    event.stopPropagation();
    setAsking(false);
  };
  return (
    <div role="group" aria-labelledby={id} className="ask-first stack tight" onKeyDown={leave}>
      <p id={id} className="small">
        {question}
      </p>
      <div className="row">
        <button
          ref={yes}
          type="button"
          className="button slim primary"
          disabled={busy}
          onClick={() => {
            setAsking(false);
            onYes();
          }}
        >
          {label}
          <span className="hidden-text"> {about}</span>
        </button>
        <button type="button" className="button slim" onClick={() => setAsking(false)}>
          {keep}
        </button>
      </div>
    </div>
  );
}
