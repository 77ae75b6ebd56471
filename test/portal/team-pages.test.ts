/** A team of 5,000 in real Chromium: the table stays small in the document, and the address is the state. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildUi } from '../../scripts/build-ui.mjs';
import { launchBrowser, open, visit } from './browser.ts';
import { type Pages, servePages } from './serve-pages.ts';

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

const teamPage = async (path = '/teams/1') => {
  const opened = await open(browser, pages.origin, { locale: 'en', login: 'team@example.org' });
  await visit(opened.page, path);
  await opened.page.getByRole('table').waitFor();
  return opened;
};

test('of 5,000 rows only those in view are in the document, and a screen reader is told of all', async () => {
  const { context, page } = await teamPage();
  const table = page.getByRole('table');
  expect(await table.getAttribute('aria-rowcount')).toBe('5001');
  expect(await table.getByRole('row').count()).toBeLessThan(60);
  // To the very end, by keyboard.
  await table.focus();
  await page.keyboard.press('End');
  await table.locator('[aria-rowindex="5001"]').waitFor();
  await context.close();
});

test('search, filter and order stand in the address, and Back goes back', async () => {
  const { context, page } = await teamPage();
  await page.getByRole('button', { name: /^Waiting/ }).click();
  await page.getByRole('button', { name: 'Size' }).click();
  await page.getByLabel('Search addresses').fill('clara');
  await page.getByText(/^\d+ of 5,000 addresses$/).waitFor();
  const query = new URL(page.url()).searchParams;
  expect([query.get('state'), query.get('sort'), query.get('q')]).toEqual(['waiting', 'bytes', 'clara']);
  await page.reload();
  expect(await page.getByLabel('Search addresses').inputValue()).toBe('clara');
  await page.goBack();
  await page.goBack();
  await page.waitForURL('**/teams/1');
  await page.getByText('5,000 addresses', { exact: true }).waitFor();
  await context.close();
});

