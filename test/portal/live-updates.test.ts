/** The line by which pages hear of changes: also in browsers that lack what Chromium has, and when it breaks at once. */
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildUi } from '../../scripts/build-ui.mjs';
import { launchBrowser, open, tellOfChange, visit } from './browser.ts';
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
  await page.addInitScript('Math.random = () => 0.5');
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

test('who lost the line comes back at a moment of their own', async () => {
  const { context, page } = await open(browser, pages.origin, { login: 'in-step@example.org', locale: 'en' });
  // All who watch are thrown out together; this one drew the longest lot.
  await page.addInitScript('Math.random = () => 0.99');
  await context.route('**/api/v1/events*', (route) =>
    route.fulfill({ status: 200, contentType: 'text/event-stream', body: 'retry: 1000\n\n' }),
  );
  const at: number[] = [];
  page.on('request', (request) => {
    if (new URL(request.url()).pathname === '/api/v1/events') at.push(performance.now());
  });
  await visit(page, '/mailbox');
  await expect.poll(() => at.length, { timeout: 10_000 }).toBe(2);
  expect((at[1] ?? 0) - (at[0] ?? 0)).toBeGreaterThan(1_350);
  await context.close();
});

/** As another tab in front of it does. */
const seen = (page: Page, yes: boolean) =>
  page.evaluate(
    `Object.defineProperties(document, {
       hidden: { configurable: true, value: ${!yes} },
       visibilityState: { configurable: true, value: '${yes ? 'visible' : 'hidden'}' },
     });
     document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))`,
  );

test('a tab that nobody sees holds no connection, and shows what is new when it is seen again', async () => {
  const as = { login: 'copying@example.org', locale: 'en' } as const;
  const [looking, acting] = await Promise.all([
    open(browser, pages.origin, as),
    open(browser, pages.origin, as),
  ]);
  const asked = asksForEvents(looking.page);
  await visit(looking.page, '/mailbox');
  await visit(acting.page, '/mailbox');
  await expect.poll(asked).toBe(1);
  const ended = looking.page.waitForEvent('requestfailed', {
    predicate: (request) => new URL(request.url()).pathname === '/api/v1/events',
    timeout: 5_000,
  });
  await seen(looking.page, false);
  await ended;
  const step = acting.page.getByRole('button', { name: /^(Pause|Go on)$/ });
  const after = (await step.textContent()) === 'Pause' ? 'Go on' : 'Pause';
  await step.click();
  await acting.page.getByRole('button', { name: after }).waitFor();
  // Longer than it takes to come back by itself.
  await looking.page.waitForTimeout(2_000);
  expect(asked()).toBe(1);
  await seen(looking.page, true);
  await looking.page.getByRole('button', { name: after }).waitFor({ timeout: 5_000 });
  await expect.poll(asked).toBe(2);
  expect(looking.faults).toEqual([]);
  await Promise.all([looking.context.close(), acting.context.close()]);
});

test.each([
  ['seen as one quiet pulse', true, 'pulse'],
  ['no motion for who wants none', false, 'none'],
] as const)('a message that comes across while in step is %s', async (_name, motion, animation) => {
  const { context, page } = await open(browser, pages.origin, {
    login: 'in-step@example.org',
    locale: 'en',
    motion,
  });
  let more = 0;
  await context.route(/\/crossing$/, async (route) => {
    const response = await route.fetch();
    const crossing = (await response.json()) as { done: { messages: number } };
    crossing.done.messages += more - 5;
    await route.fulfill({ response, json: crossing });
  });
  await visit(page, '/mailbox');
  const pulse = page.locator('.crossing .pulse');
  expect(await pulse.count()).toBe(0);
  more = 1;
  await tellOfChange(page);
  await pulse.waitFor({ state: 'attached', timeout: 10_000 });
  expect(
    await page.evaluate("getComputedStyle(document.querySelector('.crossing .pulse')).animationName"),
  ).toBe(animation);
  await context.close();
});

test('a screen reader hears each tenth that is across, and not each message', async () => {
  const { context, page } = await open(browser, pages.origin, { login: 'copying@example.org', locale: 'en' });
  let messages = 650;
  await context.route(/\/crossing$/, async (route) => {
    const response = await route.fetch();
    const crossing = (await response.json()) as { old: object; done: object };
    Object.assign(crossing.old, { messages: 1_000 });
    Object.assign(crossing.done, { messages });
    await route.fulfill({ response, json: crossing });
  });
  await visit(page, '/mailbox');
  await page.evaluate(
    `window.said = [];
     new MutationObserver(() => window.said.push(document.querySelector('.card [aria-live]').textContent))
       .observe(document.querySelector('.card [aria-live]'), { childList: true, characterData: true, subtree: true });`,
  );
  // The last is what stood there when the page was opened.
  for (messages of [660, 690, 710, 715, 805, 655]) {
    await tellOfChange(page);
    await page.getByText(`${messages} of 1,000 messages are across.`).waitFor({ timeout: 10_000 });
  }
  await expect
    .poll(() => page.evaluate('window.said'))
    .toEqual(['70% are across.', '80% are across.', '60% are across.']);
  await context.close();
});
