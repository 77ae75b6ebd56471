/** The page of a mailbox's owner. */
import { useSuspenseQuery } from '@tanstack/react-query';
import { sessionQuestion } from '../../api/questions.ts';
import { Page } from '../../parts/page.tsx';
import { SafeText } from '../../parts/safe-text.tsx';
import { useWords } from '../../words/language.tsx';
import { NotFound } from '../not-found.tsx';
import { AccountView } from './account-view.tsx';

export function MyMailbox() {
  const words = useWords();
  const { data: session } = useSuspenseQuery(sessionQuestion);
  const account = session?.person.roles.account ?? null;
  if (account === null) return <NotFound />;
  return (
    <Page title={words.mailbox.title} aside={<SafeText className="soft">{account.address}</SafeText>}>
      <AccountView id={account.id} owner />
    </Page>
  );
}
