/** Domains: where their accounts stand, and what the cutover will ask of each. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Domain } from '../../api/operator-contract.ts';
import { domainsQuestion } from '../../api/settings-questions.ts';
import { Page } from '../../parts/page.tsx';
import { SafeText } from '../../parts/safe-text.tsx';
import { ErrorNotice, Skeleton } from '../../parts/trouble.tsx';
import { useLanguage } from '../../words/language.tsx';
import { useOperatorWords } from '../../words/operator.ts';
import { OperatorTabs } from './operator-tabs.tsx';
import { phases } from './search.ts';

/** So many teams are named; a domain that everybody shares would be a page of its own. */
const mostTeams = 3;
const acrossPhases = ['in-step', 'switching', 'switched', 'done'] as const;

export function Domains() {
  const { domains: words } = useOperatorWords();
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetching } = useInfiniteQuery(domainsQuestion);
  const rows = data?.pages.flatMap(({ domains }) => domains) ?? [];
  return (
    <Page wide title={words.title} lead={words.lead} aside={<OperatorTabs />}>
      {error !== null && <ErrorNotice error={error} retry={() => void refetch()} />}
      {data === undefined && error === null && <Skeleton heights={[150, 150, 150]} />}
      {data !== undefined && rows.length === 0 && <p className="empty">{words.empty}</p>}
      <ul className="domains">
        {rows.map((domain) => (
          <Item key={domain.name} domain={domain} />
        ))}
      </ul>
      {hasNextPage && (
        <div>
          <button type="button" className="button" disabled={isFetching} onClick={() => void fetchNextPage()}>
            {words.more}
          </button>
        </div>
      )}
      {rows.length > 0 && (
        <section className="card stack">
          <h2>{words.cutover}</h2>
          <p className="measure">{words.later}</p>
          <ul className="stack tight bullets measure">
            {words.laterSteps.map((step) => (
              <li key={step}>{step}</li>
            ))}
          </ul>
        </section>
      )}
    </Page>
  );
}

function Item({ domain }: { readonly domain: Domain }) {
  const { format } = useLanguage();
  const { domains: words, phases: names } = useOperatorWords();
  const { name, accounts, phase, teams, messagesTotal, messagesDone } = domain;
  const of = (one: string): number => domain.phases[one] ?? 0;
  const across = acrossPhases.reduce((sum, one) => sum + of(one), 0);
  const share = accounts === 0 ? 0 : across / accounts;
  return (
    <li className="card stack tight">
      <div className="row between">
        <h2>
          <Link to="/harbour/accounts" search={{ domain: name }}>
            <SafeText>{name}</SafeText>
          </Link>
        </h2>
        <span className="small soft">{words.phases[phase] ?? phase}</span>
      </div>
      <p>{words.across(across, accounts)}</p>
      {messagesTotal > 0 && (
        <p className="small soft">
          {words.messages(format.count(messagesDone), format.count(messagesTotal))}
        </p>
      )}
      <svg className="share" viewBox="0 0 100 2" preserveAspectRatio="none" aria-hidden="true">
        <rect className="sea" width="100" height="2" />
        <rect className="sea-across" width={share * 100} height="2" />
      </svg>
      <div className="row between">
        <ul className="row small">
          {phases
            .filter((one) => of(one) > 0)
            .map((one) => (
              <li key={one}>
                <Link to="/harbour/accounts" search={{ domain: name, phase: one }}>
                  {names[one]}: {format.count(of(one))}
                </Link>
              </li>
            ))}
        </ul>
        <ul className="row small">
          {teams.slice(0, mostTeams).map((team) => (
            <li key={team}>
              <Link to="/harbour/accounts" search={{ domain: name, team }}>
                <SafeText>{team}</SafeText>
              </Link>
            </li>
          ))}
          {teams.length > mostTeams && <li className="soft">{words.moreTeams(teams.length - mostTeams)}</li>}
          {teams.length === 0 && accounts > 0 && <li className="soft">{words.noTeam}</li>}
        </ul>
      </div>
    </li>
  );
}
