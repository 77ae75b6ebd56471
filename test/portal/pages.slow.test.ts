/**
 * Every page in every state, in both themes and languages, on a phone and on a desktop: no violation that axe finds, no
 * sideways scrolling, no error of a script, nothing that the page's policy had to stop.
 */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildUi } from '../../scripts/build-ui.mjs';
import { launchBrowser, locales, open, type Opened, screens, visit } from './browser.ts';
import { visits } from './page-list.ts';
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

/** What the design names; the two others are looked at more closely. */
const widths = [360, 768, 1280, 1920] as const;

/**
 * What axe reads a page in: each pair of language, screen and theme stands here once. All eight took twice the time, and what
 * depends on all three at once would be a thing to see.
 */
const looks = [
  { locale: 'de', screen: 'phone', theme: 'light' },
  { locale: 'de', screen: 'desktop', theme: 'dark' },
  { locale: 'en', screen: 'phone', theme: 'dark' },
  { locale: 'en', screen: 'desktop', theme: 'light' },
] as const;

const sideways = (page: Page) =>
  page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');

describe.each(visits)('$name', ({ path, login }) => {
  const as = login === null ? {} : { login };

  test('is accessible in both themes and languages, on a phone and on a desktop', async () => {
    for (const locale of locales) {
      const { context, page, faults }: Opened = await open(browser, pages.origin, { ...as, locale });
      await visit(page, path);
      expect(await page.evaluate('document.documentElement.lang')).toBe(locale);
      for (const width of widths) {
        await page.setViewportSize({ width, height: 900 });
        expect(await sideways(page), `${width} px ${locale} scrolls sideways`).toBeLessThanOrEqual(0);
      }
      for (const { screen, theme } of looks.filter((look) => look.locale === locale)) {
        await page.setViewportSize(screens[screen]);
        await page.emulateMedia({ colorScheme: theme });
        expect(await violations(page), `${screen} ${locale} ${theme}`).toEqual([]);
      }
      expect(faults).toEqual([]);
      await context.close();
    }
  });

  test('fits at 200 % zoom of a small desktop', async () => {
    // What zoom does to a page: half the width for the same pixels.
    const { context, page } = await open(browser, pages.origin, { ...as, locale: 'de' });
    await page.setViewportSize({ width: 512, height: 384 });
    await visit(page, path);
    expect(await sideways(page)).toBeLessThanOrEqual(0);
    await context.close();
  });
});
