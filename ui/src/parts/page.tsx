/** The frame of a page inside: title, what stands beside it, content. */
import { type ReactNode, useEffect } from 'react';
import { useWords } from '../words/language.tsx';

export interface PageProps {
  readonly title: string;
  readonly aside?: ReactNode;
  readonly lead?: ReactNode;
  readonly wide?: boolean;
  readonly children: ReactNode;
}

export function Page({ title, aside, lead, wide = false, children }: PageProps) {
  const words = useWords();
  useEffect(() => {
    document.title = `${title} – ${words.app}`;
  }, [title, words]);
  return (
    <main id="content" tabIndex={-1} className={wide ? 'page wide' : 'page'}>
      <header className="page-head">
        <h1>{title}</h1>
        {aside}
      </header>
      {lead !== undefined && <p className="measure soft">{lead}</p>}
      {children}
    </main>
  );
}
