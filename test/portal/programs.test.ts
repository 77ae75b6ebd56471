/** The new server's settings in real Chromium: what is copied, and what the code holds, by an independent reader. */
import jsqr from 'jsqr';
import type { Browser, Page } from 'playwright-core';
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

/** What a camera would see of the code; null where it reads nothing. */
async function readCode(page: Page): Promise<string | null> {
  const picture = await page.getByRole('img', { name: /^QR code/ }).screenshot();
  // The page's own policy lets in no picture of ours.
  const blank = await page.context().newPage();
  const { width, height, data } = await blank.evaluate<{ width: number; height: number; data: number[] }>(
    `new Promise((resolve) => {
      const image = new Image();
      image.onload = () => {
        const canvas = document.createElement('canvas');
        canvas.width = image.width;
        canvas.height = image.height;
        const context = canvas.getContext('2d');
        context.drawImage(image, 0, 0);
        const { width, height, data } = context.getImageData(0, 0, image.width, image.height);
        resolve({ width, height, data: [...data] });
      };
      image.src = 'data:image/png;base64,${picture.toString('base64')}';
    })`,
  );
  await blank.close();
  const read = (jsqr as unknown as typeof jsqr.default)(new Uint8ClampedArray(data), width, height);
  return read?.data ?? null;
}

test.each(['light', 'dark'] as const)('in %s the code is read as the address of this page', async (theme) => {
  const { context, page, faults } = await open(browser, pages.origin, {
    locale: 'en',
    theme,
    login: 'in-step@example.org',
  });
  await visit(page, '/mailbox/programs');
  expect(await readCode(page)).toBe(`${pages.origin}/mailbox/programs`);
  expect(faults).toEqual([]);
  await context.close();
});

test('each value is copied by itself, and the button says that it was', async () => {
  const { context, page } = await open(browser, pages.origin, { locale: 'en', login: 'in-step@example.org' });
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await visit(page, '/mailbox/programs');
  for (const [name, value] of [
    ['Outgoing mail (SMTP), Server', 'smtp.mail.example.org'],
    ['Outgoing mail (SMTP), Port', '587'],
    ['Incoming mail (IMAP), User name', 'in-step@example.org'],
  ] as const) {
    await page.getByRole('button', { name: `Copy: ${name}` }).click();
    await page.getByRole('button', { name: `Copied: ${name}` }).waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(value);
  }
  await context.close();
});

test('where the browser gives no clipboard the button says so', async () => {
  const { context, page } = await open(browser, pages.origin, { locale: 'en', login: 'in-step@example.org' });
  await page.addInitScript("Object.defineProperty(navigator, 'clipboard', { value: undefined })");
  await visit(page, '/mailbox/programs');
  await page.getByRole('button', { name: 'Copy: Incoming mail (IMAP), Port' }).click();
  await page.getByRole('button', { name: 'Please copy it by hand: Incoming mail (IMAP), Port' }).waitFor();
  await context.close();
});

test('a mailbox leads there once it is in step, and warns while both servers are in use', async () => {
  const link = 'Show the settings';
  const warning = 'Both servers are in use';
  for (const [scene, shown, warned] of [
    ['copying', false, false],
    ['in-step', true, true],
    ['switched', true, false],
  ] as const) {
    const { context, page } = await open(browser, pages.origin, {
      locale: 'en',
      login: `${scene}@example.org`,
    });
    await visit(page, '/mailbox');
    expect(await page.getByRole('link', { name: link }).count(), scene).toBe(shown ? 1 : 0);
    if (shown) {
      await page.getByRole('link', { name: link }).click();
      await page.getByRole('heading', { name: 'Outgoing mail (SMTP)' }).waitFor();
      expect(await page.getByText(warning).count(), scene).toBe(warned ? 1 : 0);
    }
    await context.close();
  }
});

test.each([
  ['before', 'stays'],
  ['planned', 'stays'],
  // Paused before it began: nothing is on the new server.
  ['held', 'stays'],
  ['copying', 'both'],
  ['paused', 'both'],
  ['in-step', 'both'],
  ['switched', 'stays'],
  ['done', 'stays'],
] as const)('%s: My mailbox says plainly what holds now', async (scene, says) => {
  const { context, page } = await open(browser, pages.origin, {
    locale: 'en',
    login: `${scene}@example.org`,
  });
  await visit(page, '/mailbox');
  const count = (name: string) => page.getByRole('heading', { name, exact: true }).count();
  expect({
    both: await count('While both are in use'),
    stays: await count('What stays, what changes'),
  }).toEqual({ both: says === 'both' ? 1 : 0, stays: says === 'stays' ? 1 : 0 });
  if (says === 'both') {
    await page.getByText('never delete it on the server', { exact: false }).first().waitFor();
    // How soon new mail follows depends on the server, and on whether it is paused: the sentence above says it.
    expect(await page.getByText(/a moment later/).count()).toBe(0);
  } else
    expect(
      await page.getByRole('listitem').filter({ hasText: 'Nothing is deleted on the old server.' }).count(),
    ).toBe(1);
  await context.close();
});
