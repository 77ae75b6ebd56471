/** Teams, and the way to each one's own pages. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { teamsQuestion } from '../../api/operator-questions.ts';
import { Page } from '../../parts/page.tsx';
import { SafeText } from '../../parts/safe-text.tsx';
import { ErrorNotice, Skeleton } from '../../parts/trouble.tsx';
import { useLanguage } from '../../words/language.tsx';
import { useOperatorWords } from '../../words/operator.ts';
import { AddTeam } from './add-team.tsx';
import { OperatorTabs } from './operator-tabs.tsx';

export function Teams() {
  const { format } = useLanguage();
  const { teams: words } = useOperatorWords();
  const { data, error, refetch } = useQuery(teamsQuestion);
  return (
    <Page wide title={words.title} aside={<OperatorTabs />}>
      {error !== null && <ErrorNotice error={error} retry={() => void refetch()} />}
      {data === undefined && error === null && <Skeleton heights={[240]} />}
      {data !== undefined && <AddTeam />}
      {data?.teams.length === 0 && <p className="empty">{words.empty}</p>}
      {data !== undefined && data.teams.length > 0 && (
        <div className="card">
          <table className="plain-table">
            <thead>
              <tr>
                <th scope="col">{words.name}</th>
                <th scope="col" className="number">
                  {words.accounts}
                </th>
                <th scope="col">{words.people}</th>
              </tr>
            </thead>
            <tbody>
              {data.teams.map(({ id, name, accounts }) => (
                <tr key={id}>
                  <td>
                    <Link to="/teams/$team" params={{ team: id }} search={{}}>
                      <SafeText>{name}</SafeText>
                    </Link>
                  </td>
                  <td className="number">{format.count(accounts)}</td>
                  <td>
                    <Link to="/teams/$team/people" params={{ team: id }}>
                      {words.people}
                      <span className="hidden-text"> {name}</span>
                    </Link>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Page>
  );
}
