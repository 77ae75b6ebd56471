/** Moves many: how, when, how quickly. Before it does anything it says what would happen to how many. */
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import { Dialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { ask } from '../../api/ask.ts';
import type { BulkResult, PlanKind } from '../../api/contract.ts';
import { Info } from '../../parts/icons.tsx';
import { SafeText } from '../../parts/safe-text.tsx';
import { ErrorNotice } from '../../parts/trouble.tsx';
import { useTeamWords } from '../../words/team.ts';
import { localInput, tonight, type When, WhenChoice, whenToSend } from '../mailbox/when-choice.tsx';

export interface PlanDialogProps {
  readonly team: string;
  readonly ids: readonly string[];
  readonly onClose: (done: boolean) => void;
}

/** So that a server that was quick for one stays quick for fifty. */
const usualRate = 60;
const usualStopPercent = 10;

export function PlanDialog({ team, ids, onClose }: PlanDialogProps) {
  const words = useTeamWords();
  const { plan } = words;
  const client = useQueryClient();
  const name = useId();
  const [kind, setKind] = useState<PlanKind>('move');
  const [when, setWhen] = useState<When>('now');
  const [picked, setPicked] = useState(() => localInput(tonight(new Date())));
  const [past, setPast] = useState(false);
  const [wave, setWave] = useState({ on: false, name: '', rate: usualRate, stop: usualStopPercent });
  const preview = useQuery({
    queryKey: ['plan-preview', team, kind, ids],
    queryFn: ({ signal }) =>
      ask<BulkResult>(
        'POST',
        `/teams/${encodeURIComponent(team)}/plan`,
        { accounts: ids, kind, at: null, dryRun: true },
        signal,
      ),
    placeholderData: keepPreviousData,
  });
  const start = useMutation({
    mutationFn: (at: string | null) =>
      wave.on
        ? ask('POST', '/waves', {
            team,
            name: wave.name.trim() === '' ? plan.title(ids.length) : wave.name.trim(),
            at: at ?? new Date().toISOString(),
            ratePerHour: wave.rate,
            stopOnFailurePercent: wave.stop,
            accounts: ids,
            kind,
          })
        : ask('POST', `/teams/${encodeURIComponent(team)}/plan`, { accounts: ids, kind, at, dryRun: false }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ['team', team] });
      onClose(true);
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (start.isPending) return;
    const at = whenToSend(when, picked, new Date());
    setPast(at === 'past');
    if (at !== 'past') start.mutate(at.at);
  };
  const will = preview.data?.changed ?? null;
  const ways = [
    { value: 'move', title: plan.move, text: plan.moveText },
    { value: 'copy', title: plan.copy, text: plan.copyText },
  ] as const;
  return (
    <ModalOverlay
      className="overlay"
      isDismissable
      isOpen
      onOpenChange={(open) => {
        if (!open) onClose(false);
      }}
    >
      <Modal className="dialog">
        <Dialog>
          <form className="stack" onSubmit={submit} noValidate>
            <Heading slot="title" level={2}>
              {plan.title(ids.length)}
            </Heading>
            <fieldset className="stack tight">
              <legend>{plan.how}</legend>
              {ways.map(({ value, title, text }) => (
                <label key={value} className="way">
                  <input
                    type="radio"
                    name={`${name}-kind`}
                    checked={kind === value}
                    onChange={() => setKind(value)}
                  />
                  <strong>{title}</strong>
                  <p className="small soft">{text}</p>
                </label>
              ))}
            </fieldset>
            <WhenChoice when={when} picked={picked} past={past} onWhen={setWhen} onPicked={setPicked} />
            <label className="check">
              <input
                type="checkbox"
                checked={wave.on}
                onChange={(event) => setWave({ ...wave, on: event.target.checked })}
              />
              <span>
                {plan.gradually}
                <span className="small soft"> {plan.graduallyText}</span>
              </span>
            </label>
            {wave.on && (
              <div className="stack tight">
                <label className="field">
                  <span className="label">{plan.name}</span>
                  <input
                    className="input"
                    maxLength={100}
                    value={wave.name}
                    onChange={(event) => setWave({ ...wave, name: event.target.value })}
                  />
                </label>
                <NumberField
                  label={plan.rate}
                  value={wave.rate}
                  most={10_000}
                  onChange={(rate) => setWave({ ...wave, rate })}
                />
                <NumberField
                  label={plan.stop}
                  value={wave.stop}
                  most={100}
                  onChange={(stop) => setWave({ ...wave, stop })}
                />
              </div>
            )}
            {preview.error !== null && <ErrorNotice error={preview.error} />}
            <Preview result={preview.data ?? null} />
            {start.error !== null && <ErrorNotice error={start.error} />}
            <div className="row">
              <button
                type="submit"
                className="button primary"
                disabled={will === null || will === 0 || start.isPending}
              >
                {when === 'now' && !wave.on
                  ? plan.confirm(will ?? ids.length)
                  : plan.confirmLater(will ?? ids.length)}
              </button>
              <button type="button" className="button" onClick={() => onClose(false)}>
                {plan.cancel}
              </button>
            </div>
          </form>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

function NumberField(props: {
  readonly label: string;
  readonly value: number;
  readonly most: number;
  readonly onChange: (value: number) => void;
}) {
  const { label, value, most, onChange } = props;
  return (
    <label className="field">
      <span className="label">{label}</span>
      <input
        className="input"
        type="number"
        inputMode="numeric"
        min={1}
        max={most}
        value={value}
        onChange={(event) => {
          const number = Math.floor(event.target.valueAsNumber);
          if (number >= 1 && number <= most) onChange(number);
        }}
      />
    </label>
  );
}

/** Of what would not be changed, the first few by name. */
const named = 3;

function Preview({ result }: { readonly result: BulkResult | null }) {
  const { plan } = useTeamWords();
  if (result === null) return null;
  const { changed, unchanged, unchangedAccounts } = result;
  return (
    <div className="notice" role="status">
      <Info />
      <div>
        <p>{changed === 0 ? plan.nobody : plan.will(changed)}</p>
        {unchanged > 0 && (
          <>
            <p>{plan.wont(unchanged)}</p>
            <ul className="small soft">
              {unchangedAccounts.slice(0, named).map(({ account, why }) => (
                <li key={account}>
                  <SafeText>{account}</SafeText>: <SafeText>{why}</SafeText>
                </li>
              ))}
              {unchanged > named && <li>{plan.more(unchanged - named)}</li>}
            </ul>
          </>
        )}
      </div>
    </div>
  );
}
