/** Addresses on the old server: where they come from, what the last look told, and another look now. */
import { Link } from '@tanstack/react-router';
import type { Discovered } from '../../../api/operator-contract.ts';
import { Notice } from '../../../parts/notice.tsx';
import { SafeText } from '../../../parts/safe-text.tsx';
import { useLanguage } from '../../../words/language.tsx';
import { useOperatorWords } from '../../../words/operator.ts';
import { discoveredStates, type ProvisioningSearch } from '../search.ts';
import { LookNow } from './look-now.tsx';

interface FoundProps {
  readonly state: (typeof discoveredStates)[number];
  readonly pages: readonly Discovered[];
  /** Null: there are no more. */
  readonly more: (() => void) | null;
  readonly busy: boolean;
}

const sample = '[old.discovery]\nkind = "doveadm"';

export function Found(props: FoundProps) {
  const { found: words } = useOperatorWords().provisioning;
  const [first] = props.pages;
  if (first === undefined) return null;
  return (
    <section className="card stack making" aria-labelledby="found-title">
      <h2 id="found-title">{words.title}</h2>
      {first.source === null ? (
        <>
          <p className="measure">{words.off}</p>
          <pre className="sample small">{sample}</pre>
        </>
      ) : (
        <>
          <p className="measure soft">{words.lead}</p>
          <Facts found={first} source={first.source} />
          <Alarms found={first} />
          <LookNow />
          <List {...props} />
        </>
      )}
    </section>
  );
}

function Facts({ found: { look, counts }, source }: { readonly found: Discovered; readonly source: string }) {
  const { format } = useLanguage();
  const { found: words } = useOperatorWords().provisioning;
  return (
    <dl className="facts">
      <div>
        <dt>{words.source}</dt>
        <dd className="small">{words.sources[source] ?? source}</dd>
      </div>
      <div>
        <dt>{words.look}</dt>
        <dd className="small">{look === null ? words.never : format.moment(look.at)}</dd>
      </div>
      {(
        [
          [words.listed, look === null ? null : look.listed],
          [words.adopted, counts.adopted],
          [words.missing, counts.missing],
          [words.vanished, counts.vanished],
        ] as const
      ).map(([name, n]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{n === null ? '–' : format.count(n)}</dd>
        </div>
      ))}
    </dl>
  );
}

/** What a person has to know at once. */
function Alarms({ found: { look, counts } }: { readonly found: Discovered }) {
  const { format } = useLanguage();
  const { found: words, test } = useOperatorWords().provisioning;
  return (
    <>
      {counts.vanished > 0 && (
        <Notice kind="trouble">
          <p className="measure">{words.vanishedNotice(counts.vanished)}</p>
        </Notice>
      )}
      {look !== null && look.code !== null && (
        <Notice kind="trouble">
          <p className="measure">{words.faults[look.code] ?? look.code}</p>
          {look.reason !== null && (
            <p>
              <SafeText>{test.says(look.reason)}</SafeText>
            </p>
          )}
          <p className="small soft">
            {look.goodAt === null ? words.noGood : words.good(format.moment(look.goodAt))}
          </p>
        </Notice>
      )}
    </>
  );
}

function List({ state, pages, more, busy }: FoundProps) {
  const { format } = useLanguage();
  const { found: words, more: moreWord } = useOperatorWords().provisioning;
  const rows = pages.flatMap(({ addresses }) => addresses);
  const counts = pages[0]?.counts;
  return (
    <>
      <nav aria-label={words.lists}>
        <ul className="row">
          {discoveredStates.map((name) => (
            <li key={name}>
              <Link
                from="/harbour/provisioning"
                to="/harbour/provisioning"
                search={(now: ProvisioningSearch) => ({ ...now, found: name })}
                resetScroll={false}
                className="chip"
                aria-current={name === state}
              >
                {words.list[name](counts?.[name] ?? 0)}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      {rows.length === 0 && <p className="empty">{words.none[state]}</p>}
      {rows.length > 0 && (
        <table className="plain-table fold told">
          <thead>
            <tr>
              <th scope="col">{words.address}</th>
              <th scope="col">{words.since[state]}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ id, address, at }) => (
              <tr key={id}>
                <td>
                  <Link to="/harbour/accounts" search={{ search: address, account: id }}>
                    <SafeText>{address}</SafeText>
                  </Link>
                </td>
                <td>{format.stamp(at)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {more !== null && (
        <div>
          <button type="button" className="button slim" disabled={busy} onClick={more}>
            {moreWord}
          </button>
        </div>
      )}
    </>
  );
}
