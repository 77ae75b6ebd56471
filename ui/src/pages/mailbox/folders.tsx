/** The account's mailboxes, which people call folders, and how far each is. */
import { useState } from 'react';
import type { Crossing, CrossingMailbox, TeamState } from '../../api/contract.ts';
import { StateMark } from '../../parts/icons.tsx';
import { SafeText } from '../../parts/safe-text.tsx';
import { useLanguage } from '../../words/language.tsx';
import type { Words } from '../../words/en.ts';

/** A folder with a known use bears the person's word for it; others their own name. */
export function folderName(words: Words, { name, role }: Pick<CrossingMailbox, 'name' | 'role'>): string {
  const roles: Readonly<Record<string, string>> = words.mailbox.folders.roles;
  const use = role?.replace(/^\\/, '').toLowerCase() ?? (name.toUpperCase() === 'INBOX' ? 'inbox' : '');
  return roles[use] ?? name;
}

function stateOf({ messages, done, refused, complete }: CrossingMailbox, started: boolean): TeamState {
  if (refused > 0 && done + refused >= messages) return 'needs-you';
  if (complete || (started && messages === 0)) return 'across';
  return done > 0 ? 'under-way' : 'waiting';
}

/** More are shown on demand: a phone would scroll for minutes. */
const shownFirst = 15;

export function Folders({ crossing }: { readonly crossing: Crossing }) {
  const { words, format } = useLanguage();
  const { folders } = words.mailbox;
  const { mailboxes, more, startedAt } = crossing;
  const started = startedAt !== null;
  const [all, setAll] = useState(mailboxes.length <= shownFirst + 3);
  const word = (mailbox: CrossingMailbox, state: TeamState): string =>
    ({
      across: folders.across,
      'under-way': folders.underWay,
      waiting: folders.waiting,
      paused: folders.waiting,
      'needs-you': folders.refused(mailbox.refused),
    })[state];
  return (
    <section className="card stack">
      <h2>{folders.title}</h2>
      {mailboxes.length === 0 ? (
        <p className="empty">{folders.empty}</p>
      ) : (
        <table className="plain-table fold">
          <thead>
            <tr>
              <th scope="col">{folders.name}</th>
              <th scope="col" className="number">
                {folders.messages}
              </th>
              <th scope="col" className="number">
                {folders.size}
              </th>
              <th scope="col">{folders.state}</th>
            </tr>
          </thead>
          <tbody>
            {(all ? mailboxes : mailboxes.slice(0, shownFirst)).map((mailbox) => {
              const state = stateOf(mailbox, started);
              return (
                <tr key={mailbox.name}>
                  <td>
                    <SafeText className="clip">{folderName(words, mailbox)}</SafeText>
                  </td>
                  <td className="number">
                    {mailbox.messages === 0
                      ? folders.none
                      : started && !mailbox.complete
                        ? words.mailbox.numbers.of(format.count(mailbox.done), format.count(mailbox.messages))
                        : format.count(mailbox.messages)}
                  </td>
                  <td className="number">
                    {mailbox.messages === 0 || mailbox.bytes === null ? '–' : format.bytes(mailbox.bytes)}
                  </td>
                  <td>
                    <StateMark state={state} word={word(mailbox, state)} />
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
      {!all && (
        <div>
          <button type="button" className="button slim" onClick={() => setAll(true)}>
            {folders.all(mailboxes.length)}
          </button>
        </div>
      )}
      {all && more > 0 && <p className="soft">{folders.more(more)}</p>}
    </section>
  );
}
