/** Accounts that are made on the new server, and addresses that are found on the old one. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { discoveredQuestion, provisioningQuestion } from '../../../api/settings-questions.ts';
import { Page } from '../../../parts/page.tsx';
import { ErrorNotice, Skeleton } from '../../../parts/trouble.tsx';
import { useOperatorWords } from '../../../words/operator.ts';
import { OperatorTabs } from '../operator-tabs.tsx';
import { Found } from './found.tsx';
import { Making } from './making.tsx';

export function ProvisioningPage() {
  const { provisioning: words } = useOperatorWords();
  const { list = 'trouble', found = 'vanished' } = useSearch({ from: '/inside/harbour/provisioning' });
  const made = useInfiniteQuery(provisioningQuestion(list));
  const discovered = useInfiniteQuery(discoveredQuestion(found));
  // Together: how high the first part becomes is not known before, and the second would jump.
  if (made.isPending || discovered.isPending)
    return (
      <Page wide title={words.title} lead={words.lead} aside={<OperatorTabs />}>
        <Skeleton heights={[520, 360]} />
      </Page>
    );
  return (
    <Page wide title={words.title} lead={words.lead} aside={<OperatorTabs />}>
      {made.error !== null && <ErrorNotice error={made.error} retry={() => void made.refetch()} />}
      {made.data !== undefined && (
        <Making
          list={list}
          pages={made.data.pages}
          more={made.hasNextPage ? () => void made.fetchNextPage() : null}
          busy={made.isFetchingNextPage}
        />
      )}
      {discovered.error !== null && (
        <ErrorNotice error={discovered.error} retry={() => void discovered.refetch()} />
      )}
      {discovered.data !== undefined && (
        <Found
          state={found}
          pages={discovered.data.pages}
          more={discovered.hasNextPage ? () => void discovered.fetchNextPage() : null}
          busy={discovered.isFetchingNextPage}
        />
      )}
    </Page>
  );
}
