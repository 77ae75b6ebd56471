/** Where a team stands, on one sheet of paper. */
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { teamAccountsQuestion, teamSummaryQuestion } from '../../api/team-questions.ts';
import { StateMark } from '../../parts/icons.tsx';
import { Page } from '../../parts/page.tsx';
import { harmless, SafeText } from '../../parts/safe-text.tsx';
import { ErrorNotice, Skeleton } from '../../parts/trouble.tsx';
import { useLanguage } from '../../words/language.tsx';
import { useTeamWords } from '../../words/team.ts';
import { troubleClassOf } from '../../words/trouble-class.ts';
import { teamStates } from './search.ts';
import { TeamTabs } from './team-tabs.tsx';

export function TeamReport() {
  const { format } = useLanguage();
  const words = useTeamWords();
  const { report } = words;
  const { team } = useParams({ from: '/inside/teams/$team/report' });
  const summary = useQuery(teamSummaryQuestion(team));
  const accounts = useQuery(teamAccountsQuestion(team));
  const { data, error } = summary;
  // The list has the first ten thousand addresses of the team, the sum all of them.
  const needsYou = accounts.data === undefined ? 0 : (data?.states['needs-you'] ?? 0);
  const trouble = accounts.data?.accounts.filter(({ state }) => state === 'needs-you') ?? [];
  return (
    <Page
      title={data === undefined ? words.tabs.report : report.title(harmless(data.name))}
      aside={<TeamTabs team={team} />}
    >
      {error !== null && <ErrorNotice error={error} retry={() => void summary.refetch()} />}
      {data === undefined && error === null && <Skeleton heights={[120, 200]} />}
      {data !== undefined && (
        <>
          <div className="row between">
            <span className="soft">
              {report.asOf(format.moment(new Date(summary.dataUpdatedAt).toISOString()))}
            </span>
            <button type="button" className="button primary no-print" onClick={() => print()}>
              {report.print}
            </button>
          </div>
          <section className="card stack">
            <h2>{report.lights}</h2>
            <ul className="lights">
              {teamStates.map((state) => (
                <li key={state}>
                  <StateMark state={state} word={words.states[state]} />
                  <strong className="big">{format.count(data.states[state] ?? 0)}</strong>
                </li>
              ))}
            </ul>
          </section>
          <section className="card">
            <dl className="facts">
              <div>
                <dt>{report.messages}</dt>
                <dd>{words.of(format.count(data.messagesDone), format.count(data.messagesTotal))}</dd>
              </div>
              <div>
                <dt>{report.bytes}</dt>
                <dd>{format.bytes(data.bytesCopied)}</dd>
              </div>
              <div>
                <dt>{report.refused}</dt>
                <dd>{format.count(data.refused)}</dd>
              </div>
            </dl>
          </section>
          <section className="card stack">
            <h2>{report.attention}</h2>
            {trouble.length === 0 ? (
              <p className="soft">{report.none}</p>
            ) : (
              <ul className="subjects">
                {trouble.map(({ id, address, attentionCode }) => (
                  <li key={id} className="row between">
                    <SafeText>{address}</SafeText>
                    <span className="soft">
                      {attentionCode === null
                        ? words.otherTrouble
                        : words.trouble[troubleClassOf(attentionCode)]}
                    </span>
                  </li>
                ))}
                {needsYou > trouble.length && <li>{words.plan.more(needsYou - trouble.length)}</li>}
              </ul>
            )}
          </section>
        </>
      )}
    </Page>
  );
}
