/** What can be done with the selected addresses. It stands at the foot of the window while anything is selected. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ask } from '../../api/ask.ts';
import type { BulkResult, TeamAccount } from '../../api/contract.ts';
import { ErrorNotice } from '../../parts/trouble.tsx';
import { useTeamWords } from '../../words/team.ts';
import { useRights } from './use-rights.ts';
import { PlanDialog } from './plan-dialog.tsx';

export interface BulkBarProps {
  readonly team: string;
  readonly accounts: readonly TeamAccount[];
  readonly selected: ReadonlySet<string>;
  readonly onClear: () => void;
}

export function BulkBar({ team, accounts, selected, onClear }: BulkBarProps) {
  const { bulk } = useTeamWords();
  const rights = useRights(team);
  const client = useQueryClient();
  const [planning, setPlanning] = useState(false);
  // An account that is gone meanwhile is selected no longer.
  const chosen = accounts.filter(({ id }) => selected.has(id));
  const ids = chosen.map(({ id }) => id);
  const change = useMutation({
    mutationFn: (step: 'pause' | 'resume' | 'retry' | 'unplan') =>
      ask<BulkResult>('POST', `/teams/${encodeURIComponent(team)}/${step}`, { accounts: ids }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['team', team] }),
  });
  return (
    <>
      <p className="hidden-text" aria-live="polite">
        {ids.length > 0 ? bulk.selected(ids.length) : ''}
      </p>
      {ids.length > 0 && (
        <section className="bulk no-print" aria-label={bulk.label}>
          {change.error !== null && <ErrorNotice error={change.error} />}
          <div className="row">
            <strong>{bulk.selected(ids.length)}</strong>
            {rights.has('plan') && (
              <button type="button" className="button primary" onClick={() => setPlanning(true)}>
                {bulk.move}
              </button>
            )}
            <button
              type="button"
              className="button"
              disabled={change.isPending || !rights.has('move')}
              onClick={() => change.mutate('pause')}
            >
              {bulk.pause}
            </button>
            <button
              type="button"
              className="button"
              disabled={change.isPending || !rights.has('move')}
              onClick={() => change.mutate('resume')}
            >
              {bulk.resume}
            </button>
            {chosen.some(({ attentionCode }) => attentionCode !== null) && (
              <button
                type="button"
                className="button"
                disabled={change.isPending || !rights.has('move')}
                onClick={() => change.mutate('retry')}
              >
                {bulk.retry}
              </button>
            )}
            {rights.has('plan') && chosen.some(({ scheduledFor }) => scheduledFor !== null) && (
              <button
                type="button"
                className="button"
                disabled={change.isPending}
                onClick={() => change.mutate('unplan')}
              >
                {bulk.unplan}
              </button>
            )}
            <button type="button" className="button quiet" onClick={onClear}>
              {bulk.clear}
            </button>
            <span role="status" className="soft">
              {change.data === undefined ? '' : bulk.done(change.data.changed)}
            </span>
          </div>
        </section>
      )}
      {planning && (
        <PlanDialog
          team={team}
          ids={ids}
          onClose={(done) => {
            setPlanning(false);
            if (done) onClear();
          }}
        />
      )}
    </>
  );
}
