/** What pages open only when asked: dialogs, second steps, errors, what is shown once. axe finds nothing there either. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildUi } from '../../scripts/build-ui.mjs';
import { launchBrowser, open, screens, themes, visit } from './browser.ts';
import { type Pages, servePages } from './serve-pages.ts';
import { violations } from './violations.ts';

let pages: Pages;
let browser: Browser;
beforeAll(async () => {
  buildUi();
  [pages, browser] = await Promise.all([servePages(), launchBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await pages?.close();
});

interface Opening {
  readonly name: string;
  readonly path: string;
  readonly login: string | null;
  /** Opens it, in English. */
  readonly open: (page: Page) => Promise<void>;
}

const press = (page: Page, name: string | RegExp) => page.getByRole('button', { name }).first().click();

async function signIn(page: Page, login: string, password: string): Promise<void> {
  await page.getByLabel('E-mail address').fill(login);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await press(page, 'Sign in');
}

const openings: readonly Opening[] = [
  {
    name: 'the dialog that moves many',
    path: '/teams/1?sel=all',
    login: 'team-small@example.org',
    open: async (page) => {
      await press(page, 'Move …');
      await page
        .getByRole('dialog')
        .getByRole('button', { name: /^Start/ })
        .waitFor();
    },
  },
  {
    name: 'a wave at a time that is over',
    path: '/teams/1?sel=all',
    login: 'team-small@example.org',
    open: async (page) => {
      await press(page, 'Move …');
      const dialog = page.getByRole('dialog');
      await dialog.getByText('Gradually, as a wave').click();
      await dialog.getByText('At another time').click();
      await dialog.locator('input[type=datetime-local]').fill('2026-01-01T10:00');
      await dialog.getByRole('button', { name: /^Plan/ }).click();
      await dialog.getByRole('alert').waitFor();
    },
  },
  {
    name: 'a wave that is changed, with an error',
    path: '/teams/1/waves',
    login: 'team-small@example.org',
    open: async (page) => {
      await press(page, 'Change Freitag, Lager');
      await page.getByLabel('Begins').fill('2026-01-01T10:00');
      await press(page, 'Save');
      await page.getByRole('alert').waitFor();
    },
  },
  {
    name: 'the sign-in that was refused',
    path: '/sign-in',
    login: null,
    open: async (page) => {
      await signIn(page, 'copying@example.org', 'wrong');
      await page.getByRole('alert').waitFor();
    },
  },
  {
    name: 'the code step of the sign-in',
    path: '/sign-in',
    login: null,
    open: async (page) => {
      await signIn(page, 'operator@example.org', 'right');
      await page.getByLabel(/code/i).waitFor();
    },
  },
  {
    name: 'the authenticator with its picture and key',
    path: '/harbour/security',
    login: 'operator-bare@example.org',
    open: async (page) => {
      await press(page, 'Set up an authenticator');
      await page.getByLabel('Code that it shows now').waitFor();
    },
  },
  {
    name: 'an API token, shown once',
    path: '/harbour/settings?part=tokens',
    login: 'operator@example.org',
    open: async (page) => {
      await page.getByLabel('Name').fill('panel');
      await press(page, 'Make it');
      await page.getByText('This is shown this once.', { exact: false }).waitFor();
    },
  },
  {
    name: 'the results of a try of both servers',
    path: '/harbour/setup',
    login: 'operator@example.org',
    open: async (page) => {
      const form = page.locator('form').first();
      await form.getByLabel('Host name').fill('mail.example.org');
      // Abilities are told after a login only.
      await form.getByLabel('A login to try').fill('anna');
      await form.getByLabel('Its password').fill('right');
      await form.getByRole('button', { name: 'Try it' }).click();
      await form.getByRole('heading', { name: 'What it can do' }).waitFor();
      // The other one's certificate is not trusted.
      const other = page.locator('form').nth(1);
      await other.getByLabel('Host name').fill('mail.example.org');
      await other.getByRole('button', { name: 'Try it' }).click();
      await other.getByRole('alert').first().waitFor();
    },
  },
  {
    name: 'the selected accounts and the dialog that confirms deletions',
    path: '/harbour/accounts',
    login: 'operator@example.org',
    open: async (page) => {
      await page.getByRole('checkbox', { name: 'Select all that are shown' }).check();
      await press(page, 'Confirm deletions …');
      await page
        .getByRole('alertdialog')
        .getByText(/unusually many/)
        .waitFor();
    },
  },
  {
    name: 'the question before refused messages are tried again',
    path: '/harbour/refused',
    login: 'operator@example.org',
    open: async (page) => {
      await press(page, 'Try all again');
      await page.getByText('212 messages will be fetched', { exact: false }).waitFor();
    },
  },
];

test.each(openings)('$name is accessible on a phone and on a desktop, in both themes', async (one) => {
  const as = { locale: 'en', ...(one.login === null ? {} : { login: one.login }) } as const;
  const { context, page, faults } = await open(browser, pages.origin, as);
  await visit(page, one.path);
  await one.open(page);
  for (const [screen, size] of Object.entries(screens)) {
    await page.setViewportSize(size);
    for (const theme of themes) {
      await page.emulateMedia({ colorScheme: theme });
      expect(await violations(page), `${screen} ${theme}`).toEqual([]);
    }
    const wide = await page.evaluate(
      'document.documentElement.scrollWidth - document.documentElement.clientWidth',
    );
    expect(wide, `${screen} scrolls sideways`).toBeLessThanOrEqual(0);
  }
  expect(faults).toEqual([]);
  await context.close();
});
