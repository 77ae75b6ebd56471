/** What is shown instead of an answer: while it is awaited, and when there is none. */
import { ApiError } from '../api/ask.ts';
import { useWords } from '../words/language.tsx';
import type { Words } from '../words/en.ts';
import { Notice } from './notice.tsx';

/** Codes that mean the same to a person. */
const sameWords: Readonly<Record<string, string>> = {
  'scope-missing': 'not-permitted',
  'account-unknown': 'not-found',
  'route-unknown': 'not-found',
};

/** Words for an error: its own where there are some, else that it did not work and the mail is safe. */
export function errorText(words: Words, error: unknown): string {
  if (!(error instanceof ApiError)) return words.errors.unexpected;
  if (error.code === 'too-many-attempts') return words.errors['too-many-attempts'](error.retryAfter);
  const known = (words.errors as Readonly<Record<string, unknown>>)[sameWords[error.code] ?? error.code];
  return typeof known === 'string' ? known : words.errors.unexpected;
}

/** Codes that have words of their own need no reference; the others name it, for whoever is asked for help. */
function reference(words: Words, error: unknown): string | null {
  if (!(error instanceof ApiError) || (sameWords[error.code] ?? error.code) in words.errors) return null;
  return words.reference(error.code);
}

export interface ErrorNoticeProps {
  readonly error: unknown;
  readonly retry?: () => void;
  readonly title?: string;
}

export function ErrorNotice({ error, retry, title }: ErrorNoticeProps) {
  const words = useWords();
  const code = reference(words, error);
  return (
    <Notice kind="trouble" alert {...(title === undefined ? {} : { title })}>
      <p>{errorText(words, error)}</p>
      {code !== null && <p className="small soft">{code}</p>}
      {retry !== undefined && (
        <p>
          <button type="button" className="button slim" onClick={retry}>
            {words.retry}
          </button>
        </p>
      )}
    </Notice>
  );
}

/** As high as what will come, so that nothing jumps. */
export function Skeleton({ heights }: { readonly heights: readonly number[] }) {
  const words = useWords();
  return (
    <div className="stack" role="status" aria-busy="true">
      <span className="hidden-text">{words.loading}</span>
      {heights.map((height, index) => (
        <span key={`${index}-${height}`} className="skeleton" style={{ blockSize: `${height / 16}rem` }} />
      ))}
    </div>
  );
}
