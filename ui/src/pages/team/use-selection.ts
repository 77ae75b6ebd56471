/** The selection of a team's page: read from its address, written back to it without a new entry in the history. */
import { useLocation, useNavigate } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';
import type { TeamAccount } from '../../api/contract.ts';
import type { TeamSearch } from './search.ts';
import { keepSelection, readSelection } from './selection.ts';

declare module '@tanstack/react-router' {
  interface HistoryState {
    /** Ids, where they are too many for the address. */
    readonly selected?: readonly string[] | undefined;
  }
}

export interface Selecting {
  readonly selected: ReadonlySet<string>;
  readonly select: (selected: ReadonlySet<string>) => void;
  /** Changes search, filter, order or the open account; who was selected stays selected. */
  readonly change: (next: TeamSearch, replace?: boolean) => void;
}

export function useSelection(
  search: TeamSearch,
  accounts: readonly TeamAccount[],
  shown: readonly TeamAccount[],
): Selecting {
  const navigate = useNavigate({ from: '/teams/$team' });
  const kept = useLocation({ select: ({ state }) => state.selected });
  const { sel } = search;
  const selected = useMemo(() => readSelection(sel, kept, accounts, shown), [sel, kept, accounts, shown]);
  const select = useCallback(
    (next: ReadonlySet<string>) => {
      const { sel: word, ids } = keepSelection(next, shown);
      void navigate({
        search: (now: TeamSearch) => ({ ...now, sel: word }),
        state: (now) => ({ ...now, selected: ids ?? undefined }),
        replace: true,
        resetScroll: false,
      });
    },
    [navigate, shown],
  );
  const change = useCallback(
    (next: TeamSearch, replace = false) => {
      // "All" is all of this filter; under another one they are those that they are.
      const filters = 'q' in next || 'state' in next;
      const now = filters && sel === 'all' ? keepSelection(selected, []) : { sel, ids: kept ?? null };
      void navigate({
        search: (before: TeamSearch) => ({ ...before, ...next, sel: now.sel }),
        state: (before) => ({ ...before, selected: now.ids ?? undefined }),
        replace,
        resetScroll: false,
      });
    },
    [navigate, sel, kept, selected],
  );
  return { selected, select, change };
}
