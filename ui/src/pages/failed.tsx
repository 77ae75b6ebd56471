/** What is shown where a page could not be built at all. */
import type { ErrorComponentProps } from '@tanstack/react-router';
import { Page } from '../parts/page.tsx';
import { ErrorNotice } from '../parts/trouble.tsx';
import { useWords } from '../words/language.tsx';

export function Failed({ error, reset }: ErrorComponentProps) {
  const words = useWords();
  return (
    <Page title={words.app}>
      <ErrorNotice error={error} retry={() => (reset(), location.reload())} />
    </Page>
  );
}
