/** How far a try got: in plain words first, in the words of errors after that. */
import type { ServerTest, ShownCertificate, Side } from '../../../api/operator-contract.ts';
import { CopyText } from '../../../parts/copy-text.tsx';
import { StateIcon } from '../../../parts/icons.tsx';
import { Notice } from '../../../parts/notice.tsx';
import { SafeText } from '../../../parts/safe-text.tsx';
import { useLanguage } from '../../../words/language.tsx';
import { useOperatorWords } from '../../../words/operator.ts';
import { abilitiesOf, certificateFault } from './abilities.ts';

export function ServerResult({ side, tried }: { readonly side: Side; readonly tried: ServerTest }) {
  const { setup } = useOperatorWords();
  const words = setup.servers;
  const { reached, loggedIn, code, reason, product, capabilities, certificate } = tried;
  const [what, action] = (code === null ? undefined : setup.faults[code]) ?? setup.otherFault;
  return (
    <div className="stack">
      {code !== null && (
        <Notice kind="trouble" title={what} alert>
          <p>{action}</p>
          {reason !== null && (
            <p className="small soft">
              <SafeText>{words.says(reason)}</SafeText>
            </p>
          )}
        </Notice>
      )}
      {code === null && reached && (
        <Notice title={loggedIn ? words.loggedIn : words.ok} alert>
          {product !== null && (
            <p>
              <SafeText>{product}</SafeText>
            </p>
          )}
          {!loggedIn && <p>{words.noLogin}</p>}
        </Notice>
      )}
      {capabilities.length > 0 && <Abilities side={side} tried={tried} />}
      {certificate !== null && <Certificate side={side} shown={certificate} />}
    </div>
  );
}

function Abilities({ side, tried }: { readonly side: Side; readonly tried: ServerTest }) {
  const { format } = useLanguage();
  const words = useOperatorWords().setup.servers;
  const { capabilities, appendLimitBytes } = tried;
  return (
    <section className="stack tight">
      <h4>{words.can}</h4>
      <ul className="points">
        {abilitiesOf(side, capabilities).map(({ word, good }) => (
          <li key={word}>
            <span className={good ? 'mark across' : 'mark waiting'}>
              <StateIcon state={good ? 'across' : 'waiting'} />
            </span>
            <span>{words.abilities[word]}</span>
          </li>
        ))}
        {side === 'new' && (
          <li>
            <span className="mark across">
              <StateIcon state="across" />
            </span>
            <span>
              {appendLimitBytes === null ? words.noLimit : words.limit(format.bytes(appendLimitBytes))}
            </span>
          </li>
        )}
      </ul>
      <details>
        <summary className="small">{words.raw}</summary>
        <p className="small soft">
          <SafeText>{capabilities.slice(0, 60).join(' ')}</SafeText>
        </p>
      </details>
    </section>
  );
}

function Certificate({ side, shown }: { readonly side: Side; readonly shown: ShownCertificate }) {
  const { format } = useLanguage();
  const { certificate: words } = useOperatorWords().setup;
  const { subject, issuer, names, validFrom, validTo, fingerprintSha256, trusted, why } = shown;
  return (
    <section className="stack tight">
      <div className="row between">
        <h4>{words.title}</h4>
        <span className={trusted ? 'mark across' : 'mark needs-you'}>
          <StateIcon state={trusted ? 'across' : 'needs-you'} />
          {trusted ? words.good : words.bad}
        </span>
      </div>
      <dl className="stack tight small certificate">
        <div>
          <dt>{words.subject}</dt>
          <dd>
            <SafeText>{names.length > 0 ? names.map(nameOf).join(', ') : subject}</SafeText>
          </dd>
        </div>
        <div>
          <dt>{words.issuer}</dt>
          <dd>
            <SafeText>{issuer}</SafeText>
          </dd>
        </div>
        <div>
          <dt>{words.valid}</dt>
          <dd>{words.from(format.date(validFrom), format.date(validTo))}</dd>
        </div>
        <div>
          <dt>{words.fingerprint}</dt>
          <dd>
            <code>{fingerprintSha256.replaceAll(/(..)(?=.)/g, '$1:').toUpperCase()}</code>
          </dd>
        </div>
      </dl>
      {why !== null && <WhatToDo side={side} shown={shown} why={why} />}
    </section>
  );
}

/** `DNS:mail.example.org` */
function nameOf(name: string): string {
  return name.replace(/^[\w ]+:/, '');
}

interface WhatToDoProps {
  readonly side: Side;
  readonly shown: ShownCertificate;
  readonly why: string;
}

function WhatToDo({ side, shown, why }: WhatToDoProps) {
  const { certificate: words } = useOperatorWords().setup;
  const fault = certificateFault(why);
  const pin = `[${side}]\ntls_fingerprints = ["sha256:${shown.fingerprintSha256}"]`;
  const ca = `[${side}]\nca_file = "/etc/mailferry/${side}-ca.pem"`;
  return (
    <div className="stack tight">
      <p>{words.why[fault]}</p>
      {fault === 'expired' && <p>{words.expiredTo}</p>}
      {fault === 'name' && (
        <p>
          {words.nameTo} <SafeText>{shown.names.map(nameOf).join(', ')}</SafeText>
        </p>
      )}
      {(fault === 'issuer' || fault === 'self') && (
        <>
          <p>{words.caTo}</p>
          <CopyText label={words.snippet} text={ca} words={words} />
        </>
      )}
      {fault !== 'expired' && (
        <>
          <p>{words.pinTo}</p>
          <CopyText label={words.snippet} text={pin} words={words} />
        </>
      )}
      {fault !== 'expired' && <p>{words.restart}</p>}
    </div>
  );
}
