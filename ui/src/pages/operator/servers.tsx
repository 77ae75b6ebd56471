/** What both servers may be asked for, by sliders that act at once. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { Label, Slider, SliderOutput, SliderThumb, SliderTrack } from 'react-aria-components';
import { ask } from '../../api/ask.ts';
import type { Budget } from '../../api/contract.ts';
import { budgetQuestion } from '../../api/operator-questions.ts';
import { Page } from '../../parts/page.tsx';
import { ErrorNotice, Skeleton } from '../../parts/trouble.tsx';
import { useLanguage } from '../../words/language.tsx';
import { useOperatorWords } from '../../words/operator.ts';
import { Edges } from './edges.tsx';
import { OperatorTabs } from './operator-tabs.tsx';

/** Steps that differ by what one feels: a slider in single steps of one would be useless at both ends. Null: no limit. */
const steps: Readonly<Record<keyof Budget, readonly (number | null)[]>> = {
  connections: [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256],
  messagesPerSecond: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, null],
  bytesPerSecond: [1e5, 2e5, 5e5, 1e6, 2e6, 5e6, 1e7, 2e7, 5e7, 1e8, 2e8, 5e8, null],
  bytesPerDay: [1e9, 2e9, 5e9, 1e10, 2e10, 5e10, 1e11, 2e11, 5e11, 1e12, 2e12, 5e12, null],
};
const unit: Readonly<Record<keyof Budget, number>> = {
  connections: 1,
  messagesPerSecond: 1,
  bytesPerSecond: 1e6,
  bytesPerDay: 1e9,
};
const kinds = ['connections', 'messagesPerSecond', 'bytesPerSecond', 'bytesPerDay'] as const;

export function Servers() {
  const { servers } = useOperatorWords();
  return (
    <Page wide title={servers.title} lead={servers.lead} aside={<OperatorTabs />}>
      <div className="columns">
        <Side side="old" />
        <Side side="new" />
      </div>
      <Edges />
    </Page>
  );
}

function Side({ side }: { readonly side: 'old' | 'new' }) {
  const { servers } = useOperatorWords();
  const question = budgetQuestion(side);
  const { data, error, refetch } = useQuery(question);
  const client = useQueryClient();
  const change = useMutation({
    // One after the other: what was chosen last is in force at the end.
    scope: { id: `budget-${side}` },
    mutationFn: (budget: Partial<Budget>) => ask<Budget>('PATCH', `/servers/${side}/budget`, budget),
    onSuccess: (answer) => client.setQueryData(question.queryKey, answer),
  });
  return (
    <section className="card stack">
      <h2>{servers.side[side]}</h2>
      {error !== null && <ErrorNotice error={error} retry={() => void refetch()} />}
      {data === undefined && error === null && <Skeleton heights={[56, 56, 56, 56]} />}
      {data !== undefined &&
        kinds.map((kind) => (
          <BudgetSlider
            key={kind}
            kind={kind}
            value={data[kind]}
            busy={change.isPending}
            onChange={(value) => change.mutate({ [kind]: value })}
          />
        ))}
      {change.error !== null && <ErrorNotice error={change.error} />}
      <p role="status" className="soft">
        {change.isSuccess ? servers.saved : ''}
      </p>
    </section>
  );
}

interface BudgetSliderProps {
  readonly kind: keyof Budget;
  readonly value: number | null;
  /** A change is under way. */
  readonly busy: boolean;
  readonly onChange: (value: number | null) => void;
}

/** What is in force may lie between two steps: then it is one itself. */
function withValue(all: readonly (number | null)[], value: number | null): readonly (number | null)[] {
  if (all.includes(value)) return all;
  return [...all, value].sort((a, b) => (a ?? Number.POSITIVE_INFINITY) - (b ?? Number.POSITIVE_INFINITY));
}

/** Somebody who presses an arrow key has not arrived yet; this long after the last one they have. */
const restMs = 600;

/**
 * Stays the same element while answers come: a key that is pressed again must find it. A pointer that lets go acts at
 * once, keys when they rest or the focus leaves: each change is a row of the audit log, and a step of the workers.
 */
function BudgetSlider({ kind, value, busy, onChange }: BudgetSliderProps) {
  const { format } = useLanguage();
  const { servers } = useOperatorWords();
  const [chosen, setChosen] = useState<{ readonly value: number | null } | null>(null);
  const waiting = useRef<{ readonly timer: ReturnType<typeof setTimeout>; readonly act: () => void } | null>(
    null,
  );
  // Of the last render: a timer that ends later must not call the one of the first.
  const latest = useRef(onChange);
  latest.current = onChange;
  const flush = useCallback((): void => {
    const due = waiting.current;
    waiting.current = null;
    if (due === null) return;
    clearTimeout(due.timer);
    due.act();
  }, []);
  const settle = (next: number | null): void => {
    if (waiting.current !== null) clearTimeout(waiting.current.timer);
    const act = (): void => latest.current(next);
    waiting.current = { timer: setTimeout(flush, restMs), act };
    if (byPointer.current) flush();
  };
  const byPointer = useRef(false);
  useEffect(() => flush, [flush]);
  // What is in force now, whether the change was taken or not; but not under a hand that goes on.
  useEffect(() => {
    if (!busy && waiting.current === null) setChosen(null);
  }, [busy]);
  const shown = chosen === null ? value : chosen.value;
  const all = withValue(withValue(steps[kind], value), shown);
  const index = all.indexOf(shown);
  const text = (at: number): string => {
    const step = all[at];
    return step === null || step === undefined ? servers.unlimited : format.perSecond(step / unit[kind]);
  };
  // What is read out would be the number of the step otherwise.
  const input = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => input.current?.setAttribute('aria-valuetext', text(index)));
  return (
    <div
      onPointerDownCapture={() => {
        byPointer.current = true;
      }}
      onKeyDownCapture={() => {
        byPointer.current = false;
      }}
      onBlur={flush}
    >
      <Slider
        className="slider"
        minValue={0}
        maxValue={all.length - 1}
        value={index}
        onChange={(at) => setChosen({ value: all[at] ?? null })}
        onChangeEnd={(at) => settle(all[at] ?? null)}
      >
        <Label>{servers[kind]}</Label>
        <SliderOutput>{text(index)}</SliderOutput>
        <SliderTrack className="track">
          <SliderThumb className="thumb" inputRef={input} />
        </SliderTrack>
      </Slider>
    </div>
  );
}
