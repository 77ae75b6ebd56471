/** The states that a page has besides its usual one: not there yet, an answer that fails, a line that is lost, another language. */
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildUi } from '../../scripts/build-ui.mjs';
import { launchBrowser, open, screens, visit } from './browser.ts';
import { pagesThatWait } from './page-list.ts';
import { type Pages, servePages } from './serve-pages.ts';
import { shifts, watchShifts } from './settling.ts';

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

/** What web.dev calls good is 0.1; a page that takes care has next to nothing. */
const mostShift = 0.02;
const slowMs = 200;

/** Every answer of the API comes late, as on a train. */
async function late(context: BrowserContext): Promise<() => void> {
  let begin = () => {};
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  await context.route(/\/api\/v1\/(?!events)/, async (route) => {
    // The session is answered before: without it there is no page that could wait.
    if (!route.request().url().endsWith('/session')) await begun;
    await new Promise((resolve) => setTimeout(resolve, slowMs));
    await route.continue();
  });
  return begin;
}

describe.each(Object.keys(screens) as (keyof typeof screens)[])('on a %s', (screen) => {
  // At once: most of it is waiting.
  test.concurrent.each(pagesThatWait)(
    '$login at $path: nothing jumps when late answers come',
    async ({ login, path }) => {
      const { context, page, faults } = await open(browser, pages.origin, { login, locale: 'de', screen });
      await watchShifts(page);
      const answer = await late(context);
      await page.goto(path);
      await page.locator('[aria-busy=true]').first().waitFor();
      answer();
      await page.locator('[aria-busy=true]').first().waitFor({ state: 'detached' });
      await page.evaluate('document.fonts.ready.then(() => true)');
      await page.waitForTimeout(slowMs * 2);
      const { sum, moved } = await shifts(page);
      expect(sum, moved).toBeLessThanOrEqual(mostShift);
      expect(faults).toEqual([]);
      await context.close();
    },
  );
});

/** What comes of the API while `broken` is true, and what after. */
async function breakable(context: BrowserContext): Promise<{ broken: boolean }> {
  const state = { broken: false };
  await context.route(/\/api\/v1\//, (route) =>
    state.broken ? route.abort('connectionfailed') : route.fallback(),
  );
  return state;
}

test('an answer that fails is told with a way to try again, and that leads on', async () => {
  const { context, page } = await open(browser, pages.origin, { login: 'copying@example.org', locale: 'de' });
  let fails = true;
  await context.route(/\/crossing$/, (route) =>
    fails
      ? route.fulfill({ status: 500, contentType: 'application/problem+json', body: '{"code":"internal"}' })
      : route.fallback(),
  );
  await page.goto('/mailbox');
  await page.getByRole('alert').getByText('Ihre Nachrichten sind sicher.', { exact: false }).waitFor();
  fails = false;
  await page.getByRole('button', { name: 'Noch einmal versuchen' }).click();
  await page.getByText('Ihre Nachrichten werden kopiert.').first().waitFor();
  await context.close();
});

test.each([
  ['/mailbox', 'copying@example.org', 'Ihre Nachrichten werden kopiert.'],
  ['/teams/1', 'team-small@example.org', 'von 12 Adressen sind drüben.'],
  ['/harbour', 'operator@example.org', 'sind auf gleichem Stand oder drüben.'],
  ['/harbour/accounts', 'operator@example.org', 'anna.berg@example.org'],
] as const)(
  '%s without a line keeps what it shows, says how old that is, and goes on by itself',
  async (path, login, text) => {
    const { context, page } = await open(browser, pages.origin, { login, locale: 'de' });
    const line = await breakable(context);
    await visit(page, path);
    await page.getByText(text).first().waitFor();
    // The clock of these tests stands; here it has to go.
    await page.clock.setFixedTime(new Date('2026-11-24T14:30:30Z'));
    line.broken = true;
    await page.evaluate("window.dispatchEvent(new Event('offline'))");
    await page.getByText(/^Stand von vor .*Verbindung wird wieder aufgebaut/).waitFor({ timeout: 40_000 });
    expect(await page.getByText(text).first().isVisible()).toBe(true);
    line.broken = false;
    await page.evaluate("window.dispatchEvent(new Event('online'))");
    await page.getByText(/Verbindung wird wieder aufgebaut/).waitFor({ state: 'detached', timeout: 40_000 });
    await context.close();
  },
  120_000,
);

