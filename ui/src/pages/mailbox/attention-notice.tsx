/** What a person has to know or to do about an account, in words of its own, and that the mail is safe. */
import type { Attention } from '../../api/contract.ts';
import { Notice } from '../../parts/notice.tsx';
import { SafeText } from '../../parts/safe-text.tsx';
import { useLanguage } from '../../words/language.tsx';

export function AttentionNotice({ attention }: { readonly attention: Attention | null }) {
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
    </Notice>
  );
}
