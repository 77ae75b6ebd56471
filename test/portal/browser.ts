/** Debian's Chromium, driven from tests. Each visit is a profile of its own: no cookie, no storage of another. */
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

export const themes = ['light', 'dark'] as const;
export const locales = ['de', 'en'] as const;
export const screens = {
  phone: { width: 360, height: 740 },
  desktop: { width: 1280, height: 900 },
} as const;

export interface Visit {
  readonly theme?: (typeof themes)[number];
  readonly locale?: (typeof locales)[number];
  readonly screen?: keyof typeof screens;
  /** Without it people ask for little motion, and pictures are the same each time. */
  readonly motion?: boolean;
  /** Signed in to the made-up data as this. */
  readonly login?: string;
}

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
}

/** A page, and what went wrong on it: errors of scripts, and violations of the page's policy. */
export interface Opened {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly faults: string[];
}

export async function open(browser: Browser, origin: string, as: Visit): Promise<Opened> {
  const context = await browser.newContext({
    baseURL: origin,
    viewport: screens[as.screen ?? 'desktop'],
    colorScheme: as.theme ?? 'light',
    locale: as.locale === 'de' ? 'de-DE' : 'en-GB',
    timezoneId: 'Europe/Berlin',
    reducedMotion: as.motion === true ? 'no-preference' : 'reduce',
  });
  if (as.login !== undefined) {
    await context.addCookies([
      { name: 'mailferry-fixture', value: encodeURIComponent(as.login), url: origin },
    ]);
  }
  const page = await context.newPage();
  await page.clock.setFixedTime(new Date('2026-11-24T14:30:00Z'));
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    // An answer of the API that is an error is no fault of the page.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      faults.push(message.text());
  });
  return { context, page, faults };
}

/** Goes to `path` and waits until what it shows has come. */
export async function visit(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await page.locator('h1').first().waitFor();
  await page.locator('[aria-busy=true]').first().waitFor({ state: 'detached' });
  // As text: the tests' types know no browser.
  await page.evaluate('document.fonts.ready.then(() => true)');
}

/** What the API tells all who listen: a change that is none, as somebody else would make one. */
export async function tellOfChange(page: Page): Promise<void> {
  await page.evaluate("fetch('/api/v1/nothing', { method: 'POST' })");
}
