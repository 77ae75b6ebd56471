/** Prepares an edge: the name of its host, and on which side that is. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import { ApiError, ask } from '../../api/ask.ts';
import type { MadeEdge, Side } from '../../api/operator-contract.ts';
import { edgesQuestion } from '../../api/settings-questions.ts';
import { Notice } from '../../parts/notice.tsx';
import { ErrorNotice } from '../../parts/trouble.tsx';
import { useOperatorWords } from '../../words/operator.ts';
import type { NamedEdge } from './edges.tsx';

export function NewEdge({ onMade }: { readonly onMade: (made: NamedEdge) => void }) {
  const { edges: words, servers } = useOperatorWords();
  const client = useQueryClient();
  const id = useId();
  const [name, setName] = useState('');
  const [side, setSide] = useState<Side>('old');
  const [wrong, setWrong] = useState(false);
  const add = useMutation({
    mutationFn: () => ask<MadeEdge>('POST', '/edges', { side, name: name.trim() }),
    onSuccess: (made) => {
      onMade({ ...made, name: name.trim() });
      setName('');
      return client.invalidateQueries({ queryKey: edgesQuestion.queryKey });
    },
  });
  const exists = add.error instanceof ApiError && add.error.code === 'edge-exists';
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const fits = /^[\w.-]{1,100}$/.test(name.trim());
    setWrong(!fits);
    if (fits && !add.isPending) add.mutate();
  };
  return (
    <form className="stack" onSubmit={submit} noValidate>
      <h3>{words.add}</h3>
      <div className="field">
        <label htmlFor={`${id}-name`}>{words.name}</label>
        <input
          id={`${id}-name`}
          className="input short"
          maxLength={100}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          value={name}
          aria-invalid={wrong || exists}
          aria-describedby={`${id}-hint`}
          onChange={(event) => setName(event.target.value)}
        />
        <span id={`${id}-hint`} className={wrong ? 'small' : 'small soft'}>
          {words.nameHint}
        </span>
      </div>
      <div className="field">
        <label htmlFor={`${id}-side`}>{words.side}</label>
        <select
          id={`${id}-side`}
          className="input"
          value={side}
          onChange={(event) => setSide(event.target.value === 'new' ? 'new' : 'old')}
        >
          <option value="old">{servers.side.old}</option>
          <option value="new">{servers.side.new}</option>
        </select>
      </div>
      {exists ? (
        <Notice kind="trouble" alert>
          <p>{words.exists}</p>
        </Notice>
      ) : (
        add.error !== null && <ErrorNotice error={add.error} />
      )}
      <div>
        <button type="submit" className="button" aria-disabled={add.isPending}>
          {words.create}
        </button>
      </div>
    </form>
  );
}
