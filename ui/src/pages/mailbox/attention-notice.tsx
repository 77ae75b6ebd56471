/** What a person has to know or to do about an account, in words of its own, and that the mail is safe. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ask } from '../../api/ask.ts';
import type { Attention, Crossing } from '../../api/contract.ts';
import { crossingQuestion } from '../../api/questions.ts';
import { Notice } from '../../parts/notice.tsx';
import { SafeText } from '../../parts/safe-text.tsx';
import { ErrorNotice } from '../../parts/trouble.tsx';
import { useLanguage } from '../../words/language.tsx';

export interface AttentionNoticeProps {
  readonly attention: Attention | null;
  /** Of who may have it tried again; null for who only looks. */
  readonly account: string | null;
}

export function AttentionNotice({ attention, account }: AttentionNoticeProps) {
  const { words, format } = useLanguage();
  if (attention === null) return null;
  const { asks, reason, action, since } = attention;
  if (!asks) {
    return (
      <Notice>
        <p>
          <SafeText>{reason}</SafeText> {words.mailbox.attention.goesOn}
        </p>
      </Notice>
    );
  }
  return (
    <Notice kind="trouble" title={words.mailbox.attention.title}>
      <p>
        <SafeText>{reason}</SafeText>
      </p>
      <p>
        <SafeText>{action}</SafeText>
      </p>
      <p className="small soft">
        {words.mailbox.attention.safe} {words.mailbox.attention.since(format.moment(since))}
      </p>
      {account !== null && <Again account={account} />}
    </Notice>
  );
}

/** What asks for a person waits for one: this says that they have acted. */
function Again({ account }: { readonly account: string }) {
  const { words } = useLanguage();
  const client = useQueryClient();
  const { queryKey } = crossingQuestion(account);
  const again = useMutation({
    mutationFn: () => ask<Crossing>('POST', `/accounts/${encodeURIComponent(account)}/retry`),
    onSuccess: (answer) => client.setQueryData(queryKey, answer),
  });
  return (
    <>
      {again.error !== null && <ErrorNotice error={again.error} />}
      <p>
        <button
          type="button"
          className="button slim"
          aria-disabled={again.isPending}
          onClick={() => {
            if (!again.isPending) again.mutate();
          }}
        >
          {words.retry}
        </button>
      </p>
    </>
  );
}
