/** A text that people take elsewhere: to be read, and to be copied by one button. */
import { useRef, useState } from 'react';

export interface CopyTextProps {
  readonly label: string;
  readonly text: string;
  /** In groups, for who types it; what is copied is the text. */
  readonly shown?: string;
  readonly words: { readonly copy: string; readonly copied: string; readonly marked: string };
}

export function CopyText({ label, text, shown = text, words }: CopyTextProps) {
  const place = useRef<HTMLElement>(null);
  const [done, setDone] = useState<'copied' | 'marked' | null>(null);
  const mark = (): void => {
    if (place.current !== null) getSelection()?.selectAllChildren(place.current);
    setDone('marked');
  };
  const copy = (): void => {
    // Without TLS a browser gives no clipboard; some people forbid it.
    const clipboard = navigator.clipboard as Clipboard | undefined;
    if (clipboard === undefined) mark();
    else clipboard.writeText(text).then(() => setDone('copied'), mark);
  };
  return (
    <div className="copy-text stack tight">
      <span className="small soft">{label}</span>
      <div className="row">
        <code ref={place} className="secret">
          {shown}
        </code>
        <button type="button" className="button slim" onClick={copy}>
          {words.copy}
          <span className="hidden-text"> {label}</span>
        </button>
        <span role="status" className="small soft">
          {done === null ? '' : words[done]}
        </span>
      </div>
    </div>
  );
}
