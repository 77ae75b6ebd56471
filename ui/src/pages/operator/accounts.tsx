/** All accounts, filtered by the server: there may be a hundred thousand. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, useLocation, useNavigate, useSearch } from '@tanstack/react-router';
import type { AccountEntry } from '../../api/contract.ts';
import { accountsQuestion } from '../../api/operator-questions.ts';
import { useLive } from '../../api/use-live.ts';
import { Age } from '../../parts/age.tsx';
import { Page } from '../../parts/page.tsx';
import { SafeText } from '../../parts/safe-text.tsx';
import { ErrorNotice, Skeleton } from '../../parts/trouble.tsx';
import { useLanguage } from '../../words/language.tsx';
import { useOperatorWords } from '../../words/operator.ts';
import { useTeamWords } from '../../words/team.ts';
import { troubleClassOf } from '../../words/trouble-class.ts';
import { AccountDrawer } from '../team/account-drawer.tsx';
import { keepSelection, readSelection } from '../team/selection.ts';
import { allRights } from '../team/use-rights.ts';
import { AppPasswords } from './app-passwords.tsx';
import { OperatorBulkBar } from './bulk-bar.tsx';
import { OperatorTabs } from './operator-tabs.tsx';
import { type AccountsSearch, phases, troubleKinds } from './search.ts';

/** Each page that was opened is asked for once more. */
const leastMs = 5_000;

