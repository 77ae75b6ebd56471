/** The set-up assistant: both servers, who logs in, the accounts, the start. The step is in the address. */
import { useQuery } from '@tanstack/react-query';
import { Link, useSearch } from '@tanstack/react-router';
import { useEffect } from 'react';
import { statusQuestion } from '../../../api/operator-questions.ts';
import { masterUsersQuestion, serversQuestion } from '../../../api/settings-questions.ts';
import { StateIcon } from '../../../parts/icons.tsx';
import { Page } from '../../../parts/page.tsx';
import { useOperatorWords } from '../../../words/operator.ts';
import { OperatorTabs } from '../operator-tabs.tsx';
import { type SetupStep, setupSteps } from '../search.ts';
import { rememberSetup } from './first-visit.ts';
import { ImportList } from './import-list.tsx';
import { MasterUsers } from './master-users.tsx';
import { Start } from './start.tsx';
import { TryServers } from './try-servers.tsx';

const parts: Readonly<Record<SetupStep, () => React.ReactNode>> = {
  servers: TryServers,
  login: MasterUsers,
  accounts: ImportList,
  start: Start,
};

export function Setup() {
  const { setup: words } = useOperatorWords();
  const { step = 'servers' } = useSearch({ from: '/inside/harbour/setup' });
  const done = useDone();
  useEffect(rememberSetup, []);
  const next = setupSteps[setupSteps.indexOf(step) + 1];
  const Part = parts[step];
  return (
    <Page wide title={words.title} lead={words.lead} aside={<OperatorTabs />}>
      <nav aria-label={words.steps.label}>
        <ol className="row">
          {setupSteps.map((name, index) => (
            <li key={name}>
              <Link to="/harbour/setup" search={{ step: name }} className="chip" aria-current={name === step}>
                {done.has(name) ? (
                  <span className="mark across">
                    <StateIcon state="across" />
                  </span>
                ) : (
                  <span className="soft">{index + 1}</span>
                )}
                {words.steps[name]}
                {done.has(name) && <span className="hidden-text"> ({words.done})</span>}
              </Link>
            </li>
          ))}
        </ol>
      </nav>
      <h2 className="hidden-text">{words.steps[step]}</h2>
      <p className="measure">{words[step].lead}</p>
      <Part />
      {next !== undefined && (
        <div>
          <Link to="/harbour/setup" search={{ step: next }} className="button">
            {words.next}: {words.steps[next]}
          </Link>
        </div>
      )}
    </Page>
  );
}

/** As far as the answers that are there tell. */
function useDone(): ReadonlySet<SetupStep> {
  const { data: servers } = useQuery(serversQuestion);
  const { data: masters } = useQuery(masterUsersQuestion);
  const { data: status } = useQuery(statusQuestion);
  const seen = servers !== undefined && servers.servers.every(({ seenAt }) => seenAt !== null);
  const named = masters?.masterUsers.every(({ login }) => login !== null) === true;
  const accounts = status?.accounts ?? 0;
  return new Set<SetupStep>([
    ...(seen ? (['servers'] as const) : []),
    ...(named ? (['login'] as const) : []),
    ...(accounts > 0 ? (['accounts'] as const) : []),
    ...(accounts > (status?.phases['old'] ?? 0) ? (['start'] as const) : []),
  ]);
}
