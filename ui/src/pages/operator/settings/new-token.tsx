/** A new token: a name, what it may, and when it runs out. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { ask } from '../../../api/ask.ts';
import { tokensQuestion } from '../../../api/settings-questions.ts';
import { AddForm, TextField } from '../../../parts/add-form.tsx';
import { useOperatorWords } from '../../../words/operator.ts';
import type { MadeToken } from './tokens.tsx';

/** As the API knows them; the words say what each is good for. */
const scopes = [
  'accounts:read',
  'accounts:write',
  'sync:write',
  'audit:read',
  'tokens:write',
  'admin',
] as const;
type Scope = (typeof scopes)[number];
/** Days; what is given without an end is forgotten, and still opens. */
const lives = [30, 90, 365] as const;
const dayMs = 86_400_000;

export function NewToken({ onMade }: { readonly onMade: (made: MadeToken) => void }) {
  const { tokens: words } = useOperatorWords().settings;
  const client = useQueryClient();
  const id = useId();
  const [name, setName] = useState('');
  const [may, setMay] = useState<readonly Scope[]>(['accounts:read']);
  const [days, setDays] = useState<number | null>(90);
  const [incomplete, setIncomplete] = useState(false);
  const make = useMutation({
    mutationFn: () =>
      ask<{ id: string; token: string }>('POST', '/tokens', {
        name: name.trim(),
        scopes: may,
        expiresAt: days === null ? null : new Date(Date.now() + days * dayMs).toISOString(),
      }),
    onSuccess: ({ token }) => {
      onMade({ name: name.trim(), token });
      setName('');
      return client.invalidateQueries({ queryKey: tokensQuestion.queryKey });
    },
  });
  const named = /^[\w.@ -]{1,100}$/.test(name.trim());
  const submit = (): void => {
    const fits = named && may.length > 0;
    setIncomplete(!fits);
    if (fits && !make.isPending) make.mutate();
  };
  return (
    <AddForm
      title={words.add}
      submit={words.create}
      busy={make.isPending}
      error={make.error}
      onSubmit={submit}
    >
      <TextField
        short
        label={words.name}
        value={name}
        maxLength={100}
        invalid={incomplete && !named}
        hint={{ text: words.nameHint, soft: true }}
        onChange={setName}
      />
      <fieldset aria-describedby={incomplete && may.length === 0 ? `${id}-none` : undefined}>
        <legend>{words.scopes}</legend>
        <div className="stack tight">
          {scopes.map((scope) => (
            <label key={scope} className="check">
              <input
                type="checkbox"
                // Who may everything may each.
                checked={may.includes(scope) || may.includes('admin')}
                disabled={scope !== 'admin' && may.includes('admin')}
                onChange={(event) =>
                  setMay(event.target.checked ? [...may, scope] : may.filter((one) => one !== scope))
                }
              />
              <span>
                {words.scope[scope]} <code className="small soft">{scope}</code>
              </span>
            </label>
          ))}
        </div>
        {incomplete && may.length === 0 && (
          <p id={`${id}-none`} className="small">
            {words.chooseOne}
          </p>
        )}
      </fieldset>
      <div className="field">
        <label htmlFor={`${id}-life`}>{words.expires}</label>
        <select
          id={`${id}-life`}
          className="input"
          value={days ?? ''}
          onChange={(event) => setDays(event.target.value === '' ? null : Number(event.target.value))}
        >
          {lives.map((life) => (
            <option key={life} value={life}>
              {words.after(life)}
            </option>
          ))}
          <option value="">{words.never}</option>
        </select>
      </div>
    </AddForm>
  );
}
