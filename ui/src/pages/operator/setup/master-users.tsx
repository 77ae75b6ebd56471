/** Who logs in on behalf of all accounts of a side. The password goes one way only. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import { ask } from '../../../api/ask.ts';
import type { MasterUser } from '../../../api/operator-contract.ts';
import { masterUsersQuestion } from '../../../api/settings-questions.ts';
import { AskFirst } from '../../../parts/ask-first.tsx';
import { SafeText } from '../../../parts/safe-text.tsx';
import { ErrorNotice, Skeleton } from '../../../parts/trouble.tsx';
import { useOperatorWords } from '../../../words/operator.ts';

export function MasterUsers() {
  const { data, error, refetch } = useQuery(masterUsersQuestion);
  return (
    <>
      {error !== null && <ErrorNotice error={error} retry={() => void refetch()} />}
      {data === undefined && error === null && <Skeleton heights={[240]} />}
      {data !== undefined && (
        <div className="columns">
          {data.masterUsers.map((one) => (
            <Side key={one.side} one={one} />
          ))}
        </div>
      )}
    </>
  );
}

function Side({ one: { side, login, from } }: { readonly one: MasterUser }) {
  const { setup, servers } = useOperatorWords();
  const words = setup.login;
  const client = useQueryClient();
  const id = useId();
  const [user, setUser] = useState('');
  const [password, setPassword] = useState('');
  const settled = () => client.invalidateQueries({ queryKey: masterUsersQuestion.queryKey });
  const save = useMutation({
    mutationFn: () => ask('PUT', `/servers/${side}/master-user`, { login: user.trim(), password }),
    onSuccess: () => {
      setUser('');
      setPassword('');
      return settled();
    },
  });
  const forget = useMutation({
    mutationFn: () => ask('DELETE', `/servers/${side}/master-user`),
    onSettled: settled,
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (user.trim() !== '' && password !== '' && !save.isPending) save.mutate();
  };
  return (
    <form className="card stack" onSubmit={submit}>
      <h3>{servers.side[side]}</h3>
      <p>
        <SafeText>
          {login === null
            ? words.none
            : from === 'configuration'
              ? words.configured(login)
              : words.stored(login)}
        </SafeText>
      </p>
      {from === 'database' && (
        <div>
          <AskFirst
            label={words.forget}
            about={login ?? ''}
            question={words.forgetAsk}
            keep={words.keep}
            busy={forget.isPending}
            onYes={() => forget.mutate()}
          />
        </div>
      )}
      {from !== 'configuration' && (
        <>
          <div className="field">
            <label htmlFor={`${id}-user`}>{words.user}</label>
            <input
              id={`${id}-user`}
              className="input"
              required
              maxLength={320}
              autoComplete="off"
              autoCapitalize="none"
              spellCheck={false}
              value={user}
              onChange={(event) => setUser(event.target.value)}
            />
          </div>
          <div className="field">
            <label htmlFor={`${id}-password`}>{words.password}</label>
            <input
              id={`${id}-password`}
              className="input"
              type="password"
              required
              maxLength={1_000}
              autoComplete="new-password"
              value={password}
              onChange={(event) => setPassword(event.target.value)}
            />
          </div>
          <div className="row">
            <button type="submit" className="button" aria-disabled={save.isPending}>
              {words.save}
            </button>
            <span role="status" className="soft">
              {save.isSuccess ? words.saved : ''}
            </span>
          </div>
        </>
      )}
      {save.error !== null && <ErrorNotice error={save.error} />}
      {forget.error !== null && <ErrorNotice error={forget.error} />}
    </form>
  );
}
