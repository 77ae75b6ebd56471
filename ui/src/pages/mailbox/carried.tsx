/** The last subjects that came across; a person may look over another's shoulder, so they can be hidden. */
import { useState } from 'react';
import type { Crossing } from '../../api/contract.ts';
import { harmless, SafeText } from '../../parts/safe-text.tsx';
import { useLanguage } from '../../words/language.tsx';
import { folderName } from './folders.tsx';

const key = 'mailferry.hide-subjects';

function stored(): boolean {
  try {
    return localStorage.getItem(key) === 'yes';
  } catch {
    return false;
  }
}

export function Carried({ crossing }: { readonly crossing: Crossing }) {
  const { words, format } = useLanguage();
  const { carried } = words.mailbox;
  const [hidden, setHidden] = useState(stored);
  const toggle = (): void => {
    try {
      localStorage.setItem(key, hidden ? 'no' : 'yes');
    } catch {
      // Holds until the page is left.
    }
    setHidden(!hidden);
  };
  const { lastCarried, mailboxes } = crossing;
  const roleOf = (name: string): string | null => mailboxes.find((m) => m.name === name)?.role ?? null;
  return (
    <section className="card stack">
      <div className="row between">
        <h2>{carried.title}</h2>
        <button type="button" className="button quiet slim" aria-pressed={hidden} onClick={toggle}>
          {hidden ? carried.show : carried.hide}
        </button>
      </div>
      {hidden || lastCarried.length === 0 ? (
        <p className="soft">{hidden ? carried.hidden : carried.none}</p>
      ) : (
        <ul className="subjects">
          {lastCarried.map(({ mailbox, subject, at }) => (
            <li key={`${at}-${mailbox}-${subject ?? ''}`}>
              <SafeText className="clip">{subject ?? carried.noSubject}</SafeText>
              <span className="small soft">
                {carried.in(harmless(folderName(words, { name: mailbox, role: roleOf(mailbox) })))},{' '}
                {format.time(at)}
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
