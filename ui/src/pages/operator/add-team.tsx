/** Makes a team before it has accounts, so that its people can have their rights. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import { ApiError, ask } from '../../api/ask.ts';
import type { TeamEntry } from '../../api/contract.ts';
import { Notice } from '../../parts/notice.tsx';
import { errorText } from '../../parts/trouble.tsx';
import { useWords } from '../../words/language.tsx';
import { useOperatorWords } from '../../words/operator.ts';

export function AddTeam() {
  const words = useWords();
  const { teams } = useOperatorWords();
  const [name, setName] = useState('');
  const id = useId();
  const client = useQueryClient();
  const add = useMutation({
    mutationFn: (wanted: string) => ask<TeamEntry>('POST', '/teams', { name: wanted }),
    onSuccess: () => {
      setName('');
      return client.invalidateQueries({ queryKey: ['teams'] });
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (name.trim() !== '' && !add.isPending) add.mutate(name.trim());
  };
  const exists = add.error instanceof ApiError && add.error.code === 'team-exists';
  return (
    <form className="card stack tight" onSubmit={submit}>
      <label className="label" htmlFor={id}>
        {teams.addLabel}
      </label>
      <div className="row">
        <div className="search-field">
          <input
            id={id}
            className="input"
            required
            maxLength={200}
            autoComplete="off"
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        </div>
        <button type="submit" className="button" disabled={add.isPending}>
          {teams.add}
        </button>
      </div>
      {add.error !== null && (
        <Notice kind="trouble" alert>
          <p>{exists ? teams.exists : errorText(words, add.error)}</p>
        </Notice>
      )}
      <span role="status" className="soft">
        {add.data === undefined ? '' : teams.added(add.data.name)}
      </span>
    </form>
  );
}
