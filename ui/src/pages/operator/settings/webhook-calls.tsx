/** What came of the last calls of a webhook. Asked anew while it is open: tries come by themselves. */
import { useInfiniteQuery } from '@tanstack/react-query';
import type { TeamState } from '../../../api/contract.ts';
import type { WebhookCall } from '../../../api/operator-contract.ts';
import { callsQuestion } from '../../../api/settings-questions.ts';
import { StateIcon } from '../../../parts/icons.tsx';
import { SafeText } from '../../../parts/safe-text.tsx';
import { ErrorNotice, Skeleton } from '../../../parts/trouble.tsx';
import { useLanguage } from '../../../words/language.tsx';
import { useOperatorWords } from '../../../words/operator.ts';

const marks: Readonly<Record<WebhookCall['state'], TeamState>> = {
  sent: 'across',
  waiting: 'under-way',
  failed: 'needs-you',
};

export function WebhookCalls({ id }: { readonly id: string }) {
  const { webhooks: words, more } = useOperatorWords().settings;
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetching } = useInfiniteQuery(
    callsQuestion(id),
  );
  const calls = data?.pages.flatMap((page) => page.calls) ?? [];
  return (
    <section className="stack tight" aria-label={words.calls}>
      {error !== null && <ErrorNotice error={error} retry={() => void refetch()} />}
      {data === undefined && error === null && <Skeleton heights={[160]} />}
      {data !== undefined && calls.length === 0 && <p className="empty">{words.noCalls}</p>}
      {calls.length > 0 && (
        <table className="plain-table fold calls">
          <thead>
            <tr>
              <th scope="col">{words.at}</th>
              <th scope="col">{words.what}</th>
              <th scope="col">{words.state}</th>
              <th scope="col">{words.answer}</th>
              <th scope="col">{words.next}</th>
            </tr>
          </thead>
          <tbody>
            {calls.map((call) => (
              <Row key={call.id} call={call} />
            ))}
          </tbody>
        </table>
      )}
      {hasNextPage && (
        <div>
          <button
            type="button"
            className="button slim"
            disabled={isFetching}
            onClick={() => void fetchNextPage()}
          >
            {more}
          </button>
        </div>
      )}
    </section>
  );
}

function Row({ call }: { readonly call: WebhookCall }) {
  const { format } = useLanguage();
  const { webhooks: words } = useOperatorWords().settings;
  const { event, state, attempts, createdAt, triedAt, answer, error, nextAt } = call;
  return (
    <tr>
      <td>{format.stamp(triedAt ?? createdAt)}</td>
      <td>{event === null ? words.isTest : words.event(event)}</td>
      <td>
        <span className={`mark ${marks[state]}`}>
          <StateIcon state={marks[state]} />
          {words.states[state] ?? state}
          {attempts > 1 && <span className="small soft nowrap">{words.tries(attempts)}</span>}
        </span>
      </td>
      <td>
        {triedAt === null ? '–' : (answer ?? words.noAnswer)}
        {/* With a code the text says the same once more. */}
        {error !== null && answer === null && (
          <span className="small soft">
            {' '}
            <SafeText>{error}</SafeText>
          </span>
        )}
      </td>
      <td>
        {nextAt === null ? (
          <span className="wide-only">–</span>
        ) : (
          <>
            <span className="narrow-only soft">{words.next}: </span>
            {format.stamp(nextAt)}
          </>
        )}
      </td>
    </tr>
  );
}
