/** One account's crossing, live: for its owner, and read-only for who looks after it. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { ask } from '../../api/ask.ts';
import type { Crossing, Right } from '../../api/contract.ts';
import { crossingQuestion } from '../../api/questions.ts';
import { useLive } from '../../api/use-live.ts';
import { CrossingPicture } from '../../crossing/crossing-picture.tsx';
import { shareAcross } from '../../crossing/geometry.ts';
import { Age } from '../../parts/age.tsx';
import { Notice } from '../../parts/notice.tsx';
import { ErrorNotice, Skeleton } from '../../parts/trouble.tsx';
import { useLanguage } from '../../words/language.tsx';
import { AttentionNotice } from './attention-notice.tsx';
import { Carried } from './carried.tsx';
import { Choose } from './choose.tsx';
import { Folders } from './folders.tsx';
import { KeepPassword } from './keep-password.tsx';
import { Numbers } from './numbers.tsx';
import { ProgramsCard, WhileBoth, WhatStays } from './rules.tsx';
import { actionOf, sceneOf, telling } from './status.ts';

export interface AccountViewProps {
  readonly id: string;
  /** Its owner sees subjects and may do all. */
  readonly owner: boolean;
  /** What others may do to it: `move` to pause, go on and try again, `plan` to begin. */
  readonly may?: ReadonlySet<Right>;
}

const nothing: ReadonlySet<Right> = new Set();

export function AccountView({ id, owner, may = nothing }: AccountViewProps) {
  const question = crossingQuestion(id);
  const { data, error, refetch, dataUpdatedAt } = useQuery(question);
  const connected = useLive(`?account=${encodeURIComponent(id)}`, [question.queryKey, ['refused', id]]);
  if (data === undefined) {
    return error === null ? (
      <Skeleton heights={[420, 180, 240]} />
    ) : (
      <ErrorNotice error={error} retry={() => void refetch()} />
    );
  }
  return (
    <>
      <Age since={dataUpdatedAt} lost={error !== null || !connected} />
      <First crossing={data} owner={owner} may={may} />
      <AttentionNotice attention={data.account.attention} account={owner || may.has('move') ? id : null} />
      <RefusedNotice count={data.refused} account={owner ? null : id} />
      {owner && <KeepPassword crossing={data} />}
      <Second crossing={data} owner={owner} />
    </>
  );
}

/** The picture, what it means, and the one thing to do. */
function First({
  crossing,
  owner,
  may,
}: {
  readonly crossing: Crossing;
  readonly owner: boolean;
  readonly may: ReadonlySet<Right>;
}) {
  const { words, format } = useLanguage();
  const { mailbox } = words;
  const { old, done, where, account, mailboxes } = crossing;
  const total = old?.messages ?? 0;
  const { head, sentences } = telling(crossing, words, format, owner);
  const share = format.percent(shareAcross(done.messages, total));
  const label =
    old === null ? mailbox.pictureEmpty : mailbox.picture(format.count(done.messages), format.count(total));
  return (
    <section className="card stack">
      <CrossingPicture
        loads={mailboxes.map((m) => ({ ...m, bytes: m.bytes ?? 0 }))}
        done={done.messages}
        total={total}
        phase={account.phase}
        where={where}
        label={label}
        caption={
          <div className="shores">
            <div>
              <strong>{mailbox.oldShore}</strong>
              <span className="small soft">{owner && where === 'old' ? mailbox.lives : ''}</span>
            </div>
            <div>{old !== null && mailbox.across(share)}</div>
            <div>
              <strong>{mailbox.newShore}</strong>
              <span className="small soft">{owner && where === 'new' ? mailbox.lives : ''}</span>
            </div>
          </div>
        }
      />
      <div className="stack tight">
        <p className="headline">{head}</p>
        <p className="measure">{sentences.join(' ')}</p>
      </div>
      <Act crossing={crossing} owner={owner} may={may} />
      <Announcer crossing={crossing} owner={owner} />
    </section>
  );
}

