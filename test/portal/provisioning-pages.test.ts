/** What operators do about accounts on new and addresses on old, and owners about their password there, on made-up data. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildUi } from '../../scripts/build-ui.mjs';
import { launchBrowser, open, type Visit, visit } from './browser.ts';
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

const makingPage = (search = '', as: Visit = {}) =>
  openOperatorPage(browser, pages.origin, `/harbour/provisioning${search}`, as);

test('the test tells plainly whether it would work, and what to do where it would not', async () => {
  const { context, page, asked } = await makingPage();
  await page.getByRole('button', { name: 'Test it' }).click();
  const told = page.getByRole('alert').filter({ hasText: 'It would make no accounts now.' });
  await told.getByText('It says: sql: no edge of new has enrolled', { exact: false }).waitFor();
  await told.getByText('See whether it runs and can be reached from here', { exact: false }).waitFor();
  expect(asked.map(({ method, path }) => [method, path])).toEqual([['POST', '/api/v1/provisioning/test']]);
  await context.close();
  const well = await makingPage('', { login: 'operator-well@example.org' });
  await well.page.getByRole('button', { name: 'Test it' }).click();
  await well.page.getByText('It says: edges of new: mx1.new.example.org').waitFor();
  await well.context.close();
});

test('a dry run says what would be done for one account, and asks for nothing else', async () => {
  const { context, page, asked } = await makingPage();
  const check = page.getByRole('button', { name: 'Check it' });
  await check.click();
  await page.getByText('Please enter the address of one of your accounts.').waitFor();
  expect(asked).toEqual([]);
  const field = page.getByLabel('Address of an account');
  for (const [address, text] of [
    [
      'new@berg.example',
      'Would be done: the account is made, its quota is set and the address post@berg.example is added.',
    ],
    ['same@berg.example', 'All is so already; nothing would be done.'],
    ['refused@berg.example', 'It would not work.'],
    ['nobody@berg.example', 'There is no account nobody@berg.example.'],
  ] as const) {
    await field.fill(address);
    await check.click();
    await page.getByRole('alert').getByText(text).waitFor();
  }
  expect(asked.map(({ path }) => path)).toEqual(Array.from({ length: 4 }, () => '/api/v1/provision'));
  expect(JSON.parse(asked[0]?.body ?? '')).toEqual({ accounts: ['new@berg.example'], dryRun: true });
  await context.close();
});

test('what did not go well is listed with the answer, and tried again one by one or all at once', async () => {
  const { context, page, asked } = await makingPage();
  const row = page.getByRole('row').filter({ hasText: 'emil@berg.example' });
  await row.getByText('mailcow: domain_not_found berg.example').waitFor();
  await row.getByText('waits for somebody to act').waitFor();
  await page.getByRole('row').filter({ hasText: 'frida' }).getByText('tried 9 times').waitFor();
  await row.getByRole('button', { name: 'Try again' }).click();
  await page.getByText('0 accounts are as they should be. 1 account still is not.').waitFor();
  await page.getByRole('button', { name: 'Try all 4 again' }).click();
  await page.getByText('3 accounts are as they should be. 1 account still is not.').waitFor();
  expect(asked.map(({ body }) => JSON.parse(body ?? ''))).toEqual([
    { accounts: ['2'], dryRun: false },
    { accounts: ['1', '2', '3', '4'], dryRun: false },
  ]);
  await context.close();
});

test('the lists stand in the address, and Back goes back', async () => {
  const { context, page } = await makingPage();
  await page.getByRole('link', { name: 'Without a password (41)' }).click();
  await page
    .getByRole('row')
    .filter({ hasText: 'hanna' })
    .getByText('2 mails, the last', { exact: false })
    .waitFor();
  await page
    .getByRole('row')
    .filter({ hasText: 'jan@' })
    .getByText('nobody is written to', { exact: false })
    .waitFor();
  await page.getByRole('link', { name: 'Adopted (38)' }).click();
  await page.getByRole('columnheader', { name: 'Adopted' }).waitFor();
  expect(Object.fromEntries(new URL(page.url()).searchParams)).toEqual({
    list: 'without-password',
    found: 'adopted',
  });
  await page.goBack();
  await page.goBack();
  await page.getByRole('row').filter({ hasText: 'emil@berg.example' }).waitFor();
  await context.close();
});

test('vanished accounts raise an alarm, and a list that is not believed says so', async () => {
  const { context, page, asked } = await makingPage();
  await page.getByText('2 accounts are no longer in the list of the old server.', { exact: false }).waitFor();
  await page.getByText('It says: 412 of 5003 accounts', { exact: false }).waitFor();
  await page.getByRole('button', { name: 'Look now' }).click();
  await page.getByRole('alert').getByText('The list is not believed', { exact: false }).waitFor();
  expect(asked.map(({ path, body }) => [path, body])).toEqual([['/api/v1/discover', '{"dryRun":false}']]);
  await context.close();
});

test('a look tells what it found; a mere check says that nothing was changed', async () => {
  const { context, page, asked } = await makingPage('', { login: 'operator-well@example.org' });
  await page.getByRole('button', { name: 'Only check' }).click();
  await page
    .getByText('5,004 addresses in the list, 1 account would be adopted. Nothing was changed.')
    .waitFor();
  await page.getByText('belongs to another account already').waitFor();
  await page.getByRole('button', { name: 'Look now' }).click();
  await page.getByText('5,004 addresses in the list, 1 account adopted.').waitFor();
  expect(asked.map(({ body }) => body)).toEqual(['{"dryRun":true}', '{"dryRun":false}']);
  await context.close();
});

test('where both are off, the page says what to write down to turn them on', async () => {
  const { context, page } = await makingPage('', { login: 'operator-empty@example.org' });
  await page.getByText('[new.provisioning]', { exact: false }).waitFor();
  await page.getByText('[old.discovery]', { exact: false }).waitFor();
  expect(await page.getByRole('button', { name: /Test it|Look now/ }).count()).toBe(0);
  await context.close();
});

test('an owner whose account on new has no password gives theirs; a wrong one is told, and it stays nowhere', async () => {
  const { context, page } = await open(browser, pages.origin, {
    locale: 'de',
    login: 'password@example.org',
  });
  const bodies: string[] = [];
  page.on('request', (request) => {
    if (request.url().endsWith('/password')) bodies.push(request.postData() ?? '');
  });
  await visit(page, '/mailbox');
  const give = page.getByRole('button', { name: 'Soll auch dort gelten' });
  await give.click();
  await page.getByText('Bitte geben Sie das Passwort Ihres Postfachs ein.').waitFor();
  const field = page.getByLabel('Ihr Passwort, noch einmal');
  await field.fill('wrong');
  await give.click();
  await page.getByText('Die Adresse oder das Passwort stimmt nicht.', { exact: false }).waitFor();
  await field.fill('the password');
  await give.click();
  await page
    .getByText('In einem Augenblick gilt Ihr Passwort auch auf dem neuen Server.', { exact: false })
    .waitFor();
  expect(await field.count()).toBe(0);
  expect(bodies).toEqual(['{"password":"wrong"}', '{"password":"the password"}']);
  await page.reload();
  await page.getByText('Beide Server sind auf gleichem Stand.').first().waitFor();
  expect(await give.count()).toBe(0);
  await context.close();
});
