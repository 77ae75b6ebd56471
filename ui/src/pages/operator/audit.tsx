/** Who did what. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { auditQuestion } from '../../api/operator-questions.ts';
import { Page } from '../../parts/page.tsx';
import { SafeText } from '../../parts/safe-text.tsx';
import { ErrorNotice, Skeleton } from '../../parts/trouble.tsx';
import { useLanguage } from '../../words/language.tsx';
import { useOperatorWords } from '../../words/operator.ts';
import { OperatorTabs } from './operator-tabs.tsx';

export function Audit() {
  const { format } = useLanguage();
  const { audit: words } = useOperatorWords();
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetching } = useInfiniteQuery(auditQuestion);
  const rows = data?.pages.flatMap(({ audit }) => audit) ?? [];
  return (
    <Page wide title={words.title} lead={words.lead} aside={<OperatorTabs />}>
      {error !== null && <ErrorNotice error={error} retry={() => void refetch()} />}
      {data === undefined && error === null && <Skeleton heights={[400]} />}
      {data !== undefined && rows.length === 0 && <p className="empty">{words.empty}</p>}
      {rows.length > 0 && (
        <div className="card">
          <table className="plain-table fold">
            <thead>
              <tr>
                <th scope="col">{words.at}</th>
                <th scope="col">{words.actor}</th>
                <th scope="col">{words.action}</th>
                <th scope="col">{words.subject}</th>
              </tr>
            </thead>
            <tbody>
              {rows.map(({ id, at, actor, action, subject }) => (
                <tr key={id}>
                  <td>{format.moment(at)}</td>
                  <td>
                    <SafeText>{actor}</SafeText>
                  </td>
                  <td>
                    <code>{action}</code>
                  </td>
                  <td>{subject === null ? '–' : <SafeText>{subject}</SafeText>}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {hasNextPage && (
        <div>
          <button type="button" className="button" disabled={isFetching} onClick={() => void fetchNextPage()}>
            {words.more}
          </button>
        </div>
      )}
    </Page>
  );
}
