/** Where the browser begins. */
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { ApiError } from './api/ask.ts';
import { sessionQuestion } from './api/questions.ts';
import './look/tokens.css';
import './look/base.css';
import './look/parts.css';
import './look/crossing.css';
import './look/team.css';
import { applyStoredTheme } from './parts/theme.ts';
import { routerFor } from './router.tsx';
import { LanguageProvider } from './words/language.tsx';

/** A session that has ended shows itself at whatever is asked next; the way back leads to the same page. */
function onError(error: unknown): void {
  if (!(error instanceof ApiError) || !ended.has(error.code)) return;
  client.setQueryData(sessionQuestion.queryKey, null);
  void router.invalidate();
}
const ended = new Set(['session-missing', 'api-token-refused']);

const client = new QueryClient({
  queryCache: new QueryCache({ onError }),
  mutationCache: new MutationCache({ onError }),
  defaultOptions: {
    queries: {
      staleTime: 2_000,
      // A refusal stays one; only a lost connection is worth asking again.
      retry: (count, error) => count < 2 && error instanceof ApiError && error.code === 'offline',
      retryDelay: (count) => 500 * 2 ** count,
    },
  },
});

const router = routerFor(client);

applyStoredTheme();
const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <LanguageProvider>
        <RouterProvider router={router} />
      </LanguageProvider>
    </QueryClientProvider>
  </StrictMode>,
);
