/** The line by which pages hear of changes: also in browsers that lack what Chromium has, and when it breaks at once. */
import type { Browser, BrowserContext, Page } from 'playwright-core';
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

/** What Safari has not (a walk over streams in any version; the other one before 17.4), nor Firefox before 124. */
async function asSafari(context: BrowserContext): Promise<void> {
  await context.addInitScript(
    `delete ReadableStream.prototype[Symbol.asyncIterator];
     delete ReadableStream.prototype.values;
     delete AbortSignal.any;`,
  );
}

function asksForEvents(page: Page): () => number {
  let n = 0;
  page.on('request', (request) => {
    if (new URL(request.url()).pathname === '/api/v1/events') n++;
  });
  return () => n;
}

test('a browser whose streams cannot be walked over hears of a change on its one connection', async () => {
  const as = { login: 'copying@example.org', locale: 'en' } as const;
  const [looking, acting] = await Promise.all([
    open(browser, pages.origin, as),
    open(browser, pages.origin, as),
  ]);
  await asSafari(looking.context);
  const asked = asksForEvents(looking.page);
  await visit(looking.page, '/mailbox');
  expect(await looking.page.evaluate('Symbol.asyncIterator in ReadableStream.prototype')).toBe(false);
  await visit(acting.page, '/mailbox');
  // Longer than the first waits before a line is opened anew.
  await looking.page.waitForTimeout(3_500);
  expect(asked()).toBe(1);
  await acting.page.getByRole('button', { name: 'Pause' }).click();
  await looking.page.getByRole('button', { name: 'Go on' }).waitFor({ timeout: 5_000 });
  expect(asked()).toBe(1);
  expect(looking.faults).toEqual([]);
  await Promise.all([looking.context.close(), acting.context.close()]);
});

test('a line that opens and ends at once is asked for ever more rarely', async () => {
  const { context, page } = await open(browser, pages.origin, { login: 'in-step@example.org', locale: 'en' });
  await context.route('**/api/v1/events*', (route) =>
    route.fulfill({ status: 200, contentType: 'text/event-stream', body: 'retry: 1000\n\n' }),
  );
  const asked = asksForEvents(page);
  await visit(page, '/mailbox');
  await page.waitForTimeout(5_500);
  // At once, after one second, after three more; each second would be six.
  expect(asked()).toBeGreaterThanOrEqual(2);
  expect(asked()).toBeLessThanOrEqual(3);
  await context.close();
});
