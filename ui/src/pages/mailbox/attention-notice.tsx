/** What a person has to know or to do about an account, in words of its own, and that the mail is safe. */
import type { Attention } from '../../api/contract.ts';
import { Notice } from '../../parts/notice.tsx';
import { SafeText } from '../../parts/safe-text.tsx';
import { useLanguage } from '../../words/language.tsx';

/** Nothing for the person to do: we try again by ourselves. */
const passing =
  /^(server-unavailable|connection-lost|connect-timeout|too-many-connections|temporarily-refused|dns-failed)$/;

export function AttentionNotice({ attention }: { readonly attention: Attention | null }) {
  const { words, format } = useLanguage();
  if (attention === null) return null;
  const { code, reason, action, since } = attention;
  if (passing.test(code)) {
    return (
      <Notice>
        <p>{words.mailbox.attention.waiting}</p>
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
