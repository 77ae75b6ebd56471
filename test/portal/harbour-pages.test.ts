/** What operators see on their pages, in real Chromium on made-up data: curves, load, edges, and what is new. */
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

const operatorPage = (path: string, as: Visit = {}) => openOperatorPage(browser, pages.origin, path, as);

test('the harbour draws its curves, and says beside each what it came to last', async () => {
  const { context, page, faults } = await operatorPage('/harbour');
  const curves = page.locator('.curve canvas');
  await expect.poll(() => curves.count()).toBe(7);
  const curve = (title: string) =>
    page.locator('section').filter({ has: page.getByRole('heading', { name: title, exact: true }) });
  /** How many dots of the curve at this place have the colour that its series is drawn in: an empty one has axes only. */
  const dots = (place: number, token: string) =>
    page.evaluate<number>(
      `(() => {
        const canvas = document.querySelectorAll('.curve canvas')[${place}];
        const probe = document.body.appendChild(document.createElement('span'));
        probe.style.color = 'var(${token})';
        const [r, g, b] = getComputedStyle(probe).color.match(/\\d+/g).map(Number);
        probe.remove();
        const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
        let n = 0;
        for (let i = 0; i < data.length; i += 4)
          if (data[i + 3] === 255 && data[i] === r && data[i + 1] === g && data[i + 2] === b) n++;
        return n;
      })()`,
    );
  const widths = await page.evaluate<number[]>(
    "[...document.querySelectorAll('.curve canvas')].map(({ width }) => width)",
  );
  for (const width of widths) expect(width).toBeGreaterThan(200);
  expect(await dots(1, '--accent')).toBeGreaterThan(200);
  expect(await dots(3, '--under-way')).toBeGreaterThan(200);
  expect(await dots(0, '--wave')).toBeGreaterThan(2_000);
  await curve('Messages a second')
    .getByText(/^last: [\d,]+$/)
    .waitFor();
  await curve('Connections in use').getByText('Old server 29, New server 23').waitFor();
  expect(faults).toEqual([]);
  await context.close();
});

test('the load of both servers stands against what they may, and says where it brakes', async () => {
  const { context, page } = await operatorPage('/harbour');
  const load = page.getByRole('region', { name: 'Load of both servers' });
  await load.getByText('40 of 40').waitFor();
  await load.getByText('31 of 64').waitFor();
  await load.getByText('7 waiting').waitFor();
  await load.getByText('2,310 ms').waitFor();
  expect(await load.getByText('Above 2,000 ms: first copies go slower.').count()).toBe(1);
  await load.getByRole('link', { name: 'Change the limits' }).click();
  await page.getByRole('heading', { name: 'Servers', level: 1 }).waitFor();
  await context.close();
});

test('accounts that are entered appear by themselves', async () => {
  const { context, page } = await operatorPage('/harbour/accounts');
  let entered = false;
  await context.route(/\/api\/v1\/accounts\?/, async (route) => {
    const response = await route.fetch();
    const answer = (await response.json()) as { accounts: { address: string }[] };
    const [first] = answer.accounts;
    if (entered && first !== undefined) answer.accounts.unshift({ ...first, address: 'aaron@example.org' });
    await route.fulfill({ response, json: answer });
  });
  expect(await page.getByRole('link', { name: 'aaron@example.org' }).count()).toBe(0);
  entered = true;
  await tellOfChange(page);
  await page.getByRole('link', { name: 'aaron@example.org' }).waitFor({ timeout: 15_000 });
  await context.close();
});

test('who has a second factor is told who resets it, and is offered nothing that the API refuses', async () => {
  const { context, page } = await operatorPage('/harbour/security', {
    login: 'operator-enrolled@example.org',
  });
  const main = page.getByRole('main');
  await main.getByText('Your authenticator is set up.').waitFor();
  await main.getByText(/changed by another operator, or on the command line/).waitFor();
  expect(await main.getByRole('button').count()).toBe(0);
  await context.close();
});

test('edges say how far they are and what is wrong; a code is given once, and an edge is removed after asking', async () => {
  const { context, page, asked } = await operatorPage('/harbour/servers');
  const edges = page.getByRole('region', { name: 'Edges' });
  const item = (name: string) => edges.getByRole('listitem').filter({ hasText: name }).first();
  await item('mx1.old.example.org')
    .getByText(/^All 1,412 changes in force, last seen today, 15:30/)
    .waitFor();
  await item('mx1.new.example.org').getByText('1,398 of 1,412 changes in force', { exact: false }).waitFor();
  await item('mx1.new.example.org').getByText('postmap: No space left on device').waitFor();
  await item('mx2.old.example.org').getByText('Its code is good until', { exact: false }).waitFor();
  await item('mx3.old.example.org').getByText('Its code ran out', { exact: false }).waitFor();

  const name = edges.getByLabel('Name of the mail host');
  await name.fill('two words');
  await edges.getByRole('button', { name: 'Add', exact: true }).click();
  expect(await name.getAttribute('aria-invalid')).toBe('true');
  expect(asked).toEqual([]);
  await name.fill('mx1.old.example.org');
  await edges.getByRole('button', { name: 'Add', exact: true }).click();
  await edges.getByText('There is an edge of this name already.').waitFor();
  await name.fill('mx2.new.example.org');
  await edges.getByLabel('Server', { exact: true }).selectOption('New server');
  await edges.getByRole('button', { name: 'Add', exact: true }).click();
  const once = page.getByRole('region', { name: 'Code for mx2.new.example.org' });
  await once.getByText('ABCDE-FGHJK-MNPQR-STVWX', { exact: true }).waitFor();
  await once.getByText(`mailferry edge enrol --control ${pages.origin}`, { exact: false }).waitFor();
  await once.getByRole('button', { name: 'I have it' }).click();
  await once.waitFor({ state: 'detached' });

  await edges.getByRole('button', { name: 'Remove mx1.new.example.org' }).click();
  await edges.getByText('mx1.new.example.org learns of no more changes.', { exact: false }).waitFor();
  expect(asked).toHaveLength(2);
  await edges.getByRole('button', { name: 'Remove mx1.new.example.org' }).click();
  await expect
    .poll(() => asked.map(({ method, path, body }) => `${method} ${path} ${body ?? ''}`))
    .toEqual([
      'POST /api/v1/edges {"side":"old","name":"mx1.old.example.org"}',
      'POST /api/v1/edges {"side":"new","name":"mx2.new.example.org"}',
      'DELETE /api/v1/edges/e2 ',
    ]);
  await context.close();
});
