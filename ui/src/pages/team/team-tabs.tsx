/** The three pages of a team. */
import { Link } from '@tanstack/react-router';
import { useTeamWords } from '../../words/team.ts';
import { useRights } from './use-rights.ts';

export function TeamTabs({ team }: { readonly team: string }) {
  const { tabs } = useTeamWords();
  const rights = useRights(team);
  const exact = { exact: true, includeSearch: false };
  return (
    <nav aria-label={tabs.label} className="no-print">
      <ul className="tabs">
        <li>
          <Link to="/teams/$team" params={{ team }} search={{}} activeOptions={exact} className="nav-link">
            {tabs.table}
          </Link>
        </li>
        <li>
          <Link to="/teams/$team/waves" params={{ team }} className="nav-link">
            {tabs.waves}
          </Link>
        </li>
        <li>
          <Link to="/teams/$team/report" params={{ team }} className="nav-link">
            {tabs.report}
          </Link>
        </li>
        {rights.has('people') && (
          <li>
            <Link to="/teams/$team/people" params={{ team }} className="nav-link">
              {tabs.people}
            </Link>
          </li>
        )}
      </ul>
    </nav>
  );
}
