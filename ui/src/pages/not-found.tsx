/** An address without a page. */
import { Page } from '../parts/page.tsx';
import { useWords } from '../words/language.tsx';

export function NotFound() {
  const words = useWords();
  return (
    <Page title={words.notFound.title} lead={words.notFound.text}>
      <p>
        <a className="button" href="/">
          {words.notFound.back}
        </a>
      </p>
    </Page>
  );
}
