/** Gets one refused message from the old server as a file. */
import { useMutation } from '@tanstack/react-query';
import { ApiError } from '../../api/ask.ts';
import type { Refused } from '../../api/contract.ts';
import { download } from '../../api/download.ts';
import { Notice } from '../../parts/notice.tsx';
import { harmless } from '../../parts/safe-text.tsx';
import { errorText } from '../../parts/trouble.tsx';
import { useWords } from '../../words/language.tsx';

export interface DownloadMessageProps {
  readonly account: string;
  readonly message: Refused;
}

export function DownloadMessage({ account, message: { id, subject } }: DownloadMessageProps) {
  const words = useWords();
  const { refused, carried } = words.mailbox;
  const get = useMutation({
    mutationFn: () =>
      download(
        `/api/v1/accounts/${encodeURIComponent(account)}/refused/${encodeURIComponent(id)}/content`,
        'message.eml',
      ),
  });
  const own = get.error instanceof ApiError ? refused.getErrors[get.error.code] : undefined;
  return (
    <div className="stack tight">
      {get.error !== null && (
        <Notice kind="trouble" alert>
          <p>{own ?? errorText(words, get.error)}</p>
        </Notice>
      )}
      <div>
        <button
          type="button"
          className="button slim"
          aria-label={`${refused.get}: ${harmless(subject ?? carried.noSubject)}`}
          aria-disabled={get.isPending}
          onClick={() => {
            if (!get.isPending) get.mutate();
          }}
        >
          {get.isPending ? refused.getting : refused.get}
        </button>
      </div>
    </div>
  );
}
