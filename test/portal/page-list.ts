/** Every page in every state that it has: what is looked at, and what is tested. `login` null: nobody is signed in. */
import { scenes } from '../../ui/dev/fixtures.ts';

export interface PageVisit {
  readonly name: string;
  readonly path: string;
  readonly login: string | null;
}

export const visits: readonly PageVisit[] = [
  { name: 'sign-in', path: '/sign-in', login: null },
  ...scenes.map((scene) => ({ name: `mailbox-${scene}`, path: '/mailbox', login: `${scene}@example.org` })),
  { name: 'mailbox-error', path: '/mailbox', login: 'broken@example.org' },
  { name: 'refused', path: '/mailbox/refused', login: 'trouble@example.org' },
  { name: 'refused-none', path: '/mailbox/refused', login: 'copying@example.org' },
  { name: 'help', path: '/help', login: 'copying@example.org' },
  { name: 'sessions', path: '/sessions', login: 'copying@example.org' },
  { name: 'team', path: '/teams/1', login: 'team@example.org' },
  { name: 'team-filtered', path: '/teams/1?q=anna&state=needs-you', login: 'team@example.org' },
  { name: 'team-nothing', path: '/teams/1?q=zzz', login: 'team@example.org' },
  { name: 'team-empty', path: '/teams/1', login: 'team-empty@example.org' },
  { name: 'team-drawer', path: '/teams/1?account=7', login: 'team-small@example.org' },
  { name: 'team-waves', path: '/teams/1/waves', login: 'team-small@example.org' },
  { name: 'team-report', path: '/teams/1/report', login: 'team-small@example.org' },
  { name: 'team-people', path: '/teams/1/people', login: 'team-small@example.org' },
  { name: 'harbour', path: '/harbour', login: 'operator@example.org' },
  ...['accounts?trouble=login-refused', 'teams', 'waves', 'servers', 'audit', 'security', 'setup'].map(
    (page) => ({
      name: `harbour-${page.split('?')[0]}`,
      path: `/harbour/${page}`,
      login: 'operator@example.org',
    }),
  ),
  { name: 'not-found', path: '/nothing-here', login: 'copying@example.org' },
];
