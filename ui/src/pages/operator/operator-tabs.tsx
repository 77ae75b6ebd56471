/** The operator's pages side by side. */
import { Link } from '@tanstack/react-router';
import { useOperatorWords } from '../../words/operator.ts';

const places = {
  harbour: '/harbour',
  accounts: '/harbour/accounts',
  teams: '/harbour/teams',
  domains: '/harbour/domains',
  waves: '/harbour/waves',
  servers: '/harbour/servers',
  provisioning: '/harbour/provisioning',
  audit: '/harbour/audit',
  settings: '/harbour/settings',
  security: '/harbour/security',
  setup: '/harbour/setup',
} as const;

export function OperatorTabs() {
  const { tabs } = useOperatorWords();
  return (
    <nav aria-label={tabs.label} className="no-print">
      <ul className="tabs">
        {Object.entries(places).map(([name, to]) => (
          <li key={name}>
            <Link
              to={to}
              search={{}}
              activeOptions={{ exact: true, includeSearch: false }}
              className="nav-link"
            >
              {tabs[name as keyof typeof places]}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