function Act({
  crossing,
  owner,
  may,
}: {
  readonly crossing: Crossing;
  readonly owner: boolean;
  readonly may: ReadonlySet<Right>;
}) {
  const { words } = useLanguage();
  const { mailbox } = words;
  const { id } = crossing.account;
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: (step: 'pause' | 'resume' | 'undo-plan') => {
      const account = encodeURIComponent(id);
      if (step === 'undo-plan') return ask<Crossing>('DELETE', `/accounts/${account}/plan`);
      if (step === 'pause') return ask<Crossing>('POST', `/accounts/${account}/pause`);
      return ask<Crossing>('POST', `/accounts/${account}/resume`);
    },
    onSuccess: (answer) => {
      client.setQueryData(crossingQuestion(id).queryKey, answer);
      void client.invalidateQueries({ queryKey: crossingQuestion(id).queryKey });
    },
  });
  const action = actionOf(crossing);
  // Beginning and its contrary are planning; the rest is of who may move accounts.
  const right: Right = action === 'choose' || action === 'undo-plan' ? 'plan' : 'move';
  if (!owner && !may.has(right)) return null;
  if (action === 'choose') return <Choose crossing={crossing} owner={owner} />;
  const label = { pause: mailbox.pause, resume: mailbox.resume, 'undo-plan': mailbox.undoPlan };
  return (
    <div className="stack tight">
      {change.error !== null && <ErrorNotice error={change.error} />}
      {(action === 'pause' || action === 'resume' || action === 'undo-plan') && (
        <div className="row">
          <button
            type="button"
            className={action === 'resume' ? 'button primary' : 'button'}
            // Not `disabled`: it would lose the focus, and a dialog around it its Escape.
            aria-disabled={change.isPending}
            onClick={() => {
              if (!change.isPending) change.mutate(action);
            }}
          >
            {label[action]}
          </button>
        </div>
      )}
      {crossing.choice === 'move' && !crossing.capabilities.switch && sceneOf(crossing) === 'in-step' && (
        <Notice>
          <p>{mailbox.choose.moveLater}</p>
        </Notice>
      )}
    </div>
  );
}

/** `account` for others than its owner. */
function RefusedNotice({ count, account }: { readonly count: number; readonly account: string | null }) {
  const { refused } = useLanguage().words.mailbox;
  if (count === 0) return null;
  return (
    <Notice kind="trouble">
      <p>{refused.notice(count)}</p>
      <p>
        {account === null ? (
          <Link to="/mailbox/refused">{refused.link}</Link>
        ) : (
          <Link to="/accounts/$account/refused" params={{ account }}>
            {refused.link}
          </Link>
        )}
      </p>
    </Notice>
  );
}

/** Numbers, folders, and what one should know. */
function Second({ crossing, owner }: { readonly crossing: Crossing; readonly owner: boolean }) {
  const scene = sceneOf(crossing);
  const { signsInWith } = crossing;
  const started = scene !== 'before' && scene !== 'planned';
  // Paused before it began, nothing is on the new server.
  const begun = crossing.account.phase !== 'old';
  const both = begun && (scene === 'copying' || scene === 'in-step' || scene === 'paused');
  return (
    <>
      {started && <Numbers crossing={crossing} />}
      {owner && (both ? <WhileBoth signsInWith={signsInWith} /> : <WhatStays signsInWith={signsInWith} />)}
      {owner && crossing.capabilities.mailPrograms && <ProgramsCard />}
      {started && owner && (
        <div className="columns">
          <Carried crossing={crossing} />
        </div>
      )}
      <Folders crossing={crossing} />
    </>
  );
}

/** Says each tenth that is across, and each change of scene: a screen reader that heard every message would be no help. */
function Announcer({ crossing, owner }: { readonly crossing: Crossing; readonly owner: boolean }) {
  const { words, format } = useLanguage();
  const scene = sceneOf(crossing);
  const share = shareAcross(crossing.done.messages, crossing.old?.messages ?? 0);
  const tenth = share === 1 ? 10 : Math.floor(share * 10);
  const { head } = telling(crossing, words, format, owner);
  const text = scene === 'copying' && tenth > 0 ? words.mailbox.announce(format.percent(tenth / 10)) : head;
  const [said, setSaid] = useState('');
  // What stands there when the page opens is read with the page; only changes are announced.
  const last = useRef(text);
  useEffect(() => {
    if (text !== last.current) setSaid(text);
    last.current = text;
  }, [text]);
  return (
    <p className="hidden-text" aria-live="polite">
      {said}
    </p>
  );
}
