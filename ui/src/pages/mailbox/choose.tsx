/** The two ways, the time, and the one button. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import { ask } from '../../api/ask.ts';
import type { Crossing, PlanKind } from '../../api/contract.ts';
import { crossingQuestion } from '../../api/questions.ts';
import { ErrorNotice } from '../../parts/trouble.tsx';
import { useLanguage } from '../../words/language.tsx';
import { localInput, tonight, type When, WhenChoice, whenToSend } from './when-choice.tsx';
import { PasswordField } from './password-field.tsx';

export interface ChooseProps {
  readonly crossing: Crossing;
  /** Only its owner knows the password and can leave it. */
  readonly owner: boolean;
}

export function Choose({ crossing, owner }: ChooseProps) {
  const { words } = useLanguage();
  const { choose } = words.mailbox;
  const { id } = crossing.account;
  const client = useQueryClient();
  const [kind, setKind] = useState<PlanKind>('move');
  const [when, setWhen] = useState<When>('now');
  const [picked, setPicked] = useState(() => localInput(tonight(new Date())));
  const [keepPassword, setKeepPassword] = useState(false);
  const [password, setPassword] = useState('');
  const [missing, setMissing] = useState(false);
  const [past, setPast] = useState(false);
  const name = useId();
  const start = useMutation({
    mutationFn: (at: string | null) =>
      ask<Crossing>('POST', `/accounts/${encodeURIComponent(id)}/plan`, {
        kind,
        at,
        keepPassword,
        ...(keepPassword ? { password } : {}),
      }),
    onSuccess: (answer) => client.setQueryData(crossingQuestion(id).queryKey, answer),
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (start.isPending) return;
    const at = whenToSend(when, picked, new Date());
    setPast(at === 'past');
    const lacking = keepPassword && password === '';
    setMissing(lacking);
    if (at !== 'past' && !lacking) start.mutate(at.at);
  };
  const ways = [
    { value: 'move', title: choose.move, text: choose.moveText },
    { value: 'copy', title: choose.copy, text: choose.copyText },
  ] as const;
  const now = when === 'now';
  return (
    <form className="stack" onSubmit={submit} noValidate>
      <fieldset>
        <legend>{choose.title}</legend>
        <div className="ways">
          {ways.map(({ value, title, text }) => (
            <label key={value} className="way">
              <input
                type="radio"
                name={`${name}-kind`}
                checked={kind === value}
                onChange={() => setKind(value)}
                aria-describedby={`${name}-${value}`}
              />
              <strong>{title}</strong>
              <p id={`${name}-${value}`} className="small soft">
                {text}
              </p>
            </label>
          ))}
        </div>
      </fieldset>
      {kind === 'move' && !crossing.capabilities.switch && (
        <p className="small soft measure">{choose.moveLater}</p>
      )}
      <WhenChoice when={when} picked={picked} past={past} onWhen={setWhen} onPicked={setPicked} />
      {owner && (
        <label className="check">
          <input
            type="checkbox"
            checked={keepPassword}
            onChange={(event) => setKeepPassword(event.target.checked)}
          />
          <span>
            {choose.keepPassword}
            <span className="small soft"> {choose.keepPasswordText}</span>
          </span>
        </label>
      )}
      {keepPassword && (
        <PasswordField name={name} value={password} missing={missing} onChange={setPassword} />
      )}
      {start.error !== null && <ErrorNotice error={start.error} />}
      <div className="row">
        <button type="submit" className="button primary" aria-disabled={start.isPending}>
          {kind === 'move'
            ? now
              ? choose.startMove
              : choose.planMove
            : now
              ? choose.startCopy
              : choose.planCopy}
        </button>
        <span className="small soft">{choose.safe}</span>
      </div>
    </form>
  );
}