test('who signs out without a line is told that they are still signed in, and gets out when it is back', async () => {
  const { context, page } = await open(browser, pages.origin, { login: 'copying@example.org', locale: 'de' });
  const line = await breakable(context);
  await visit(page, '/mailbox');
  line.broken = true;
  await page.evaluate("window.dispatchEvent(new Event('offline'))");
  await page.getByRole('button', { name: 'Abmelden' }).click();
  const told = page.getByRole('alert').filter({ hasText: 'Sie sind hier noch angemeldet.' });
  await told.waitFor({ timeout: 10_000 });
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Mein Postfach');
  line.broken = false;
  await told.getByRole('button', { name: 'Noch einmal versuchen' }).click();
  await page.getByRole('heading', { name: 'Anmelden' }).waitFor();
  await page.goto('/mailbox');
  await page.getByRole('heading', { name: 'Anmelden' }).waitFor();
  await context.close();
});

test('the report is printed dark on white, also by who reads in the dark', async () => {
  const { context, page } = await open(browser, pages.origin, {
    login: 'team-small@example.org',
    locale: 'en',
  });
  await visit(page, '/teams/1/report');
  await page.getByLabel('Appearance').selectOption('dark');
  const colours = () =>
    page.evaluate<string[]>(
      "[getComputedStyle(document.querySelector('.card')).backgroundColor, getComputedStyle(document.querySelector('.card h2')).color]",
    );
  const lightness = (colour: string) => Math.max(...(colour.match(/\d+/g) ?? []).slice(0, 3).map(Number));
  const [sheet = '', ink = ''] = await colours();
  expect(lightness(sheet)).toBeLessThan(lightness(ink));
  await page.emulateMedia({ media: 'print' });
  const [paper = '', black = ''] = await colours();
  expect(lightness(paper)).toBeGreaterThan(240);
  expect(lightness(black)).toBeLessThan(60);
  expect(await page.getByRole('button', { name: 'Print' }).isVisible()).toBe(false);
  // One sheet of A4 for a small team.
  expect((await page.pdf({ format: 'A4' })).toString('latin1').match(/\/Type\s*\/Page\b/g)).toHaveLength(1);
  await context.close();
});

describe('the language before anybody is signed in', () => {
  const signIn = async (locale: string): Promise<{ context: BrowserContext; page: Page }> => {
    const context = await browser.newContext({ baseURL: pages.origin, locale });
    const page = await context.newPage();
    await page.goto('/');
    await page.getByRole('heading', { level: 1 }).waitFor();
    return { context, page };
  };
  const title = (page: Page) => page.getByRole('heading', { level: 1 }).textContent();
  const language = (page: Page) => page.evaluate('document.documentElement.lang');

  test.each([
    ['de-AT', 'de', 'Anmelden'],
    ['en-US', 'en', 'Sign in'],
    ['fr-FR', 'en', 'Sign in'],
  ])('a browser that asks for %s is answered in %s', async (locale, lang, words) => {
    const { context, page } = await signIn(locale);
    expect([await language(page), await title(page)]).toEqual([lang, words]);
    await context.close();
  });

  test('is changed there, remembered, told to the server, and spoken inside', async () => {
    const { context, page } = await signIn('en-GB');
    await page.getByLabel('Language').selectOption('de');
    await page.getByRole('heading', { name: 'Anmelden' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'Anmelden' }).waitFor();
    await page.getByLabel('E-Mail-Adresse').fill('copying@example.org');
    await page.getByLabel('Passwort', { exact: true }).fill('secret');
    const [request] = await Promise.all([
      page.waitForRequest((one) => one.method() === 'POST' && one.url().endsWith('/session')),
      page.getByRole('button', { name: 'Anmelden' }).click(),
    ]);
    expect(request.postDataJSON()).toMatchObject({ locale: 'de' });
    await page.getByRole('heading', { name: 'Mein Postfach' }).waitFor();
    expect(await language(page)).toBe('de');
    await context.close();
  });
});