export function Accounts() {
  const { accounts: words, harbour, phases: names } = useOperatorWords();
  const team = useTeamWords();
  const search = useSearch({ from: '/inside/harbour/accounts' });
  const navigate = useNavigate({ from: '/harbour/accounts' });
  const question = accountsQuestion(search);
  const {
    data,
    error,
    refetch,
    hasNextPage,
    fetchNextPage,
    isFetching,
    isFetchNextPageError,
    dataUpdatedAt,
  } = useInfiniteQuery(question);
  const connected = useLive('', [question.queryKey], leastMs);
  const change = (next: AccountsSearch, replace = false): void =>
    void navigate({ search: (now: AccountsSearch) => ({ ...now, ...next }), replace, resetScroll: false });
  const rows = data?.pages.flatMap(({ accounts }) => accounts) ?? [];
  const kept = useLocation({ select: ({ state }) => state.selected });
  const selected = readSelection(search.sel, kept, rows, []);
  // By name, never as "all": pages that come later are not meant.
  const select = (next: ReadonlySet<string>): void => {
    const { sel, ids } = keepSelection(next, []);
    void navigate({
      search: (now: AccountsSearch) => ({ ...now, sel }),
      state: (now) => ({ ...now, selected: ids ?? undefined }),
      replace: true,
      resetScroll: false,
    });
  };
  const all = rows.length > 0 && rows.every(({ id }) => selected.has(id));
  return (
    <Page wide title={words.title} aside={<OperatorTabs />}>
      <div className="row">
        <label className="field search-field">
          <span className="small soft">{words.search}</span>
          <input
            type="search"
            className="input"
            maxLength={320}
            value={search.search ?? ''}
            onChange={(event) =>
              change({ search: event.target.value === '' ? undefined : event.target.value }, true)
            }
          />
        </label>
        <label className="field">
          <span className="small soft">{words.phase}</span>
          <select
            className="input"
            value={search.phase ?? ''}
            onChange={(event) => change({ phase: phases.find((name) => name === event.target.value) })}
          >
            <option value="">{words.all}</option>
            {phases.map((name) => (
              <option key={name} value={name}>
                {names[name]}
              </option>
            ))}
          </select>
        </label>
        <label className="field">
          <span className="small soft">{words.trouble}</span>
          <select
            className="input"
            value={search.trouble === 'any' ? 'any' : (search.kind ?? '')}
            onChange={(event) =>
              change({
                trouble: event.target.value === 'any' ? 'any' : undefined,
                kind: troubleKinds.find((kind) => kind === event.target.value),
              })
            }
          >
            <option value="">–</option>
            <option value="any">{words.any}</option>
            {troubleKinds.map((kind) => (
              <option key={kind} value={kind}>
                {harbour.kinds[kind]}
              </option>
            ))}
          </select>
        </label>
      </div>
      <Narrowed search={search} onChange={change} />
      {data !== undefined && <Age since={dataUpdatedAt} lost={error !== null || !connected} />}
      {error !== null && (data === undefined || isFetchNextPageError) && (
        <ErrorNotice error={error} retry={() => void refetch()} />
      )}
      {data === undefined && error === null && <Skeleton heights={[400]} />}
      {data !== undefined && rows.length === 0 && <p className="empty">{words.empty}</p>}
      {rows.length > 0 && (
        <div className="card">
          <table className="plain-table fold choosing">
            <thead>
              <tr>
                <th scope="col" className="pick">
                  <label className="check">
                    <input
                      type="checkbox"
                      checked={all}
                      onChange={() => select(all ? new Set() : new Set(rows.map(({ id }) => id)))}
                    />
                    <span className="hidden-text">{team.selectAll}</span>
                  </label>
                </th>
                <th scope="col">{team.columns.address}</th>
                <th scope="col">{words.team}</th>
                <th scope="col">{words.state}</th>
                <th scope="col" className="number">
                  {words.progress}
                </th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <Row
                  key={row.id}
                  row={row}
                  selected={selected.has(row.id)}
                  onSelect={(yes) => {
                    const next = new Set(selected);
                    if (yes) next.add(row.id);
                    else next.delete(row.id);
                    select(next);
                  }}
                />
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
      <OperatorBulkBar
        accounts={rows.filter(({ id }) => selected.has(id))}
        onClear={() => select(new Set())}
      />
      <AccountDrawer
        may={allRights}
        id={search.account ?? null}
        more={search.account !== undefined && <AppPasswords account={search.account} />}
        address={rows.find(({ id }) => id === search.account)?.address ?? null}
        onClose={() => change({ account: undefined })}
      />
    </Page>
  );
}

/** What came from another page's link, and is taken away here. */
function Narrowed({
  search,
  onChange,
}: {
  readonly search: AccountsSearch;
  readonly onChange: (next: AccountsSearch) => void;
}) {
  const { accounts: words } = useOperatorWords();
  const kinds = (['domain', 'team', 'trouble'] as const).flatMap((kind) =>
    // Any trouble stands in the list of kinds above.
    search[kind] === undefined || (kind === 'trouble' && search[kind] === 'any')
      ? []
      : [{ kind, value: search[kind] }],
  );
  if (kinds.length === 0) return null;
  return (
    <ul className="row">
      {kinds.map(({ kind, value }) => (
        <li key={kind}>
          <button type="button" className="chip" onClick={() => onChange({ [kind]: undefined })}>
            {words[kind]}: <SafeText>{value}</SafeText>
            <span aria-hidden="true">×</span>
            <span className="hidden-text">{words.widen}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

interface RowProps {
  readonly row: AccountEntry;
  readonly selected: boolean;
  readonly onSelect: (yes: boolean) => void;
}

function Row({ row, selected, onSelect }: RowProps) {
  const { format } = useLanguage();
  const { accounts: words, phases: names } = useOperatorWords();
  const team = useTeamWords();
  const { id, address, team: of, phase, paused, attention, progress } = row;
  return (
    <tr>
      <td className="pick">
        <label className="check">
          <input type="checkbox" checked={selected} onChange={(event) => onSelect(event.target.checked)} />
          <span className="hidden-text">{team.selectOne(address)}</span>
        </label>
      </td>
      <td>
        <Link
          from="/harbour/accounts"
          to="/harbour/accounts"
          search={(now: AccountsSearch) => ({ ...now, account: id })}
          resetScroll={false}
        >
          <SafeText>{address}</SafeText>
        </Link>
      </td>
      <td>{of === null ? '–' : <SafeText>{of}</SafeText>}</td>
      <td>
        {names[phase]}
        {paused !== null && <span className="soft">, {words.paused}</span>}
        {attention !== null && (
          <span className="mark needs-you small"> {team.trouble[troubleClassOf(attention.code)]}</span>
        )}
      </td>
      <td className="number">
        {progress === null
          ? '–'
          : team.of(format.count(progress.messagesDone), format.count(progress.messagesTotal))}
      </td>
    </tr>
  );
}
