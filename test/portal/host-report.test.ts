/** What the page Servers shows of the doctor's report of each mail host, in real Chromium on made-up data. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildUi } from '../../scripts/build-ui.mjs';
import { launchBrowser, tellOfChange, type Visit } from './browser.ts';
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

const serversPage = (as: Visit = {}) => openOperatorPage(browser, pages.origin, '/harbour/servers', as);
const shown = 'mailferry config postfix --side new --peer old.example.org --peer-address 192.0.2.7';

test('a host that is well says so and when; its commands are one step away, and copied whole', async () => {
  const { context, page } = await serversPage();
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: pages.origin });
  const report = page.getByRole('region', { name: 'What the doctor found on mx1.old.example.org' });
  await report.getByText('Looked at today, 15:28: nothing is wrong.').waitFor();
  await report.getByText('Postfix is told what it has to know').waitFor();
  const command = report.getByText(/^mailferry config postfix --side old .* --apply$/);
  // Nobody needs Dovecot to be told there: it is said, and no more.
  await report.getByText('Dovecot is not told yet').waitFor();
  expect(await report.getByText('mailferry config dovecot', { exact: true }).isVisible()).toBe(false);
  expect(await command.isVisible()).toBe(false);
  await report.getByText('Commands for Postfix').click();
  await command.waitFor();
  await report.getByRole('button', { name: 'Copy Puts it in force; then reload Postfix' }).click();
  await report.getByText('Copied.').waitFor();
  expect(await page.evaluate('navigator.clipboard.readText()')).toBe(await command.textContent());
  await report.getByText('1 thing was not looked at').click();
  await report.getByText('Clock: the edge runs within control itself').waitFor();
  await context.close();
});

test('a drift shows its commands at once, and each finding how bad it is and what to do', async () => {
  const { context, page } = await serversPage();
  const report = page.getByRole('region', { name: 'What the doctor found on mx1.new.example.org' });
  await report.getByText('Looked at today, 12:20: 4 findings.').waitFor();
  await report.getByText('Postfix was told, and has been changed since').waitFor();
  await report.getByText(shown, { exact: true }).waitFor();
  await report.getByText(`${shown} --apply`, { exact: true }).waitFor();
  const items = report.getByRole('list', { name: 'What is wrong there' }).getByRole('listitem');
  expect(await items.count()).toBe(4);
  const first = (await items.first().textContent()) ?? '';
  expect(first).toMatch(/^Trouble \(postfix-drifted\)Postfix is no longer set as .* transport_maps, /);
  expect(first).toContain('What to do: See with --apply --dry-run');
  await items.nth(2).getByText('Warning (disk-low)').waitFor();
  await items.nth(3).getByText('Note (postfix-bare-newlines)').waitFor();
  // A host without Dovecot is told nothing of it.
  expect(await report.getByText('Dovecot').count()).toBe(0);
  await context.close();
});

test('the same in German', async () => {
  const { context, page } = await serversPage({ locale: 'de' });
  const report = page.getByRole('region', { name: 'Befund zu mx1.new.example.org' });
  await report.getByText('Nachgesehen heute, 12:20: 4 Befunde.').waitFor();
  await report.getByText('Postfix war eingerichtet und wurde seither geändert').waitFor();
  await report
    .getByText(/^Störung/)
    .first()
    .waitFor();
  await report.getByText('Von hier ist old.example.org nicht zu erreichen', { exact: false }).waitFor();
  await context.close();
});

test('a change on a host is shown when it is told, without anybody asking', async () => {
  const { context, page } = await serversPage();
  await page.getByText('Looked at today, 15:28: nothing is wrong.').waitFor();
  let asked = 0;
  page.on('request', (request) => {
    if (request.url().endsWith('/api/v1/edges')) asked += 1;
  });
  // The one when the stream opened is over.
  await page.waitForTimeout(3_000);
  const before = asked;
  await tellOfChange(page);
  await expect.poll(() => asked, { timeout: 4_000 }).toBeGreaterThan(before);
  await context.close();
});
