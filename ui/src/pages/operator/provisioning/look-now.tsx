/** A look at the list of the old server at once, or only a check of what it would change. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ApiError, ask } from '../../../api/ask.ts';
import type { DiscoveryResult } from '../../../api/operator-contract.ts';
import { Notice } from '../../../parts/notice.tsx';
import { SafeText } from '../../../parts/safe-text.tsx';
import { ErrorNotice } from '../../../parts/trouble.tsx';
import { useOperatorWords } from '../../../words/operator.ts';

/** Of entries that were passed over. */
const namedAtMost = 20;

export function LookNow() {
  const { found: words } = useOperatorWords().provisioning;
  const client = useQueryClient();
  const look = useMutation({
    mutationFn: (dryRun: boolean) => ask<DiscoveryResult>('POST', '/discover', { dryRun }),
    onSettled: () => client.invalidateQueries({ queryKey: ['discovered'] }),
  });
  const begin = (dryRun: boolean): void => {
    if (!look.isPending) look.mutate(dryRun);
  };
  return (
    <div className="stack tight">
      <div className="row">
        <button type="button" className="button" aria-disabled={look.isPending} onClick={() => begin(false)}>
          {look.isPending && !look.variables ? words.looking : words.now}
        </button>
        <button
          type="button"
          className="button slim"
          aria-disabled={look.isPending}
          onClick={() => begin(true)}
        >
          {look.isPending && look.variables ? words.looking : words.only}
        </button>
      </div>
      {look.error !== null && <Fault error={look.error} />}
      {look.data !== undefined && <Result result={look.data} />}
    </div>
  );
}

function Fault({ error }: { readonly error: Error }) {
  const { found: words, test } = useOperatorWords().provisioning;
  const known = error instanceof ApiError ? words.faults[error.code] : undefined;
  if (known === undefined) return <ErrorNotice error={error} />;
  return (
    <Notice kind="trouble" alert>
      <p className="measure">{known}</p>
      <p>
        <SafeText>{test.says(error.message)}</SafeText>
      </p>
    </Notice>
  );
}

function Result({ result }: { readonly result: DiscoveryResult }) {
  const { found: words } = useOperatorWords().provisioning;
  const { dryRun, listed, adopted, aliases, missing, vanished, returned, skipped } = result;
  const count = words.addresses(listed);
  return (
    <Notice alert>
      <p>{dryRun ? words.would(count, adopted) : words.done(count, adopted)}</p>
      {aliases > 0 && <p>{words.aliasesNow(aliases)}</p>}
      {missing > 0 && <p>{words.missingNow(missing)}</p>}
      {vanished > 0 && <p>{words.vanishedNow(vanished)}</p>}
      {returned > 0 && <p>{words.returnedNow(returned)}</p>}
      {skipped.length > 0 && (
        <>
          <p>{words.skipped}</p>
          <ul className="stack tight bullets small">
            {skipped.slice(0, namedAtMost).map(({ address, why }) => (
              <li key={address}>
                <SafeText>{address}</SafeText>: <SafeText>{why}</SafeText>
              </li>
            ))}
          </ul>
        </>
      )}
    </Notice>
  );
}
