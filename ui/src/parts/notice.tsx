/** Says that something deserves a look: what happened, whether the mail is safe, what to do. */
import type { ReactNode } from 'react';
import { Info, StateIcon } from './icons.tsx';

export interface NoticeProps {
  readonly kind?: 'news' | 'trouble';
  readonly title?: string;
  readonly children: ReactNode;
  /** Read out when it appears. */
  readonly alert?: boolean;
}

export function Notice({ kind = 'news', title, children, alert = false }: NoticeProps) {
  return (
    <div className={kind === 'trouble' ? 'notice trouble' : 'notice'} role={alert ? 'alert' : undefined}>
      {kind === 'trouble' ? <StateIcon state="needs-you" /> : <Info />}
      <div className="stack tight">
        {title !== undefined && <strong>{title}</strong>}
        {children}
      </div>
    </div>
  );
}
