/** The account on the new server has no password: its owner may give theirs, with what happens to it said beside it. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import { ask } from '../../api/ask.ts';
import type { Crossing } from '../../api/contract.ts';
import { crossingQuestion } from '../../api/questions.ts';
import { Notice } from '../../parts/notice.tsx';
import { ErrorNotice } from '../../parts/trouble.tsx';
import { useWords } from '../../words/language.tsx';
import { actionOf } from './status.ts';
import { PasswordField } from './password-field.tsx';

export function KeepPassword({ crossing }: { readonly crossing: Crossing }) {
  const { givePassword: words } = useWords().mailbox;
  const { id } = crossing.account;
  const client = useQueryClient();
  const [password, setPassword] = useState('');
  const [missing, setMissing] = useState(false);
  const name = useId();
  const give = useMutation({
    mutationFn: () => ask<Crossing>('POST', `/accounts/${encodeURIComponent(id)}/password`, { password }),
    onSuccess: (answer) => {
      setPassword('');
      client.setQueryData(crossingQuestion(id).queryKey, answer);
    },
  });
  if (give.isSuccess) {
    return (
      <Notice alert>
        <p>{words.done}</p>
      </Notice>
    );
  }
  // Who still chooses is asked there.
  if (!crossing.capabilities.keepPassword || actionOf(crossing) === 'choose') return null;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setMissing(password === '');
    if (password !== '' && !give.isPending) give.mutate();
  };
  return (
    <form className="card stack" onSubmit={submit} noValidate aria-labelledby={`${name}-title`}>
      <h2 id={`${name}-title`}>{words.title}</h2>
      <p className="measure">{words.text}</p>
      <PasswordField name={name} value={password} missing={missing} onChange={setPassword} />
      {give.error !== null && <ErrorNotice error={give.error} />}
      <div className="row">
        <button type="submit" className="button" aria-disabled={give.isPending}>
          {words.give}
        </button>
        <span className="small soft">{words.optional}</span>
      </div>
    </form>
  );
}
