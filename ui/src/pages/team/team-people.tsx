/** Who may look after a team. */
import { useMutation, useQuery, useQueryClient, useSuspenseQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { type FormEvent, useId, useState } from 'react';
import { ask } from '../../api/ask.ts';
import type { Right } from '../../api/contract.ts';
import { sessionQuestion } from '../../api/questions.ts';
import { teamPeopleQuestion } from '../../api/team-questions.ts';
import { Page } from '../../parts/page.tsx';
import { SafeText } from '../../parts/safe-text.tsx';
import { ErrorNotice, Skeleton } from '../../parts/trouble.tsx';
import { useTeamWords } from '../../words/team.ts';
import { TeamTabs } from './team-tabs.tsx';

const allRights = ['view', 'move', 'plan', 'people'] as const satisfies readonly Right[];

export function TeamPeople() {
  const words = useTeamWords();
  const { people } = words;
  const { team } = useParams({ from: '/inside/teams/$team/people' });
  const { data: session } = useSuspenseQuery(sessionQuestion);
  const question = teamPeopleQuestion(team);
  const { data, error, refetch } = useQuery(question);
  const client = useQueryClient();
  const path = (login: string): string =>
    `/teams/${encodeURIComponent(team)}/people/${encodeURIComponent(login)}`;
  const refresh = (): Promise<void> => client.invalidateQueries({ queryKey: question.queryKey });
  const save = useMutation({
    mutationFn: ({ login, rights }: { login: string; rights: readonly Right[] }) =>
      ask('PUT', path(login), { rights }),
    onSuccess: refresh,
  });
  const remove = useMutation({
    mutationFn: (login: string) => ask('DELETE', path(login)),
    onSuccess: refresh,
  });
  const busy = save.isPending || remove.isPending;
  return (
    <Page title={people.title} lead={people.lead} aside={<TeamTabs team={team} />}>
      {error !== null && <ErrorNotice error={error} retry={() => void refetch()} />}
      {save.error !== null && <ErrorNotice error={save.error} />}
      {remove.error !== null && <ErrorNotice error={remove.error} />}
      {data === undefined && error === null && <Skeleton heights={[96, 96]} />}
      {data?.people.length === 0 && <p className="empty">{people.none}</p>}
      <ul className="stack">
        {data?.people.map(({ login, rights }) => {
          // Nobody locks the door behind themselves.
          const self = login === session?.person.login;
          return (
            <li key={login} className="card stack tight">
              <div className="row between">
                <strong>
                  <SafeText>{login}</SafeText>
                  {self && ` (${people.self})`}
                </strong>
                {!self && (
                  <button
                    type="button"
                    className="button slim"
                    disabled={busy}
                    onClick={() => remove.mutate(login)}
                  >
                    {people.remove}
                    <span className="hidden-text"> {login}</span>
                  </button>
                )}
              </div>
              <Rights
                rights={rights}
                disabled={self || busy}
                name={login}
                onChange={(next) => save.mutate({ login, rights: next })}
              />
            </li>
          );
        })}
      </ul>
      {data !== undefined && (
        <Add busy={busy} onAdd={(login) => save.mutate({ login, rights: ['view', 'move'] })} />
      )}
      <p role="status" className="soft">
        {save.isSuccess ? people.saved : ''}
      </p>
    </Page>
  );
}

interface RightsProps {
  readonly rights: readonly Right[];
  readonly disabled: boolean;
  readonly name: string;
  readonly onChange: (rights: readonly Right[]) => void;
}

function Rights({ rights, disabled, name, onChange }: RightsProps) {
  const { people } = useTeamWords();
  return (
    <fieldset className="when" disabled={disabled}>
      <legend className="hidden-text">
        {name}: {people.rights}
      </legend>
      {allRights.map((right) => (
        <label key={right}>
          <input
            type="checkbox"
            className="row-check"
            checked={rights.includes(right)}
            // Whoever may do anything sees what it is done to.
            disabled={right === 'view'}
            onChange={(event) =>
              onChange(event.target.checked ? [...rights, right] : rights.filter((one) => one !== right))
            }
          />
          <span>{people.right[right]}</span>
        </label>
      ))}
    </fieldset>
  );
}

function Add({ busy, onAdd }: { readonly busy: boolean; readonly onAdd: (login: string) => void }) {
  const { people } = useTeamWords();
  const [login, setLogin] = useState('');
  const id = useId();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!/^[^\s@]+@[^\s@]+$/.test(login.trim())) return;
    onAdd(login.trim());
    setLogin('');
  };
  return (
    <form className="card stack tight" onSubmit={submit}>
      <label className="label" htmlFor={id}>
        {people.login}
      </label>
      <div className="row">
        <div className="search-field">
          <input
            id={id}
            className="input"
            type="email"
            required
            maxLength={320}
            autoComplete="off"
            value={login}
            onChange={(event) => setLogin(event.target.value)}
          />
        </div>
        <button type="submit" className="button" disabled={busy}>
          {people.add}
        </button>
      </div>
    </form>
  );
}
