/** A list of accounts from a file: checked as a whole first, entered by a second step. The file never leaves this page before. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { ApiError, ask } from '../../../api/ask.ts';
import type { ImportFault, ImportResult } from '../../../api/operator-contract.ts';
import { statusQuestion } from '../../../api/operator-questions.ts';
import { Notice } from '../../../parts/notice.tsx';
import { SafeText } from '../../../parts/safe-text.tsx';
import { ErrorNotice, Skeleton } from '../../../parts/trouble.tsx';
import { useLanguage } from '../../../words/language.tsx';
import { useOperatorWords } from '../../../words/operator.ts';

/** As the API takes at most. */
const maxBytes = 32 * 1024 * 1024;
const shownFaults = 50;
const example = `address,team,old_login,new_login,quota,old_password
anna@example.org,Example Ltd,anna,anna@example.org,5GB,
bert@example.org,Example Ltd,,,,`;

export function ImportList() {
  const { format } = useLanguage();
  const words = useOperatorWords().setup.accounts;
  const client = useQueryClient();
  const { data: status } = useQuery(statusQuestion);
  const id = useId();
  const [file, setFile] = useState<File | null>(null);
  // A Blob with the type that the API reads lists by, whatever the machine calls the file.
  const csv = (from: File) => new Blob([from], { type: 'text/csv' });
  const check = useMutation({
    mutationFn: (from: File) => ask<ImportResult>('POST', '/accounts/import?dryRun=true', csv(from)),
  });
  const take = useMutation({
    mutationFn: (from: File) => ask<ImportResult>('POST', '/accounts/import', csv(from)),
    onSuccess: () => client.invalidateQueries(),
  });
  const tooLarge = file !== null && file.size > maxBytes;
  const error = take.error ?? check.error;
  const faults = faultsOf(error);
  const choose = (chosen: File | null): void => {
    setFile(chosen);
    check.reset();
    take.reset();
    if (chosen !== null && chosen.size <= maxBytes) check.mutate(chosen);
  };
  const { added = 0, updated = 0, unchanged = 0 } = check.data ?? {};
  return (
    <section className="card stack">
      {status !== undefined && <p>{words.have(status.accounts)}</p>}
      <div className="field">
        <label htmlFor={id}>{words.file}</label>
        <input
          id={id}
          className="input"
          type="file"
          accept=".csv,text/csv,text/plain"
          onChange={(event) => choose(event.target.files?.[0] ?? null)}
          // The same file again is a new choice: it may have been mended.
          onClick={(event) => {
            event.currentTarget.value = '';
          }}
        />
      </div>
      <details>
        <summary>{words.columns}</summary>
        <div className="stack tight">
          <p>{words.columnsText}</p>
          <pre className="sample small">{example}</pre>
        </div>
      </details>
      {tooLarge && (
        <Notice kind="trouble" alert>
          <p>{words.large}</p>
        </Notice>
      )}
      {check.isPending && (
        <>
          <p role="status" className="soft">
            {words.checking}
          </p>
          <Skeleton heights={[72]} />
        </>
      )}
      {error !== null && (faults === null ? <ErrorNotice error={error} /> : <Faults faults={faults} />)}
      {check.data !== undefined && take.data === undefined && error === null && (
        <Notice alert>
          <p>{added + updated === 0 ? words.same : words.good(added, updated, unchanged)}</p>
          {added + updated > 0 && file !== null && (
            <p>
              <button
                type="button"
                className="button primary"
                disabled={take.isPending}
                onClick={() => take.mutate(file)}
              >
                {words.take(added + updated)}
              </button>
            </p>
          )}
        </Notice>
      )}
      {take.data !== undefined && (
        <Notice alert>
          <p>{words.taken(take.data.added, take.data.updated)}</p>
        </Notice>
      )}
      <span className="hidden-text" role="status">
        {faults === null ? '' : format.count(faults.length)}
      </span>
    </section>
  );
}

function faultsOf(error: unknown): readonly ImportFault[] | null {
  if (!(error instanceof ApiError) || error.code !== 'import-refused') return null;
  const { faults } = (error.problem ?? {}) as { readonly faults?: readonly ImportFault[] };
  return faults ?? null;
}

function Faults({ faults }: { readonly faults: readonly ImportFault[] }) {
  const { format } = useLanguage();
  const words = useOperatorWords().setup.accounts;
  return (
    <>
      <Notice kind="trouble" alert>
        <p>{words.bad(faults.length)}</p>
      </Notice>
      <table className="plain-table fold faults">
        <thead>
          <tr>
            <th scope="col">{words.line}</th>
            <th scope="col">{words.column}</th>
            <th scope="col">{words.what}</th>
            <th scope="col">{words.allowed}</th>
          </tr>
        </thead>
        <tbody>
          {faults.slice(0, shownFaults).map(({ line, column, text, allowed }, index) => (
            <tr key={`${line}-${column}-${index}`}>
              <td>
                <span className="narrow-only">{words.line} </span>
                {format.count(line)}
              </td>
              <td>{column === '' ? '–' : <code>{column}</code>}</td>
              <td>
                <SafeText>{text}</SafeText>
              </td>
              <td className="small soft">
                <SafeText>{allowed}</SafeText>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {faults.length > shownFaults && <p className="soft">{words.more(faults.length - shownFaults)}</p>}
    </>
  );
}
