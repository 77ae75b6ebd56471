/** What would be done for one account; nothing is changed by it. */
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ask } from '../../../api/ask.ts';
import type { ProvisionResult } from '../../../api/operator-contract.ts';
import { TextField } from '../../../parts/add-form.tsx';
import { Notice } from '../../../parts/notice.tsx';
import { harmless, SafeText } from '../../../parts/safe-text.tsx';
import { ErrorNotice } from '../../../parts/trouble.tsx';
import { useLanguage } from '../../../words/language.tsx';
import { useOperatorWords } from '../../../words/operator.ts';

export function CheckOne() {
  const { check: words } = useOperatorWords().provisioning;
  const [address, setAddress] = useState('');
  const [isMissing, setMissing] = useState(false);
  const check = useMutation({
    mutationFn: (account: string) =>
      ask<ProvisionResult>('POST', '/provision', { accounts: [account], dryRun: true }),
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const account = address.trim();
    setMissing(account === '');
    if (account !== '' && !check.isPending) check.mutate(account);
  };
  return (
    <form className="stack tight" onSubmit={submit} noValidate>
      <h3>{words.title}</h3>
      <TextField
        short
        label={words.address}
        value={address}
        maxLength={320}
        invalid={isMissing}
        hint={{ text: isMissing ? words.missing : words.lead, soft: !isMissing }}
        onChange={setAddress}
      />
      <div>
        <button type="submit" className="button slim" aria-disabled={check.isPending}>
          {words.button}
        </button>
      </div>
      {check.error !== null && <ErrorNotice error={check.error} />}
      {check.data !== undefined && <Result result={check.data} />}
    </form>
  );
}

function Result({ result }: { readonly result: ProvisionResult }) {
  const { format } = useLanguage();
  const { check: words, test, changes, alias, origins } = useOperatorWords().provisioning;
  const [one] = result.accounts;
  if (one === undefined) {
    return (
      <Notice kind="trouble" alert>
        <p>
          <SafeText>{words.unknown(result.unknown[0] ?? '')}</SafeText>
        </p>
      </Notice>
    );
  }
  const named = (change: string): string =>
    changes[change] ?? (change.startsWith('alias ') ? alias(harmless(change.slice(6))) : harmless(change));
  if (one.outcome === 'refused' || one.outcome === 'later') {
    return (
      <Notice kind="trouble" alert title={words.wouldFail}>
        {one.reason !== null && (
          <p>
            <SafeText>{test.says(one.reason)}</SafeText>
          </p>
        )}
      </Notice>
    );
  }
  return (
    <Notice alert>
      <p>{one.changes.length === 0 ? words.asItIs : words.would(format.list(one.changes.map(named)))}</p>
      <p>{origins[one.password]}</p>
    </Notice>
  );
}
