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
  { name: 'not-found', path: '/nothing-here', login: 'copying@example.org' },
];
