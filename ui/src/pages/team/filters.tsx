/** Traffic lights that filter, search, and the list as a file. */
import { useId } from 'react';
import type { TeamAccount } from '../../api/contract.ts';
import { StateIcon } from '../../parts/icons.tsx';
import { useLanguage } from '../../words/language.tsx';
import { useTeamWords } from '../../words/team.ts';
import { type TeamSearch, teamStates } from './search.ts';

export interface FiltersProps {
  readonly accounts: readonly TeamAccount[];
  readonly shown: number;
  readonly search: TeamSearch;
  readonly team: string;
  readonly onChange: (search: TeamSearch, replace?: boolean) => void;
}

export function Filters({ accounts, shown, search, team, onChange }: FiltersProps) {
  const { format } = useLanguage();
  const words = useTeamWords();
  const id = useId();
  const count = (state: string): number => accounts.filter((account) => account.state === state).length;
  return (
    <div className="stack no-print">
      <div className="row" role="group" aria-label={words.statesLabel}>
        <button
          type="button"
          className="chip"
          aria-pressed={search.state === undefined}
          onClick={() => onChange({ state: undefined })}
        >
          {words.all} <strong>{format.count(accounts.length)}</strong>
        </button>
        {teamStates.map((state) => (
          <button
            key={state}
            type="button"
            className="chip"
            aria-pressed={search.state === state}
            onClick={() => onChange({ state: search.state === state ? undefined : state })}
          >
            <span className={`mark ${state}`}>
              <StateIcon state={state} />
            </span>
            {words.states[state]} <strong>{format.count(count(state))}</strong>
          </button>
        ))}
      </div>
      <div className="row between">
        <div className="search-field">
          <label className="hidden-text" htmlFor={id}>
            {words.search}
          </label>
          <input
            id={id}
            type="search"
            className="input"
            placeholder={words.search}
            value={search.q ?? ''}
            onChange={(event) =>
              onChange({ q: event.target.value === '' ? undefined : event.target.value }, true)
            }
          />
        </div>
        <span className="soft" role="status">
          {words.found(shown, accounts.length)}
        </span>
        <a className="button slim" href={`/api/v1/teams/${encodeURIComponent(team)}/accounts.csv`} download>
          {words.csv}
        </a>
      </div>
    </div>
  );
}
