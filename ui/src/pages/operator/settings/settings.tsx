/** Who and what gets in, and what is told to programs: operators, tokens of the API, webhooks. */
import { Link, useSearch } from '@tanstack/react-router';
import { Page } from '../../../parts/page.tsx';
import { useOperatorWords } from '../../../words/operator.ts';
import { OperatorTabs } from '../operator-tabs.tsx';
import { type SettingsPart, settingsParts } from '../search.ts';
import { Operators } from './operators.tsx';
import { Tokens } from './tokens.tsx';
import { Webhooks } from './webhooks.tsx';

const parts: Readonly<Record<SettingsPart, () => React.ReactNode>> = {
  operators: Operators,
  tokens: Tokens,
  webhooks: Webhooks,
};

export function Settings() {
  const { settings: words } = useOperatorWords();
  const { part = 'operators' } = useSearch({ from: '/inside/harbour/settings' });
  const Part = parts[part];
  return (
    <Page wide title={words.title} aside={<OperatorTabs />}>
      <nav aria-label={words.parts.label}>
        <ul className="row">
          {settingsParts.map((name) => (
            <li key={name}>
              <Link
                to="/harbour/settings"
                search={{ part: name, hook: undefined }}
                className="chip"
                aria-current={name === part}
              >
                {words.parts[name]}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      <div className="stack settings">
        <h2 className="hidden-text">{words.parts[part]}</h2>
        <p className="measure soft">{words[part].lead}</p>
        <Part />
      </div>
    </Page>
  );
}
