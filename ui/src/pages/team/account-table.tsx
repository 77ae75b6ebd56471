/**
 * The table itself. Only the rows in view exist in the document; their number and place are told to screen readers by
 * aria-rowcount and aria-rowindex. Every row is as high as the others, so that scrolling needs no measuring.
 */
import { Link } from '@tanstack/react-router';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef } from 'react';
import type { TeamAccount } from '../../api/contract.ts';
import { StateMark } from '../../parts/icons.tsx';
import { SafeText } from '../../parts/safe-text.tsx';
import { useMediaQuery } from '../../parts/use-media-query.ts';
import { useLanguage } from '../../words/language.tsx';
import { useTeamWords } from '../../words/team.ts';
import { troubleClassOf } from '../../words/trouble-class.ts';
import { isCounted } from './arrange.ts';
import { type TeamOrder, teamOrders, type TeamSearch } from './search.ts';

const rowHeight = { wide: 52, narrow: 104 };

export interface AccountTableProps {
  readonly rows: readonly TeamAccount[];
  readonly search: TeamSearch;
  readonly selected: ReadonlySet<string>;
  readonly onSelect: (selected: ReadonlySet<string>) => void;
  readonly onChange: (search: TeamSearch) => void;
}

export function AccountTable({ rows, search, selected, onSelect, onChange }: AccountTableProps) {
  const words = useTeamWords();
  const scroller = useRef<HTMLDivElement>(null);
  const anchor = useRef<number | null>(null);
  const narrow = useMediaQuery('(max-width: 56rem)');
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => (narrow ? rowHeight.narrow : rowHeight.wide),
    overscan: 8,
    getItemKey: (index) => rows[index]?.id ?? index,
  });
  const all = rows.length > 0 && rows.every(({ id }) => selected.has(id));
  const toggle = (index: number, range: boolean): void => {
    const id = rows[index]?.id;
    if (id === undefined) return;
    const next = new Set(selected);
    const on = !next.has(id);
    const from = range && anchor.current !== null ? anchor.current : index;
    for (const { id: one } of rows.slice(Math.min(from, index), Math.max(from, index) + 1)) {
      if (on) next.add(one);
      else next.delete(one);
    }
    anchor.current = index;
    onSelect(next);
  };
  return (
    <div
      ref={scroller}
      className="accounts card"
      role="table"
      aria-label={words.table}
      aria-rowcount={rows.length + 1}
      // Focusable, so that it can be scrolled by keyboard.
      tabIndex={0}
    >
      <div role="rowgroup" className="account-head">
        <div role="row" aria-rowindex={1} className="account-row head">
          <span role="columnheader">
            <input
              type="checkbox"
              className="row-check"
              aria-label={words.selectAll}
              checked={all}
              onChange={() => onSelect(all ? new Set() : new Set(rows.map(({ id }) => id)))}
            />
          </span>
          {teamOrders.map((order) => (
            <Heading key={order} order={order} search={search} onChange={onChange} />
          ))}
        </div>
      </div>
      <div role="rowgroup" className="account-rows" style={{ blockSize: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, key, start, size }) => {
          const row = rows[index];
          if (row === undefined) return null;
          return (
            <div
              key={key}
              role="row"
              aria-rowindex={index + 2}
              className={selected.has(row.id) ? 'account-row selected' : 'account-row'}
              style={{ transform: `translateY(${start}px)`, blockSize: size }}
            >
              <span role="cell">
                <input
                  type="checkbox"
                  className="row-check"
                  aria-label={words.selectOne(row.address)}
                  checked={selected.has(row.id)}
                  onChange={(event) =>
                    toggle(index, event.nativeEvent instanceof MouseEvent && event.nativeEvent.shiftKey)
                  }
                />
              </span>
              <Cells row={row} />
            </div>
          );
        })}
      </div>
    </div>
  );
}

function Heading({
  order,
  search,
  onChange,
}: {
  readonly order: TeamOrder;
  readonly search: TeamSearch;
  readonly onChange: (search: TeamSearch) => void;
}) {
  const words = useTeamWords();
  const active = (search.sort ?? 'address') === order;
  const down = active && search.down === true;
  return (
    <span role="columnheader" aria-sort={active ? (down ? 'descending' : 'ascending') : 'none'}>
      <button
        type="button"
        className="sort"
        onClick={() =>
          onChange({
            sort: order === 'address' ? undefined : order,
            down: active && !down ? true : undefined,
          })
        }
      >
        {words.columns[order]}
        <span aria-hidden="true">{active ? (down ? ' ↓' : ' ↑') : ''}</span>
      </button>
    </span>
  );
}

function Cells({ row }: { readonly row: TeamAccount }) {
  const { format } = useLanguage();
  const words = useTeamWords();
  const {
    id,
    address,
    state,
    attentionCode,
    scheduledFor,
    messagesDone,
    messagesTotal,
    bytes,
    lastActivityAt,
  } = row;
  const why =
    attentionCode !== null
      ? words.trouble[troubleClassOf(attentionCode)]
      : scheduledFor !== null
        ? words.planned(format.moment(scheduledFor))
        : null;
  return (
    <>
      <span role="cell" className="address">
        <Link
          from="/teams/$team"
          to="/teams/$team"
          search={(now: TeamSearch) => ({ ...now, account: id })}
          // With it goes who is selected.
          state={true}
          resetScroll={false}
        >
          <SafeText>{address}</SafeText>
        </Link>
      </span>
      <span role="cell" className="state">
        <StateMark state={state} word={words.states[state]} />
        {why !== null && <span className="small soft">{why}</span>}
      </span>
      <span role="cell" className="number">
        {isCounted(row) ? (
          words.of(format.count(messagesDone), format.count(messagesTotal))
        ) : (
          <span className="small soft">{words.notCounted}</span>
        )}
      </span>
      <span role="cell" className="number">
        {isCounted(row) || bytes > 0 ? format.bytes(bytes) : '–'}
      </span>
      <span role="cell" className="soft activity">
        {lastActivityAt === null ? words.never : format.moment(lastActivityAt)}
      </span>
    </>
  );
}
