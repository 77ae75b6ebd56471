/** The crossing of a whole team: one vessel for each account, the largest ones by themselves. */
import { memo, useMemo } from 'react';
import type { TeamAccount } from '../../api/contract.ts';
import { CrossingPicture } from '../../crossing/crossing-picture.tsx';
import { shareAcross } from '../../crossing/geometry.ts';
import { useLanguage } from '../../words/language.tsx';
import { useTeamWords } from '../../words/team.ts';
import { isCounted } from './arrange.ts';

/** Drawn anew only with new accounts: five thousand boats take longer than a key press should. */
export const TeamPicture = memo(function TeamPicture({
  accounts,
}: {
  readonly accounts: readonly TeamAccount[];
}) {
  const { words, format } = useLanguage();
  const team = useTeamWords();
  const { loads, done, total, across, uncounted } = useMemo(
    () => ({
      loads: accounts.map(({ address, bytes, messagesTotal, messagesDone }) => ({
        name: address,
        bytes,
        messages: messagesTotal,
        done: messagesDone,
      })),
      done: accounts.reduce((sum, a) => sum + a.messagesDone, 0),
      total: accounts.reduce((sum, a) => sum + a.messagesTotal, 0),
      across: accounts.filter(({ state }) => state === 'across').length,
      uncounted: accounts.filter((one) => !isCounted(one)).length,
    }),
    [accounts],
  );
  const share = format.percent(shareAcross(done, total));
  return (
    <section className="card stack team-picture">
      <CrossingPicture
        loads={loads}
        done={done}
        // As in the harbour: the water is not filled to the other shore while nobody knows how wide it is.
        total={uncounted === 0 ? total : Math.max(total, done + 1)}
        phase="copying"
        where="old"
        label={team.picture(format.count(done), format.count(total))}
        caption={
          <div className="shores">
            <strong>{words.mailbox.oldShore}</strong>
            <span>
              {uncounted === 0
                ? words.mailbox.across(share)
                : total === 0
                  ? team.uncounted(uncounted)
                  : `${team.counted(share)}, ${team.uncounted(uncounted)}`}
            </span>
            <strong>{words.mailbox.newShore}</strong>
          </div>
        }
      />
      <p className="headline">{team.headline(across, accounts.length)}</p>
    </section>
  );
});
