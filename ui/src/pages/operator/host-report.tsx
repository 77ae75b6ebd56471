/** What the doctor found on a mail host: whether Postfix and Dovecot are told what they have to be, what is wrong, what to do. */
import type { ConfigurationLook, HostFinding, HostReport } from '../../api/operator-contract.ts';
import { CopyText } from '../../parts/copy-text.tsx';
import { Info, StateIcon } from '../../parts/icons.tsx';
import { SafeText } from '../../parts/safe-text.tsx';
import { useLanguage } from '../../words/language.tsx';
import { useOperatorWords } from '../../words/operator.ts';

/** Trouble and a drift ask for somebody; a shape and a word tell them apart from what can wait. */
const marks = { trouble: 'needs-you', warning: 'waiting', note: 'under-way' } as const;
const stateMarks = {
  applied: 'across',
  drifted: 'needs-you',
  'not-applied': 'waiting',
  unknown: 'waiting',
} as const;

interface HostReportProps {
  /** Of the edge. */
  readonly name: string;
  readonly report: HostReport;
}

export function HostReportView({ name, report }: HostReportProps) {
  const { format } = useLanguage();
  const { doctor: words } = useOperatorWords().edges;
  const { lookedAt, postfix, dovecot, findings, leftOut } = report;
  // Not to be told is well where nobody needs it.
  const isAbout = (what: string): boolean => findings.some(({ code }) => code.startsWith(`${what}-not-`));
  return (
    <section className="stack tight host-report" aria-label={words.of(name)}>
      <p className="small soft">
        {findings.length === 0
          ? words.well(format.moment(lookedAt))
          : words.looked(format.moment(lookedAt), findings.length)}
      </p>
      {postfix !== null && <Configuration what="Postfix" look={postfix} asked={isAbout('postfix')} />}
      {dovecot !== null && <Configuration what="Dovecot" look={dovecot} asked={isAbout('dovecot')} />}
      {findings.length > 0 && (
        <ul className="stack findings" aria-label={words.findings}>
          {findings.map((one) => (
            <Finding key={`${one.code} ${one.what}`} finding={one} />
          ))}
        </ul>
      )}
      {leftOut.length > 0 && (
        <details>
          <summary className="small">{words.leftOut(leftOut.length)}</summary>
          <ul className="stack tight bullets small findings">
            {leftOut.map(({ check, reason, what }) => (
              <li key={`${check} ${reason}`}>
                <span>
                  <SafeText>{what}</SafeText>
                </span>
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

interface ConfigurationProps {
  readonly what: string;
  readonly look: ConfigurationLook;
  /** Some finding asks for the commands. */
  readonly asked: boolean;
}

function Configuration({ what, look, asked }: ConfigurationProps) {
  const { edges, settings } = useOperatorWords();
  const { doctor: words } = edges;
  const { state, command } = look;
  const mark = stateMarks[state];
  return (
    <div className="stack tight">
      <p className={`mark small ${mark}`}>
        <StateIcon state={mark} />
        <span>{words.state[state](what)}</span>
      </p>
      <details open={asked || state === 'drifted' || state === 'unknown'}>
        <summary className="small">{words.commands(what)}</summary>
        <div className="stack tight">
          <CopyText label={words.print(what)} text={command} words={settings.once} />
          <CopyText label={words.apply(what)} text={`${command} --apply`} words={settings.once} />
        </div>
      </details>
    </div>
  );
}

function Finding({ finding }: { readonly finding: HostFinding }) {
  const { doctor: words } = useOperatorWords().edges;
  const { code, severity, what, fix } = finding;
  return (
    <li className="stack tight small">
      <p className={`mark ${marks[severity]}`}>
        {severity === 'note' ? <Info /> : <StateIcon state="needs-you" />}
        <strong>
          {words.severity[severity]} <span className="soft">({code})</span>
        </strong>
      </p>
      <span>
        <SafeText>{what}</SafeText>
      </span>
      <span className="soft">
        {words.fix} <SafeText>{fix}</SafeText>
      </span>
    </li>
  );
}
