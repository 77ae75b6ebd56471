/** One message that is not on the new server. Every text of it was written by a stranger. */
import type { Refused } from '../../api/contract.ts';
import { SafeText } from '../../parts/safe-text.tsx';
import { useLanguage } from '../../words/language.tsx';
import { DownloadMessage } from './download-message.tsx';
import { folderName } from './folders.tsx';

export interface RefusedItemProps {
  readonly message: Refused;
  /** Its account, for its owner and operators; null for who sees no more of the mail than where it lies. */
  readonly account: string | null;
}

export function RefusedItem({ message, account }: RefusedItemProps) {
  const { words, format } = useLanguage();
  const { refused, carried } = words.mailbox;
  const { subject, mailbox, date, from, sizeBytes } = message;
  const written = date === null || Number.isNaN(Date.parse(date)) ? null : format.date(date);
  const facts: readonly (readonly [string, string | null])[] = [
    [refused.folder, folderName(words, { name: mailbox, role: null })],
    [refused.date, written],
    [refused.from, from],
    [refused.size, format.bytes(sizeBytes)],
  ];
  return (
    <li className="card stack">
      <h2>
        <SafeText className="clip">
          {subject ?? (account === null ? refused.nameless(message.uid) : carried.noSubject)}
        </SafeText>
      </h2>
      <dl className="stack tight">
        <div>
          <dt className="small soft">{refused.why}</dt>
          <dd>{message.what}</dd>
        </div>
        {message.reasonHelps && message.reason !== '' && (
          <div>
            <dt className="small soft">{refused.said}</dt>
            <dd>
              <SafeText>{message.reason}</SafeText>
            </dd>
          </div>
        )}
        <div>
          <dt className="small soft">{refused.todo}</dt>
          <dd>{message.action}</dd>
        </div>
      </dl>
      <dl className="facts">
        {facts.map(([name, value]) =>
          value === null ? null : (
            <div key={name}>
              <dt>{name}</dt>
              <dd className="small">
                <SafeText>{value}</SafeText>
              </dd>
            </div>
          ),
        )}
      </dl>
      {account !== null && <DownloadMessage account={account} message={message} />}
    </li>
  );
}
