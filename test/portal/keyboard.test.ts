/** One person's way through the portal without a mouse, and what reads it out. In real Chromium, on made-up data. */
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

/** Presses Tab until what has the focus bears `name`; fails after a page's worth of stops. */
async function tabTo(page: Page, name: string | RegExp): Promise<void> {
  for (let presses = 0; presses < 40; presses += 1) {
    await page.keyboard.press('Tab');
    const text = await page.evaluate<string>(
      '(document.activeElement?.labels?.[0]?.textContent ?? document.activeElement?.textContent ?? "").trim()',
    );
    if (typeof name === 'string' ? text === name : name.test(text)) return;
  }
  throw new Error(`no Tab leads to ${name}`);
}

test('a person signs in, starts, pauses and goes on with the keyboard alone', async () => {
  const { context, page, faults } = await open(browser, pages.origin, { locale: 'de' });
  await visit(page, '/mailbox');
  expect(new URL(page.url()).pathname).toBe('/sign-in');
  await tabTo(page, 'E-Mail-Adresse');
  await page.keyboard.type('before@example.org');
  await tabTo(page, 'Passwort');
  await page.keyboard.type('secret');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Mein Postfach' }).waitFor();
  await tabTo(page, /^Jetzt umziehen/);
  await page.keyboard.press('ArrowDown');
  await tabTo(page, 'Kopieren beginnen');
  await page.keyboard.press('Enter');
  await page.getByText('Ihre Nachrichten werden kopiert.', { exact: true }).first().waitFor();
  await tabTo(page, 'Anhalten');
  await page.keyboard.press('Enter');
  await page.getByText('Angehalten. Alles bleibt erhalten.', { exact: true }).first().waitFor();
  await tabTo(page, 'Weitermachen');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Anhalten' }).waitFor();
  // What changed was said to who does not see it.
  expect(await page.locator('[aria-live=polite]').first().textContent()).toMatch(/drüben|kopiert/);
  expect(faults).toEqual([]);
  await context.close();
});

test('a wrong password is said once, calmly, and what was typed stays', async () => {
  const { context, page } = await open(browser, pages.origin, { locale: 'en' });
  await visit(page, '/sign-in');
  await page.getByLabel('E-mail address').fill('anna@example.org');
  await page.getByLabel('Password', { exact: true }).fill('wrong');
  await page.getByRole('button', { name: 'Sign in' }).click();
  const alert = page.getByRole('alert');
  await alert.waitFor();
  expect(await alert.textContent()).toBe(
    'The address or the password is not right. Please look at both once more.',
  );
  expect(await page.getByLabel('E-mail address').inputValue()).toBe('anna@example.org');
  await context.close();
});

test('an old server that does not answer is not called a wrong password', async () => {
  const { context, page } = await open(browser, pages.origin, { locale: 'de' });
  await visit(page, '/sign-in');
  await page.getByLabel('E-Mail-Adresse').fill('unreachable@example.org');
  await page.getByLabel('Passwort', { exact: true }).fill('right');
  await page.getByRole('button', { name: 'Anmelden' }).click();
  const alert = page.getByRole('alert');
  await alert.waitFor();
  expect(await alert.textContent()).toContain('Ihr Mailserver antwortet gerade nicht');
  expect(await alert.textContent()).not.toContain('Passwort stimmt');
  await context.close();
});

test('markup, turned lines and control characters of strangers do nothing', async () => {
  const { context, page, faults } = await open(browser, pages.origin, {
    locale: 'en',
    login: 'long@example.org',
  });
  await visit(page, '/mailbox');
  expect(await page.title()).toBe('My mailbox – Mailferry');
  const text = (await page.locator('main').textContent()) ?? '';
  expect(text).toContain('<script>document.title="owned"</script>');
  expect(text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u202a-\u202e\u2066-\u2069]/);
  expect(await page.locator('main img[src], main script').count()).toBe(0);
  expect(faults).toEqual([]);
  await context.close();
});

test('whoever comes from a link is led back to it after signing in, but never to another site', async () => {
  const { context, page } = await open(browser, pages.origin, { locale: 'en' });
  const signIn = async () => {
    await page.getByLabel('E-mail address').fill('trouble@example.org');
    await page.getByLabel('Password', { exact: true }).fill('secret');
    await page.getByRole('button', { name: 'Sign in' }).click();
  };
  await visit(page, '/mailbox/refused');
  await signIn();
  await page.getByRole('heading', { name: 'Messages that could not be moved' }).waitFor();
  await context.clearCookies();
  await visit(page, '/sign-in?next=//example.net/');
  await signIn();
  await page.getByRole('heading', { name: 'My mailbox' }).waitFor();
  expect(page.url().startsWith(pages.origin)).toBe(true);
  await context.close();
});
