/** Prepares an edge: the name of its host, and on which side that is. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { ask } from '../../api/ask.ts';
import type { MadeEdge, Side } from '../../api/operator-contract.ts';
import { edgesQuestion } from '../../api/settings-questions.ts';
import { AddForm, isCode, TextField } from '../../parts/add-form.tsx';
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
  const exists = isCode(add.error, 'edge-exists');
  const submit = (): void => {
    const fits = /^[\w.-]{1,100}$/.test(name.trim());
    setWrong(!fits);
    if (fits && !add.isPending) add.mutate();
  };
  return (
    <AddForm
      card={false}
      title={words.add}
      submit={words.create}
      busy={add.isPending}
      error={add.error}
      exists={{ code: 'edge-exists', words: words.exists }}
      onSubmit={submit}
    >
      <TextField
        short
        label={words.name}
        value={name}
        maxLength={100}
        invalid={wrong || exists}
        hint={{ text: words.nameHint, soft: !wrong }}
        onChange={setName}
      />
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
    </AddForm>
  );
}
