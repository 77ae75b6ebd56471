/** Who did what to whom, in words; what was before where that is known. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { AuditEntry } from '../../api/contract.ts';
import { auditQuestion } from '../../api/operator-questions.ts';
import { Page } from '../../parts/page.tsx';
import { harmless, SafeText } from '../../parts/safe-text.tsx';
import { ErrorNotice, Skeleton } from '../../parts/trouble.tsx';
import { useLanguage } from '../../words/language.tsx';
import { useOperatorWords } from '../../words/operator.ts';
import { useTeamWords } from '../../words/team.ts';
import { changesOf } from './audit-changes.ts';
import { OperatorTabs } from './operator-tabs.tsx';
import { Who } from './who.tsx';

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
          <table className="plain-table audit">
            <thead>
              <tr>
                <th scope="col">{words.at}</th>
                <th scope="col">{words.actor}</th>
                <th scope="col">{words.action}</th>
                <th scope="col">{words.subject}</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row.id}>
                  <td className="at">
                    <time dateTime={row.at} className="nowrap">
                      {format.stamp(row.at)}
                    </time>
                  </td>
                  <td className="who">
                    <Who actor={row.actor} />
                  </td>
                  <td className="what">
                    <What row={row} />
                  </td>
                  <td className="whom">
                    <Whom row={row} />
                  </td>
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

/** Null in one of these is no limit. */
const limits: ReadonlySet<string> = new Set([
  'connections',
  'messagesPerSecond',
  'bytesPerSecond',
  'bytesPerDay',
  'ratePerHour',
]);

function What({ row }: { readonly row: AuditEntry }) {
  const { format } = useLanguage();
  const { audit: words, phases, servers, settings } = useOperatorWords();
  const { trouble } = useTeamWords();
  const { scope: scopes } = settings.tokens;
  const changes = changesOf(row);
  const value = (name: string, one: unknown): string => {
    if (one === null && limits.has(name)) return servers.unlimited;
    // `old` is a phase and a side.
    if (name === 'phase') return phases[String(one)] ?? String(one);
    if (one === 'configured') return words.configured;
    if (one === null || one === undefined) return words.none;
    if (typeof one === 'number') return format.count(one);
    if (Array.isArray(one))
      return one.length === 0
        ? words.none
        : format.list(one.map((word) => words.values[String(word)] ?? scopes[String(word)] ?? String(word)));
    if (typeof one !== 'string') return JSON.stringify(one);
    if (/^\d{4}-\d\d-\d\dT/.test(one)) return format.moment(one);
    return words.values[one] ?? phases[one] ?? scopes[one] ?? trouble[one] ?? one;
  };
  return (
    <>
      <span title={row.action}>{words.actions[row.action] ?? row.action}</span>
      {changes.map(({ name, before, after }) => (
        <span key={name} className="change small">
          {words.fields[name] !== '' && <span className="soft">{words.fields[name] ?? name}: </span>}
          {before !== undefined && (
            <>
              <del>
                <SafeText>{value(name, before)}</SafeText>
              </del>
              <span className="hidden-text"> {words.became} </span>
              <span aria-hidden="true"> → </span>
            </>
          )}
          <ins>
            <SafeText>{value(name, after)}</SafeText>
          </ins>
        </span>
      ))}
    </>
  );
}

function Whom({ row: { subject, address, name } }: { readonly row: AuditEntry }) {
  const { audit: words, servers } = useOperatorWords();
  if (subject === null) return <>–</>;
  if (address !== null) {
    return (
      <Link to="/harbour/accounts" search={{ search: address, account: subject }}>
        <SafeText>{address}</SafeText>
      </Link>
    );
  }
  if (name !== null) return <SafeText>{name}</SafeText>;
  if (subject === 'old' || subject === 'new') return <>{servers.side[subject]}</>;
  // What is gone has an id only: enough of it to tell it from others.
  const isId = /^[0-9a-f]{8}-[0-9a-f]{4}-7/.test(subject);
  if (isId) return <span className="soft">{words.gone(harmless(subject.slice(-6)))}</span>;
  return <SafeText>{words.subjects[subject] ?? subject}</SafeText>;
}
