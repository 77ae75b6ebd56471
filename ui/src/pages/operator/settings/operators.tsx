/** Operators: list, add, new password, another second factor, remove. */
import { useMutation, useQuery, useQueryClient, useSuspenseQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ask } from '../../../api/ask.ts';
import type { MadeOperator, Operator } from '../../../api/operator-contract.ts';
import { operatorsQuestion } from '../../../api/settings-questions.ts';
import { sessionQuestion } from '../../../api/questions.ts';
import { AskFirst } from '../../../parts/ask-first.tsx';
import { CopyText } from '../../../parts/copy-text.tsx';
import { AddForm, TextField } from '../../../parts/add-form.tsx';
import { QrCode } from '../../../parts/qr-code.tsx';
import { SafeText } from '../../../parts/safe-text.tsx';
import { ErrorNotice, Skeleton } from '../../../parts/trouble.tsx';
import { useLanguage } from '../../../words/language.tsx';
import { useOperatorWords } from '../../../words/operator.ts';
import { inGroups, newPassword } from './new-password.ts';
import { ShownOnce } from './shown-once.tsx';

/** What is shown until somebody has it. */
interface Handed {
  readonly title: string;
  readonly password: string;
  readonly totp: MadeOperator['totp'];
}

type Step = { readonly login: string; readonly kind: 'password' | 'totp' | 'remove' };

export function Operators() {
  const { settings, security } = useOperatorWords();
  const { operators: words, once } = settings;
  const { data: session } = useSuspenseQuery(sessionQuestion);
  const { data, error, refetch } = useQuery(operatorsQuestion);
  const client = useQueryClient();
  const [handed, setHanded] = useState<Handed | null>(null);
  const change = useMutation({
    mutationFn: async ({ login, kind }: Step) => {
      const path = encodeURIComponent(login);
      if (kind === 'totp') await ask('DELETE', `/operators/${path}/totp`);
      if (kind === 'remove') await ask('DELETE', `/operators/${path}`);
      if (kind !== 'password') return;
      const password = newPassword();
      await ask('PUT', `/operators/${path}/password`, { password });
      setHanded({ title: words.newPasswordFor(login), password, totp: null });
    },
    onSettled: () => client.invalidateQueries({ queryKey: operatorsQuestion.queryKey }),
  });
  const done = change.isSuccess && change.variables.kind === 'totp' ? change.variables.login : null;
  return (
    <>
      {handed !== null && (
        <ShownOnce title={handed.title} onDone={() => setHanded(null)}>
          <CopyText label={words.password} text={handed.password} words={once} />
          {handed.totp !== null && (
            <>
              <QrCode text={handed.totp.uri} label={security.qr} />
              <CopyText
                label={words.secret}
                text={handed.totp.secret}
                shown={inGroups(handed.totp.secret)}
                words={once}
              />
            </>
          )}
        </ShownOnce>
      )}
      {error !== null && <ErrorNotice error={error} retry={() => void refetch()} />}
      {change.error !== null && <ErrorNotice error={change.error} />}
      {data === undefined && error === null && <Skeleton heights={[96, 96]} />}
      {data?.operators.length === 0 && <p className="empty">{words.none}</p>}
      <p role="status" className={done === null ? 'hidden-text' : 'soft'}>
        {done === null ? '' : words.totpReset(done)}
      </p>
      <ul className="stack tight">
        {data?.operators.map((one) => (
          <Item
            key={one.login}
            one={one}
            self={one.login === session?.person.login}
            busy={change.isPending}
            onStep={(kind) => change.mutate({ login: one.login, kind })}
          />
        ))}
      </ul>
      {data !== undefined && <Add onMade={setHanded} />}
    </>
  );
}

interface ItemProps {
  readonly one: Operator;
  readonly self: boolean;
  readonly busy: boolean;
  readonly onStep: (kind: Step['kind']) => void;
}

function Item({ one: { login, displayName, totp, createdAt }, self, busy, onStep }: ItemProps) {
  const { format } = useLanguage();
  const { operators: words, keep } = useOperatorWords().settings;
  const steps = [
    ['password', words.newPassword, words.newPasswordAsk(login)],
    ...(totp === 'none' ? [] : [['totp', words.resetTotp, words.resetTotpAsk(login)] as const]),
    ['remove', words.remove, words.removeAsk(login)],
  ] as const;
  return (
    <li className="card stack tight">
      <div className="row between">
        <span>
          <strong>
            <SafeText>{displayName ?? login}</SafeText>
            {self && ` (${words.self})`}
          </strong>{' '}
          {displayName !== null && <SafeText className="soft">{login}</SafeText>}
        </span>
        <span className="small soft">{words.since(format.date(createdAt))}</span>
      </div>
      <p className="small soft">{words.totp[totp]}</p>
      {self ? (
        <p className="small soft">{words.own}</p>
      ) : (
        <div className="row">
          {steps.map(([kind, label, question]) => (
            <AskFirst
              key={kind}
              label={label}
              about={login}
              question={question}
              keep={keep}
              busy={busy}
              onYes={() => onStep(kind)}
            />
          ))}
        </div>
      )}
    </li>
  );
}

const loginForm = /^[\w.!#$%&'*+/=?^`{|}~-]+(@[\w.-]+)?$/;

function Add({ onMade }: { readonly onMade: (handed: Handed) => void }) {
  const { operators: words } = useOperatorWords().settings;
  const client = useQueryClient();
  const [login, setLogin] = useState('');
  const [name, setName] = useState('');
  const [enrol, setEnrol] = useState(false);
  const [wrong, setWrong] = useState(false);
  const add = useMutation({
    mutationFn: async (password: string) => {
      const displayName = name.trim() === '' ? null : name.trim();
      const made = await ask<MadeOperator>('POST', '/operators', {
        login: login.trim(),
        password,
        displayName,
        enrol,
      });
      onMade({ title: words.made(made.login), password, totp: made.totp });
    },
    onSuccess: () => {
      setLogin('');
      setName('');
      setEnrol(false);
      return client.invalidateQueries({ queryKey: operatorsQuestion.queryKey });
    },
  });
  const submit = (): void => {
    const fits = loginForm.test(login.trim());
    setWrong(!fits);
    if (fits && !add.isPending) add.mutate(newPassword());
  };
  return (
    <AddForm
      title={words.add}
      submit={words.create}
      busy={add.isPending}
      error={add.error}
      exists={{ code: 'operator-exists', words: words.exists }}
      onSubmit={submit}
    >
      <div className="columns">
        <TextField
          label={words.login}
          value={login}
          maxLength={320}
          invalid={wrong}
          hint={wrong ? { text: words.loginInvalid, soft: false } : undefined}
          onChange={setLogin}
        />
        <TextField
          literal={false}
          label={words.displayName}
          value={name}
          maxLength={200}
          onChange={setName}
        />
      </div>
      <label className="check">
        <input type="checkbox" checked={enrol} onChange={(event) => setEnrol(event.target.checked)} />
        <span>
          {words.enrol}
          <br />
          <span className="small soft">{words.enrolHint}</span>
        </span>
      </label>
    </AddForm>
  );
}
