/** Webhooks: list, add, switch off and on, test, another secret, what came of the last calls, remove. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useSearch } from '@tanstack/react-router';
import { useId, useState } from 'react';
import { ask } from '../../../api/ask.ts';
import type { Webhook } from '../../../api/operator-contract.ts';
import { callsQuestion, webhooksQuestion } from '../../../api/settings-questions.ts';
import { AddForm } from '../../../parts/add-form.tsx';
import { AskFirst } from '../../../parts/ask-first.tsx';
import { CopyText } from '../../../parts/copy-text.tsx';
import { StateIcon } from '../../../parts/icons.tsx';
import { SafeText } from '../../../parts/safe-text.tsx';
import { ErrorNotice, Skeleton } from '../../../parts/trouble.tsx';
import { useLanguage } from '../../../words/language.tsx';
import { useOperatorWords } from '../../../words/operator.ts';
import { ShownOnce } from './shown-once.tsx';
import { WebhookCalls } from './webhook-calls.tsx';

interface Handed {
  readonly url: string;
  readonly secret: string;
}

type Step = { readonly hook: Webhook; readonly kind: 'switch' | 'test' | 'secret' | 'remove' };

export function Webhooks() {
  const { webhooks: words, once } = useOperatorWords().settings;
  const { hook: open } = useSearch({ from: '/inside/harbour/settings' });
  const { data, error, refetch } = useQuery(webhooksQuestion);
  const client = useQueryClient();
  const [handed, setHanded] = useState<Handed | null>(null);
  const change = useMutation({
    mutationFn: async ({ hook: { id, url, on }, kind }: Step) => {
      const path = encodeURIComponent(id);
      if (kind === 'switch') await ask('PATCH', `/webhooks/${path}`, { on: !on });
      if (kind === 'test') await ask('POST', `/webhooks/${path}/test`);
      if (kind === 'remove') await ask('DELETE', `/webhooks/${path}`);
      if (kind !== 'secret') return;
      const { secret } = await ask<{ secret: string }>('POST', `/webhooks/${path}/secret`);
      setHanded({ url, secret });
    },
    onSettled: (_answer, _error, { hook }) =>
      Promise.all([
        client.invalidateQueries({ queryKey: webhooksQuestion.queryKey }),
        client.invalidateQueries({ queryKey: callsQuestion(hook.id).queryKey }),
      ]),
  });
  const tested = change.isSuccess && change.variables.kind === 'test';
  return (
    <>
      {handed !== null && (
        <ShownOnce title={handed.url} onDone={() => setHanded(null)}>
          <CopyText label={words.made} text={handed.secret} words={once} />
        </ShownOnce>
      )}
      {error !== null && <ErrorNotice error={error} retry={() => void refetch()} />}
      {change.error !== null && <ErrorNotice error={change.error} />}
      {data === undefined && error === null && <Skeleton heights={[120, 120]} />}
      {data?.webhooks.length === 0 && <p className="empty">{words.none}</p>}
      <p role="status" className={tested ? 'soft' : 'hidden-text'}>
        {tested ? words.tested : ''}
      </p>
      <ul className="stack tight">
        {data?.webhooks.map((hook) => (
          <Item
            key={hook.id}
            hook={hook}
            open={hook.id === open}
            busy={change.isPending}
            onStep={(kind) => change.mutate({ hook, kind })}
          />
        ))}
      </ul>
      {data !== undefined && <Add onMade={setHanded} />}
    </>
  );
}

interface ItemProps {
  readonly hook: Webhook;
  readonly open: boolean;
  readonly busy: boolean;
  readonly onStep: (kind: Step['kind']) => void;
}

function Item({ hook, open, busy, onStep }: ItemProps) {
  const { format } = useLanguage();
  const { webhooks: words, keep } = useOperatorWords().settings;
  const { id, url, on, createdBy, createdAt } = hook;
  const asked = { about: url, keep, busy };
  return (
    <li className="card stack tight">
      <div className="row between">
        <strong>
          <SafeText>{url}</SafeText>
        </strong>
        <span className={on ? 'mark across' : 'mark paused'}>
          <StateIcon state={on ? 'across' : 'paused'} />
          {on ? words.on : words.off}
        </span>
      </div>
      <p className="small soft">{words.by(createdBy, format.date(createdAt))}</p>
      {!on && <p className="small">{words.offHint}</p>}
      <div className="row">
        <button type="button" className="button slim" disabled={busy || !on} onClick={() => onStep('test')}>
          {words.test}
          <span className="hidden-text"> {url}</span>
        </button>
        <button type="button" className="button slim" disabled={busy} onClick={() => onStep('switch')}>
          {on ? words.switchOff : words.switchOn}
          <span className="hidden-text"> {url}</span>
        </button>
        <AskFirst {...asked} label={words.rotate} question={words.rotateAsk} onYes={() => onStep('secret')} />
        <AskFirst {...asked} label={words.remove} question={words.removeAsk} onYes={() => onStep('remove')} />
        <Link
          to="/harbour/settings"
          search={{ part: 'webhooks', hook: open ? undefined : id }}
          resetScroll={false}
          className="button slim quiet"
        >
          {open ? words.hide : words.calls}
          <span className="hidden-text"> {url}</span>
        </Link>
      </div>
      {open && <WebhookCalls id={id} />}
    </li>
  );
}

function Add({ onMade }: { readonly onMade: (handed: Handed) => void }) {
  const { webhooks: words } = useOperatorWords().settings;
  const client = useQueryClient();
  const id = useId();
  const [url, setUrl] = useState('');
  const [wrong, setWrong] = useState(false);
  const add = useMutation({
    mutationFn: () => ask<{ id: string; secret: string }>('POST', '/webhooks', { url: url.trim() }),
    onSuccess: ({ secret }) => {
      onMade({ url: url.trim(), secret });
      setUrl('');
      return client.invalidateQueries({ queryKey: webhooksQuestion.queryKey });
    },
  });
  const submit = (): void => {
    const fits = isAddress(url.trim());
    setWrong(!fits);
    if (fits && !add.isPending) add.mutate();
  };
  return (
    <AddForm title={words.add} submit={words.create} busy={add.isPending} error={add.error} onSubmit={submit}>
      <div className="field">
        <label htmlFor={id}>{words.url}</label>
        <input
          id={id}
          className="input"
          type="url"
          inputMode="url"
          maxLength={2_000}
          autoComplete="off"
          spellCheck={false}
          placeholder="https://"
          value={url}
          aria-invalid={wrong}
          aria-describedby={`${id}-hint`}
          onChange={(event) => setUrl(event.target.value)}
        />
        <span id={`${id}-hint`} className={wrong ? 'small' : 'small soft'}>
          {words.urlInvalid}
        </span>
      </div>
    </AddForm>
  );
}

function isAddress(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : null;
  return url !== null && /^https?:$/.test(url.protocol) && url.username + url.password === '';
}
