/**
 * Every page and its address. What a page shows is in its address; who may not see it is sent to sign in, and from there
 * back. Pages of teams and of the operator are loaded when they are opened.
 */
import type { QueryClient } from '@tanstack/react-query';
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router';
import type { Session } from './api/contract.ts';
import { sessionQuestion } from './api/questions.ts';
import { Failed } from './pages/failed.tsx';
import { Help } from './pages/help.tsx';
import { MyMailbox } from './pages/mailbox/my-mailbox.tsx';
import { AccountRefused, MyRefused, refusedSearch } from './pages/mailbox/refused-page.tsx';
import { NotFound } from './pages/not-found.tsx';
import { Sessions } from './pages/sessions.tsx';
import { SignIn } from './pages/sign-in.tsx';
import { Shell } from './parts/shell.tsx';
import { teamSearch } from './pages/team/search.ts';
import {
  accountsSearch,
  harbourSearch,
  provisioningSearch,
  settingsSearch,
  setupSearch,
  wavesSearch,
} from './pages/operator/search.ts';

interface Context {
  readonly client: QueryClient;
}

const root = createRootRouteWithContext<Context>()({
  component: Outlet,
  notFoundComponent: NotFound,
  errorComponent: Failed,
});

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  component: SignIn,
  validateSearch: (search): { next?: string | undefined } => {
    const { next } = search;
    // Only pages of this portal: `//host` would be another one. Named even where it is not taken, for the router keeps
    // what this leaves out.
    return typeof next === 'string' && /^\/(?![/\\])/.test(next) ? { next } : { next: undefined };
  },
});

const inside = createRoute({
  getParentRoute: () => root,
  id: 'inside',
  component: Shell,
  beforeLoad: async ({ context, location }) => {
    const session = await context.client.ensureQueryData(sessionQuestion);
    if (session === null) {
      const next = location.href === '/' ? {} : { next: location.href };
      throw redirect({ to: '/sign-in', search: next, replace: true });
    }
    // Nothing else is answered before.
    if (session.needsTotp === true && location.pathname !== '/harbour/security')
      throw redirect({ to: '/harbour/security', replace: true });
    return { session };
  },
});

/** Where somebody belongs first. */
export function homeOf({ person: { roles } }: Session): string {
  if (roles.operator) return '/harbour';
  const [team] = roles.teams;
  if (team !== undefined) return `/teams/${encodeURIComponent(team.id)}`;
  return '/mailbox';
}

const home = createRoute({
  getParentRoute: () => inside,
  path: '/',
  beforeLoad: ({ context }) => {
    throw redirect({ href: homeOf(context.session), replace: true });
  },
});
const mailbox = createRoute({ getParentRoute: () => inside, path: '/mailbox', component: MyMailbox });
const refused = createRoute({
  getParentRoute: () => inside,
  path: '/mailbox/refused',
  validateSearch: refusedSearch,
  component: MyRefused,
});
const accountRefused = createRoute({
  getParentRoute: () => inside,
  path: '/accounts/$account/refused',
  validateSearch: refusedSearch,
  component: AccountRefused,
});
const programs = createRoute({
  getParentRoute: () => inside,
  path: '/mailbox/programs',
  // With the code that draws the QR code, which nobody needs before.
  component: lazyRouteComponent(() => import('./pages/mailbox/programs-page.tsx'), 'MailProgramsPage'),
});
const help = createRoute({ getParentRoute: () => inside, path: '/help', component: Help });
const sessions = createRoute({ getParentRoute: () => inside, path: '/sessions', component: Sessions });

const teamPages = () => import('./pages/team/index.ts');
const team = createRoute({
  getParentRoute: () => inside,
  path: '/teams/$team',
  validateSearch: teamSearch,
  component: lazyRouteComponent(teamPages, 'TeamTable'),
});
const teamReport = createRoute({
  getParentRoute: () => inside,
  path: '/teams/$team/report',
  component: lazyRouteComponent(teamPages, 'TeamReport'),
});
const teamWaves = createRoute({
  getParentRoute: () => inside,
  path: '/teams/$team/waves',
  component: lazyRouteComponent(teamPages, 'TeamWaves'),
});
const teamPeople = createRoute({
  getParentRoute: () => inside,
  path: '/teams/$team/people',
  component: lazyRouteComponent(teamPages, 'TeamPeople'),
});

const operatorPages = () => import('./pages/operator/index.ts');
const harbour = createRoute({
  getParentRoute: () => inside,
  path: '/harbour',
  validateSearch: harbourSearch,
  component: lazyRouteComponent(operatorPages, 'Harbour'),
});

const operatorAccounts = createRoute({
  getParentRoute: () => inside,
  path: '/harbour/accounts',
  validateSearch: accountsSearch,
  component: lazyRouteComponent(operatorPages, 'Accounts'),
});
const operatorRefused = createRoute({
  getParentRoute: () => inside,
  path: '/harbour/refused',
  component: lazyRouteComponent(operatorPages, 'RefusedList'),
});
const operatorTeams = createRoute({
  getParentRoute: () => inside,
  path: '/harbour/teams',
  component: lazyRouteComponent(operatorPages, 'Teams'),
});
const operatorWaves = createRoute({
  getParentRoute: () => inside,
  path: '/harbour/waves',
  validateSearch: wavesSearch,
  component: lazyRouteComponent(operatorPages, 'Waves'),
});
const operatorDomains = createRoute({
  getParentRoute: () => inside,
  path: '/harbour/domains',
  component: lazyRouteComponent(operatorPages, 'Domains'),
});
const operatorSettings = createRoute({
  getParentRoute: () => inside,
  path: '/harbour/settings',
  validateSearch: settingsSearch,
  component: lazyRouteComponent(operatorPages, 'Settings'),
});
const operatorServers = createRoute({
  getParentRoute: () => inside,
  path: '/harbour/servers',
  component: lazyRouteComponent(operatorPages, 'Servers'),
});
const operatorProvisioning = createRoute({
  getParentRoute: () => inside,
  path: '/harbour/provisioning',
  validateSearch: provisioningSearch,
  component: lazyRouteComponent(operatorPages, 'ProvisioningPage'),
});
const operatorAudit = createRoute({
  getParentRoute: () => inside,
  path: '/harbour/audit',
  component: lazyRouteComponent(operatorPages, 'Audit'),
});
const operatorSecurity = createRoute({
  getParentRoute: () => inside,
  path: '/harbour/security',
  component: lazyRouteComponent(operatorPages, 'Security'),
});
const operatorSetup = createRoute({
  getParentRoute: () => inside,
  path: '/harbour/setup',
  validateSearch: setupSearch,
  component: lazyRouteComponent(operatorPages, 'Setup'),
});

const tree = root.addChildren([
  signIn,
  inside.addChildren([
    home,
    mailbox,
    refused,
    accountRefused,
    programs,
    help,
    sessions,
    team,
    teamReport,
    teamPeople,
    teamWaves,
    harbour,
    operatorAccounts,
    operatorRefused,
    operatorTeams,
    operatorDomains,
    operatorWaves,
    operatorServers,
    operatorProvisioning,
    operatorAudit,
    operatorSettings,
    operatorSecurity,
    operatorSetup,
  ]),
]);

export function routerFor(client: QueryClient) {
  return createRouter({
    routeTree: tree,
    context: { client },
    defaultPreload: 'intent',
    scrollRestoration: true,
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof routerFor>;
  }
}
