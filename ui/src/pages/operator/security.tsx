/** The operator's second factor: enrol, confirm by a code. Until then no other page of the operator answers. */
import { useMutation, useQuery, useQueryClient, useSuspenseQuery } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import { ApiError, ask } from '../../api/ask.ts';
import type { TotpSecret } from '../../api/operator-contract.ts';
import { totpQuestion } from '../../api/operator-questions.ts';
import { sessionQuestion } from '../../api/questions.ts';
import { CopyText } from '../../parts/copy-text.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Page } from '../../parts/page.tsx';
import { QrCode } from '../../parts/qr-code.tsx';
import { ErrorNotice, Skeleton } from '../../parts/trouble.tsx';
import { useOperatorWords } from '../../words/operator.ts';
import { OperatorTabs } from './operator-tabs.tsx';
import { inGroups } from './settings/new-password.ts';

export function Security() {
  const { security: words, settings } = useOperatorWords();
  const { data: session } = useSuspenseQuery(sessionQuestion);
  const { data, error, refetch } = useQuery(totpQuestion);
  const begin = useMutation({ mutationFn: () => ask<TotpSecret>('POST', '/operator/totp') });
  const must = session?.needsTotp === true;
  return (
    <Page wide title={words.title} lead={words.lead} aside={must ? undefined : <OperatorTabs />}>
      {error !== null && <ErrorNotice error={error} retry={() => void refetch()} />}
      {data === undefined && error === null && <Skeleton heights={[160]} />}
      {data !== undefined && (
        <section className="card stack settings">
          {must && (
            <Notice>
              <p>{words.must}</p>
            </Notice>
          )}
          {begin.error !== null && <ErrorNotice error={begin.error} />}
          {data.enrolled ? (
            <>
              <p>{words.enrolled}</p>
              {/* A session alone must not do it: whoever found one would put in their own. */}
              <p className="measure soft">{settings.operators.own}</p>
            </>
          ) : begin.data === undefined ? (
            <div>
              <button
                type="button"
                className="button primary"
                disabled={begin.isPending}
                onClick={() => begin.mutate()}
              >
                {words.begin}
              </button>
            </div>
          ) : (
            <Confirm begun={begin.data} />
          )}
        </section>
      )}
    </Page>
  );
}

function Confirm({ begun }: { readonly begun: TotpSecret }) {
  const { security: words, settings } = useOperatorWords();
  const client = useQueryClient();
  const id = useId();
  const [code, setCode] = useState('');
  const confirm = useMutation({
    mutationFn: () => ask('PUT', '/operator/totp', { code: code.replaceAll(/\s/g, '') }),
    onSuccess: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: sessionQuestion.queryKey }),
        client.invalidateQueries({ queryKey: totpQuestion.queryKey }),
      ]),
  });
  const refused = confirm.error instanceof ApiError && confirm.error.code === 'code-refused';
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (code !== '' && !confirm.isPending) confirm.mutate();
  };
  return (
    <form className="stack" onSubmit={submit} noValidate>
      <p className="measure">{words.scan}</p>
      <div className="enrol">
        <QrCode text={begun.uri} label={words.qr} />
        <div className="stack">
          <CopyText
            label={words.key}
            text={begun.secret}
            shown={inGroups(begun.secret)}
            words={settings.once}
          />
          <p>
            <a href={begun.uri}>{words.link}</a>
          </p>
        </div>
      </div>
      <div className="field">
        <label htmlFor={id}>{words.code}</label>
        <input
          id={id}
          className="input"
          inputMode="numeric"
          autoComplete="one-time-code"
          maxLength={12}
          value={code}
          aria-invalid={refused}
          onChange={(event) => setCode(event.target.value)}
        />
      </div>
      {refused ? (
        <Notice kind="trouble" alert>
          <p>{words.refused}</p>
        </Notice>
      ) : (
        confirm.error !== null && <ErrorNotice error={confirm.error} />
      )}
      <div>
        <button type="submit" className="button primary" aria-disabled={confirm.isPending}>
          {words.confirm}
        </button>
      </div>
    </form>
  );
}
