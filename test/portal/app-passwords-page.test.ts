/** An account's app passwords as operators see and end them, in real Chromium on made-up data. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildUi } from '../../scripts/build-ui.mjs';
import { launchBrowser, open, visit } from './browser.ts';
import { openOperatorPage } from './operator-page.ts';
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

const ofAccount = (login = 'operator@example.org') =>
  openOperatorPage(browser, pages.origin, '/harbour/accounts?account=7', { login });

test('it is told who made one, who used it last, and from where it is good; nothing changes before a second yes', async () => {
  const { context, page, asked, faults } = await ofAccount();
  const card = page.getByRole('region', { name: 'App passwords' });
  await card.getByRole('heading', { name: 'Old server' }).waitFor();
  const text = (await card.textContent()) ?? '';
  for (const part of ['sync1.example.org worker', '192.0.2.20/32', 'mf7k2q9xw3tz', 'Earlier ones: 2'])
    expect(text).toContain(part);

  await card.getByRole('button', { name: 'Revoke mf7k2q9xw3tz' }).click();
  await card.getByText('It is refused within seconds').waitFor();
  await page.keyboard.press('Escape');
  await card.getByRole('button', { name: 'Renew Old server' }).click();
  await card.getByText('Another one is made.').waitFor();
  expect(asked).toEqual([]);
  await card.getByRole('button', { name: 'Renew Old server' }).click();
  await expect.poll(() => asked.length).toBe(1);
  await card.getByRole('button', { name: 'Revoke mf7k2q9xw3tz' }).click();
  await card.getByRole('button', { name: 'Revoke mf7k2q9xw3tz' }).click();
  await expect.poll(() => asked.length).toBe(2);
  const path = '/api/v1/accounts/7/app-passwords';
  expect(asked).toEqual([
    { method: 'POST', path, body: '{"side":"old"}' },
    { method: 'DELETE', path: `${path}/mf7k2q9xw3tz`, body: null },
  ]);
  expect(faults).toEqual([]);
  await context.close();
});

test('where there is none one can be made, and where there can be none it is said why', async () => {
  const { context, page, asked } = await ofAccount();
  const card = page.getByRole('region', { name: 'App passwords' });
  await card.getByRole('button', { name: 'Make one New server' }).click();
  await card.getByRole('button', { name: 'Make one New server' }).click();
  await expect.poll(() => asked.map(({ body }) => body)).toEqual(['{"side":"new"}']);
  await context.close();
  const off = await ofAccount('operator-empty@example.org');
  await off.page.getByText('the configuration names no addresses of workers').waitFor();
  expect(await off.page.getByRole('button', { name: /^(Make one|Renew|Revoke)/ }).count()).toBe(0);
  await off.context.close();
});

test('who looks after a team does not see them', async () => {
  const { context, page } = await open(browser, pages.origin, {
    login: 'team-small@example.org',
    locale: 'en',
  });
  await visit(page, '/teams/1?account=7');
  await page.getByRole('dialog').getByText('Its messages are being copied.').first().waitFor();
  expect(await page.getByText('App passwords').count()).toBe(0);
  await context.close();
});

test.each([
  ['copying', 'with a password of our own that is good for nothing else'],
  ['before', 'with your provider’s own access'],
  ['switching', 'with access that your provider issues anew each time'],
  ['trouble', 'with your password; it is kept encrypted and erased at the end'],
  ['done', 'We no longer sign in to the old server'],
])('the owner of a mailbox (%s) reads what we sign in with', async (scene, words) => {
  const { context, page } = await open(browser, pages.origin, {
    login: `${scene}@example.org`,
    locale: 'en',
  });
  await visit(page, '/mailbox');
  await page.getByText(words).waitFor();
  await context.close();
});

test('where we have nothing to sign in with yet nothing is said of it', async () => {
  const { context, page } = await open(browser, pages.origin, { login: 'empty@example.org', locale: 'en' });
  await visit(page, '/mailbox');
  await page.getByRole('heading', { name: 'What stays, what changes' }).waitFor();
  expect(await page.getByText('sign in to the old server').count()).toBe(0);
  await context.close();
});
