/** Who makes accounts on the new server, how many stand where, whether it would work now, and what did not go well. */
import type { Provisioning } from '../../../api/operator-contract.ts';
import { useLanguage } from '../../../words/language.tsx';
import { useOperatorWords } from '../../../words/operator.ts';
import { CheckOne } from './check-one.tsx';
import { MadeList, type MadeListProps } from './made-list.tsx';
import { TestAdapter } from './test-adapter.tsx';

const sample =
  '[new.provisioning]\nadapter = "sql"\n\n[old.passwords]\nkind = "passwd-file"\nfile = "/etc/dovecot/users"';

export function Making(props: MadeListProps) {
  const { making: words } = useOperatorWords().provisioning;
  const [first] = props.pages;
  if (first === undefined) return null;
  return (
    <section className="card stack making" aria-labelledby="making-title">
      <h2 id="making-title">{words.title}</h2>
      {first.adapter === null ? (
        <>
          <p className="measure">{words.off}</p>
          <pre className="sample small">{sample}</pre>
        </>
      ) : (
        <>
          <p className="measure soft">{words.lead}</p>
          <Facts provisioning={first} />
          <TestAdapter />
          <MadeList {...props} />
          <CheckOne />
        </>
      )}
    </section>
  );
}

function Facts({ provisioning }: { readonly provisioning: Provisioning }) {
  const { format } = useLanguage();
  const { making: words } = useOperatorWords().provisioning;
  const { adapter, passwords, hashesFrom, counts, mails } = provisioning;
  const { made, waiting, failed, withoutPassword, asked } = counts;
  const from = passwords.flatMap((one) => {
    if (one === 'captured') return [words.captured];
    return hashesFrom === null ? [] : [words.copied(words.copiedFrom[hashesFrom] ?? hashesFrom)];
  });
  return (
    <>
      <dl className="facts">
        <div>
          <dt>{words.by}</dt>
          <dd className="small">{words.adapters[adapter ?? ''] ?? adapter}</dd>
        </div>
        <div>
          <dt>{words.passwords}</dt>
          <dd className="small">{from.length === 0 ? words.noPasswords : format.list(from)}</dd>
        </div>
        {(
          [
            [words.made, made],
            [words.waiting, waiting],
            [words.failed, failed],
            [words.bare, withoutPassword],
          ] as const
        ).map(([name, n]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{format.count(n)}</dd>
          </div>
        ))}
      </dl>
      {withoutPassword > 0 && (
        <p className="small soft measure">
          {mails.most === 0 ? words.noMails : words.mails(mails.most, mails.days)}
          {asked > 0 && ` ${words.asked(asked)}.`}
        </p>
      )}
    </>
  );
}
