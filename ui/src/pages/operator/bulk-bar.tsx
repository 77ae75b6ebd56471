/** What an operator can do with the selected accounts. It stands at the foot of the window while any is selected. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Dialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { ask } from '../../api/ask.ts';
import type { AccountEntry, BulkResult } from '../../api/contract.ts';
import { ErrorNotice, Skeleton } from '../../parts/trouble.tsx';
import { useOperatorWords } from '../../words/operator.ts';

export interface OperatorBulkBarProps {
  /** The selected ones. */
  readonly accounts: readonly AccountEntry[];
  readonly onClear: () => void;
}

const steps = ['start', 'pause', 'resume', 'retry'] as const;

export function OperatorBulkBar({ accounts, onClear }: OperatorBulkBarProps) {
  const { bulk } = useOperatorWords();
  const client = useQueryClient();
  const [confirming, setConfirming] = useState(false);
  const ids = accounts.map(({ id }) => id);
  const change = useMutation({
    mutationFn: ({ step, confirmDeletions }: { step: (typeof steps)[number]; confirmDeletions?: true }) =>
      ask<BulkResult>('POST', `/sync/${step}`, {
        accounts: ids,
        ...(confirmDeletions && { confirmDeletions }),
      }),
    onSuccess: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: ['accounts'] }),
        client.invalidateQueries({ queryKey: ['status'] }),
      ]),
  });
  const stopped = accounts
    .filter(({ attention }) => attention?.code === 'deletions-stopped')
    .map(({ id }) => id);
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
            {steps.map((step) => (
              <button
                key={step}
                type="button"
                className="button"
                disabled={change.isPending}
                onClick={() => change.mutate({ step })}
              >
                {bulk[step]}
              </button>
            ))}
            {stopped.length > 0 && (
              <button type="button" className="button" onClick={() => setConfirming(true)}>
                {bulk.confirm}
              </button>
            )}
            <button type="button" className="button quiet" onClick={onClear}>
              {bulk.clear}
            </button>
            <span role="status" className="soft">
              {change.data === undefined ? '' : bulk.done(change.data.changed, change.data.unchanged)}
            </span>
          </div>
        </section>
      )}
      {confirming && (
        <ConfirmDeletions
          ids={stopped}
          onClose={() => setConfirming(false)}
          onDone={() => {
            setConfirming(false);
            void client.invalidateQueries({ queryKey: ['accounts'] });
          }}
        />
      )}
    </>
  );
}

interface ConfirmProps {
  /** Accounts whose deletions were stopped. */
  readonly ids: readonly string[];
  readonly onClose: () => void;
  readonly onDone: () => void;
}

/** What cannot be undone is said before, with the server's own count of who it is for. */
function ConfirmDeletions({ ids, onClose, onDone }: ConfirmProps) {
  const { bulk } = useOperatorWords();
  const body = { accounts: ids, confirmDeletions: true };
  const preview = useQuery({
    queryKey: ['confirm-preview', ids],
    queryFn: ({ signal }) => ask<BulkResult>('POST', '/sync/retry', { ...body, dryRun: true }, signal),
    staleTime: 0,
  });
  const confirm = useMutation({
    mutationFn: () => ask<BulkResult>('POST', '/sync/retry', body),
    onSuccess: onDone,
  });
  const n = preview.data?.changed ?? null;
  return (
    <ModalOverlay
      className="overlay"
      isDismissable
      isOpen
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
    >
      <Modal className="dialog">
        <Dialog role="alertdialog" className="stack">
          <Heading slot="title" level={2}>
            {bulk.confirmTitle}
          </Heading>
          {preview.error !== null && <ErrorNotice error={preview.error} />}
          {n === null && preview.error === null && <Skeleton heights={[72]} />}
          {n !== null && <p>{bulk.confirmText(n)}</p>}
          {confirm.error !== null && <ErrorNotice error={confirm.error} />}
          <div className="row">
            <button
              type="button"
              className="button"
              disabled={n === null || n === 0 || confirm.isPending}
              onClick={() => confirm.mutate()}
            >
              {bulk.confirmYes(n ?? ids.length)}
            </button>
            <button type="button" className="button primary" onClick={onClose}>
              {bulk.confirmNo}
            </button>
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