test('a range is selected with Shift, and a dialog says what would happen before it does', async () => {
  const { context, page } = await teamPage();
  const boxes = page.getByRole('table').getByRole('checkbox');
  await boxes.nth(1).click();
  await boxes.nth(6).click({ modifiers: ['Shift'] });
  await page.getByText('6 addresses selected').last().waitFor();
  await page.getByRole('button', { name: 'Move …' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('heading', { name: 'Move 6 addresses' }).waitFor();
  await dialog.getByText('4 addresses will start.').waitFor();
  await dialog.getByText('2 addresses stay as they are:').waitFor();
  await dialog.getByLabel('Gradually, as a wave').check();
  await dialog.getByRole('button', { name: 'Plan 4 addresses' }).waitFor();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  await page.getByText('6 addresses selected').last().waitFor();
  await context.close();
});

test('an account opens beside the table, closes by Escape, and the focus is where it was', async () => {
  const { context, page } = await teamPage();
  const link = page.getByRole('table').getByRole('link').first();
  const address = await link.textContent();
  await link.focus();
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').getByText('Its messages are being copied.').first().waitFor();
  expect(new URL(page.url()).searchParams.has('account')).toBe(true);
  // Subjects are for the owner only.
  expect(await page.getByRole('dialog').getByText('Carried last').count()).toBe(0);
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  expect(new URL(page.url()).searchParams.has('account')).toBe(false);
  expect(await page.evaluate('document.activeElement.textContent')).toBe(address);
  await context.close();
});

test('of 12,000 addresses ten thousand are shown, from several answers, and the page says that the rest is not', async () => {
  const { context, page } = await open(browser, pages.origin, {
    locale: 'en',
    login: 'team-large@example.org',
  });
  const cursors: (string | null)[] = [];
  page.on('request', (request) => {
    const { pathname, searchParams } = new URL(request.url());
    if (pathname === '/api/v1/teams/1/accounts') cursors.push(searchParams.get('cursor'));
  });
  await visit(page, '/teams/1');
  await page.getByText('The first 10,000 of 12,000 addresses are shown; 2,000 are left out here.').waitFor();
  expect(await page.getByRole('table').getAttribute('aria-rowcount')).toBe('10001');
  expect(cursors.slice(0, 2)).toEqual([null, '5000']);
  await context.close();
});

test('a wave is given another time and pace in its place, and what cannot be is said', async () => {
  const { context, page } = await open(browser, pages.origin, {
    locale: 'en',
    login: 'team-small@example.org',
  });
  await visit(page, '/teams/1/waves');
  await page.getByRole('button', { name: 'Change Freitag, Lager' }).click();
  const form = page.getByRole('form', { name: 'Change: Freitag, Lager' });
  await form.getByLabel('Begins').fill('2026-11-20T10:00');
  await form.getByRole('button', { name: 'Save' }).click();
  await form.getByRole('alert').waitFor();
  await form.getByLabel('Begins').fill('2026-11-28T21:30');
  await form.getByLabel('At most so many an hour; empty for no limit').fill('0');
  await form.getByRole('button', { name: 'Save' }).click();
  await form.getByText('Please give a whole number from 1 to 10,000, or nothing.').waitFor();
  await form.getByLabel('At most so many an hour; empty for no limit').fill('40');
  const [request] = await Promise.all([
    page.waitForRequest((one) => one.method() === 'PATCH'),
    form.getByRole('button', { name: 'Save' }).click(),
  ]);
  expect([new URL(request.url()).pathname, request.postDataJSON()]).toEqual([
    '/api/v1/waves/w2',
    { at: '2026-11-28T20:30:00.000Z', ratePerHour: 40 },
  ]);
  await form.waitFor({ state: 'detached' });

  // One that has begun keeps its time.
  await page.getByRole('button', { name: 'Change Freitag, Vertrieb' }).click();
  expect(await page.getByRole('form').getByLabel('Begins').count()).toBe(0);
  await context.close();
});

test('in the drawer who may move can pause, and is led to the refused messages without their subjects', async () => {
  const { context, page } = await open(browser, pages.origin, {
    locale: 'en',
    login: 'team-small@example.org',
  });
  await visit(page, '/teams/1?account=7');
  const drawer = page.getByRole('dialog');
  const [request] = await Promise.all([
    page.waitForRequest((one) => one.method() === 'POST'),
    drawer.getByRole('button', { name: 'Pause', exact: true }).click(),
  ]);
  expect(new URL(request.url()).pathname).toBe('/api/v1/accounts/1/pause');
  await drawer.getByRole('button', { name: 'Go on' }).click();
  await visit(page, '/accounts/7/refused');
  await page
    .getByRole('heading', { name: /^Message \d+$/ })
    .first()
    .waitFor();
  expect(await page.getByRole('button', { name: /^Download the message/ }).count()).toBe(0);
  const [again] = await Promise.all([
    page.waitForRequest((one) => one.method() === 'POST'),
    page.getByRole('button', { name: 'Try all again' }).click(),
  ]);
  expect(new URL(again.url()).pathname).toBe('/api/v1/accounts/7/refused/retry');
  await context.close();
});

test('the bar offers to try again once an address needs somebody', async () => {
  const { context, page } = await open(browser, pages.origin, {
    locale: 'en',
    login: 'team-small@example.org',
  });
  await visit(page, '/teams/1?state=across&sel=all');
  const bar = page.locator('.bulk');
  await bar.waitFor();
  expect(await bar.getByRole('button', { name: 'Try again' }).count()).toBe(0);
  await visit(page, '/teams/1?state=needs-you&sel=all');
  const [request] = await Promise.all([
    page.waitForRequest((one) => one.method() === 'POST'),
    bar.getByRole('button', { name: 'Try again' }).click(),
  ]);
  expect(new URL(request.url()).pathname).toBe('/api/v1/teams/1/retry');
  await context.close();
});
