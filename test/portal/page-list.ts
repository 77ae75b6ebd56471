/** Every page in every state that it has: what is looked at, and what is tested. `login` null: nobody is signed in. */
import { scenes } from '../../ui/dev/fixtures.ts';

export interface PageVisit {
  readonly name: string;
  readonly path: string;
  readonly login: string | null;
}

/** With the states beside the usual one: nothing in it, texts without end, the API failing. */
const operatorPaths: readonly (readonly [name: string, path: string, states: string])[] = [
  ['accounts', 'accounts?trouble=login-refused&domain=berg.example', 'empty'],
  ['account', 'accounts?account=7', 'empty long'],
  ['refused', 'refused', 'empty long broken'],
  ['teams', 'teams', 'empty long'],
  ['domains', 'domains', 'empty long broken'],
  ['waves', 'waves', 'empty broken'],
  ['waves-day', 'waves?day=2026-11-27', 'empty'],
  ['servers', 'servers', 'empty long broken'],
  ['provisioning', 'provisioning', 'empty long broken well'],
  ['provisioning-bare', 'provisioning?list=without-password&found=adopted', 'long'],
  ['audit', 'audit', 'empty long broken'],
  ['settings', 'settings', 'long broken'],
  ['settings-tokens', 'settings?part=tokens', 'empty long broken'],
  ['settings-webhooks', 'settings?part=webhooks&hook=h1', 'empty long'],
  ['security', 'security', 'bare enrolled'],
  ['setup', 'setup', 'long broken'],
  ['setup-login', 'setup?step=login', 'empty'],
  ['setup-accounts', 'setup?step=accounts', ''],
  ['setup-start', 'setup?step=start', 'empty'],
];

export const visits: readonly PageVisit[] = [
  { name: 'sign-in', path: '/sign-in', login: null },
  ...scenes.map((scene) => ({ name: `mailbox-${scene}`, path: '/mailbox', login: `${scene}@example.org` })),
  ...(['wrong-password', 'unreachable', 'over-quota', 'deletions-stopped'] as const).map((scene) => ({
    name: `trouble-${scene}`,
    path: '/mailbox',
    login: `${scene}@example.org`,
  })),
  { name: 'mailbox-error', path: '/mailbox', login: 'broken@example.org' },
  { name: 'refused', path: '/mailbox/refused', login: 'trouble@example.org' },
  { name: 'refused-of-team', path: '/accounts/7/refused', login: 'team-small@example.org' },
  { name: 'refused-many', path: '/mailbox/refused', login: 'many@example.org' },
  { name: 'refused-none', path: '/mailbox/refused', login: 'copying@example.org' },
  { name: 'programs', path: '/mailbox/programs', login: 'in-step@example.org' },
  { name: 'programs-moved', path: '/mailbox/programs', login: 'switched@example.org' },
  { name: 'programs-long', path: '/mailbox/programs', login: 'long@example.org' },
  { name: 'programs-none', path: '/mailbox/programs', login: 'copying@example.org' },
  { name: 'help', path: '/help', login: 'copying@example.org' },
  { name: 'sessions', path: '/sessions', login: 'copying@example.org' },
  { name: 'team', path: '/teams/1', login: 'team@example.org' },
  { name: 'team-filtered', path: '/teams/1?q=anna&state=needs-you', login: 'team@example.org' },
  { name: 'team-selected', path: '/teams/1?sel=all&state=paused', login: 'team@example.org' },
  { name: 'team-nothing', path: '/teams/1?q=zzz', login: 'team@example.org' },
  { name: 'team-empty', path: '/teams/1', login: 'team-empty@example.org' },
  { name: 'team-uncounted', path: '/teams/1', login: 'team-new@example.org' },
  { name: 'team-drawer', path: '/teams/1?account=7', login: 'team-small@example.org' },
  { name: 'team-waves', path: '/teams/1/waves', login: 'team-small@example.org' },
  { name: 'team-report', path: '/teams/1/report', login: 'team-small@example.org' },
  { name: 'team-people', path: '/teams/1/people', login: 'team-small@example.org' },
  { name: 'harbour', path: '/harbour', login: 'operator@example.org' },
  // Nothing yet: it leads to the set-up by itself.
  { name: 'harbour-first', path: '/harbour', login: 'operator-empty@example.org' },
  ...operatorPaths.flatMap(([name, path, states]) =>
    ['', ...states.split(' ').filter((state) => state !== '')].map((state) => ({
      name: `harbour-${name}${state === '' ? '' : `-${state}`}`,
      path: `/harbour/${path}`,
      login: `operator${state === '' ? '' : `-${state}`}@example.org`,
    })),
  ),
  { name: 'not-found', path: '/nothing-here', login: 'copying@example.org' },
];

/** Pages that ask for something when they are opened, as who sees them. */
export const pagesThatWait: readonly { readonly login: string; readonly path: string }[] = [
  { login: 'before@example.org', path: '/mailbox' },
  { login: 'copying@example.org', path: '/mailbox' },
  { login: 'in-step@example.org', path: '/mailbox' },
  { login: 'switched@example.org', path: '/mailbox' },
  { login: 'trouble@example.org', path: '/mailbox' },
  { login: 'nothing@example.org', path: '/mailbox' },
  { login: 'empty@example.org', path: '/mailbox' },
  { login: 'in-step@example.org', path: '/mailbox/programs' },
  { login: 'trouble@example.org', path: '/mailbox/refused' },
  { login: 'team-small@example.org', path: '/accounts/7/refused' },
  { login: 'team-small@example.org', path: '/teams/1' },
  { login: 'team-empty@example.org', path: '/teams/1' },
  { login: 'team-small@example.org', path: '/teams/1/report' },
  { login: 'operator@example.org', path: '/harbour' },
  { login: 'operator@example.org', path: '/harbour/accounts' },
  { login: 'operator@example.org', path: '/harbour/refused' },
  { login: 'copying@example.org', path: '/sessions' },
  { login: 'team-small@example.org', path: '/teams/1/waves' },
  { login: 'team-small@example.org', path: '/teams/1/people' },
  { login: 'operator@example.org', path: '/harbour/teams' },
  { login: 'operator@example.org', path: '/harbour/waves' },
  { login: 'operator@example.org', path: '/harbour/domains' },
  { login: 'operator@example.org', path: '/harbour/servers' },
  { login: 'operator@example.org', path: '/harbour/provisioning' },
  { login: 'operator@example.org', path: '/harbour/audit' },
  { login: 'operator@example.org', path: '/harbour/settings' },
  { login: 'operator@example.org', path: '/harbour/settings?part=tokens' },
  { login: 'operator@example.org', path: '/harbour/settings?part=webhooks' },
  { login: 'operator@example.org', path: '/harbour/security' },
  { login: 'operator@example.org', path: '/harbour/setup' },
  { login: 'operator@example.org', path: '/harbour/setup?step=login' },
  { login: 'operator@example.org', path: '/harbour/setup?step=start' },
];
