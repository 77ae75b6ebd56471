/** Asks what makes accounts whether it would: its answer in plain words, and what to do where it would not. */
import { useMutation } from '@tanstack/react-query';
import { ask } from '../../../api/ask.ts';
import type { ProvisioningTest } from '../../../api/operator-contract.ts';
import { Notice } from '../../../parts/notice.tsx';
import { SafeText } from '../../../parts/safe-text.tsx';
import { ErrorNotice } from '../../../parts/trouble.tsx';
import { useOperatorWords } from '../../../words/operator.ts';

export function TestAdapter() {
  const { test: words } = useOperatorWords().provisioning;
  const test = useMutation({
    mutationFn: () => ask<ProvisioningTest>('POST', '/provisioning/test'),
  });
  return (
    <div className="stack tight">
      <div>
        <button
          type="button"
          className="button"
          aria-disabled={test.isPending}
          onClick={() => {
            if (!test.isPending) test.mutate();
          }}
        >
          {test.isPending ? words.testing : words.button}
        </button>
      </div>
      {test.error !== null && <ErrorNotice error={test.error} />}
      {test.data !== undefined && <Result test={test.data} />}
    </div>
  );
}

function Result({ test: { works, text, code, reason } }: { readonly test: ProvisioningTest }) {
  const { test: words } = useOperatorWords().provisioning;
  const said = works ? text : reason;
  return (
    <Notice kind={works ? 'news' : 'trouble'} alert title={works ? words.works : words.fails}>
      {said !== null && (
        <p>
          <SafeText>{words.says(said)}</SafeText>
        </p>
      )}
      {!works && <p>{words.todo[code ?? ''] ?? words.todoElse}</p>}
    </Notice>
  );
}
