/** What operators do on their pages, in real Chromium on made-up data: what is asked of the API, and when. */
import jsqr from 'jsqr';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildUi } from '../../scripts/build-ui.mjs';
import { launchBrowser, type Visit } from './browser.ts';
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
const focused = (page: Page) => page.evaluate<string>('document.activeElement?.dataset?.day ?? ""');

test('a slider that is turned by keys asks once, when it rests; one that a pointer lets go of, at once', async () => {
  const { context, page, asked } = await operatorPage('/harbour/servers');
  const card = page.locator('section').filter({ has: page.getByRole('heading', { name: 'Old server' }) });
  const slider = card.getByRole('slider', { name: 'Connections' });
  await slider.focus();
  for (let n = 0; n < 5; n++) await page.keyboard.press('ArrowRight');
  expect(asked).toEqual([]);
  await card.getByText('In force.').waitFor();
  // From 8 on: 12, 16, 24, 32, 48.
  expect(asked.map(({ body }) => body)).toEqual(['{"connections":48}']);
  await expect.poll(() => slider.getAttribute('aria-valuetext')).toBe('48');

  // Whoever goes on by Tab has done so.
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('Tab');
  await expect.poll(() => asked.length, { timeout: 400 }).toBe(2);

  const thumb = await card
    .getByRole('slider', { name: 'Messages a second' })
    .locator('xpath=../..')
    .boundingBox();
  if (thumb === null) throw new Error('there is no thumb');
  const [x, y] = [thumb.x + thumb.width / 2, thumb.y + thumb.height / 2];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x - 60, y, { steps: 6 });
  expect(asked).toHaveLength(2);
  await page.mouse.up();
  await expect.poll(() => asked.length, { timeout: 400 }).toBe(3);
  expect(asked[2]?.body).toMatch(/^\{"messagesPerSecond":\d+\}$/);
  await context.close();
});

test('not all is shown as across while somebody is not counted', async () => {
  const { context, page } = await operatorPage('/harbour', { login: 'operator-long@example.org' });
  const picture = page.locator('.team-picture');
  await picture.getByText('230 accounts not counted yet').waitFor();
  // All that was counted is across; nobody says so of the whole.
  expect(await picture.getByText('100% across').count()).toBe(0);
  await picture.getByText('100% of what is counted').waitFor();
  await context.close();
});

test('while there is no account the harbour leads to the set-up, once', async () => {
  const { context, page } = await operatorPage('/harbour', { login: 'operator-empty@example.org' });
  await page.getByRole('heading', { name: 'Set-up', level: 1 }).waitFor();
  await page.getByRole('link', { name: 'Harbour' }).last().click();
  await page.getByText('There are no accounts yet.').waitFor();
  await page.getByRole('link', { name: 'Set everything up' }).waitFor();
  await context.close();
});

test('a server whose certificate nobody vouches for is told with what to write down', async () => {
  const { context, page } = await operatorPage('/harbour/setup');
  const form = page.locator('form').filter({ has: page.getByRole('heading', { name: 'New server' }) });
  // As it is configured.
  expect(await form.getByLabel('Host name').inputValue()).toBe('imap.new.example.org');
  await form.getByRole('button', { name: 'Try it' }).click();
  await form.getByText('It is its own issuer, so nobody vouches for it.').waitFor();
  const text = (await form.textContent()) ?? '';
  expect(text).toContain('A3:B4:A3:B4');
  expect(text).toContain(`[new]\ntls_fingerprints = ["sha256:${'a3b4'.repeat(16)}"]`);
  expect(text).toContain('[new]\nca_file = ');
  await form.getByLabel('Host name').fill('nowhere.test');
  await form.getByRole('button', { name: 'Try it' }).click();
  await form.getByText('There is no such host name.').waitFor();
  await context.close();
});

test('a list is checked first, told by line where it is wrong, and entered by a second step', async () => {
  const { context, page, asked } = await operatorPage('/harbour/setup?step=accounts');
  const list = (text: string) => ({ name: 'list.txt', mimeType: 'text/plain', buffer: Buffer.from(text) });
  const file = page.getByLabel('Choose a CSV file');
  await file.setInputFiles(list('address\nwrong\n'));
  await page.getByText('2 things are wrong with the list').waitFor();
  expect(await page.getByRole('row').nth(1).textContent()).toMatch(/3.*address.*is not a mail address/);
  await file.setInputFiles(list('address\nanna@example.org\n'));
  await page.getByRole('button', { name: 'Enter 242 accounts' }).click();
  await page.getByText('Entered: 240 accounts new, 2 changed.').waitFor();
  expect(asked.map(({ path }) => path)).toEqual([
    '/api/v1/accounts/import?dryRun=true',
    '/api/v1/accounts/import?dryRun=true',
    '/api/v1/accounts/import',
  ]);
  await context.close();
});

test('the calendar is one stop, arrows go through it, and a day is the address', async () => {
  const { context, page, faults } = await operatorPage('/harbour/waves');
  const grid = page.getByRole('grid');
  expect(await grid.getByRole('button', { name: /^27 November 2026: 2 waves, 271 accounts/ }).count()).toBe(
    1,
  );
  expect(await grid.locator('[tabindex="0"]').count()).toBe(1);
  // Today, in Berlin's time.
  await grid.locator('[aria-current=date]').focus();
  expect(await focused(page)).toBe('2026-11-24');
  for (const [key, day] of [
    ['ArrowRight', '2026-11-25'],
    ['End', '2026-11-29'],
    ['ArrowDown', '2026-12-06'],
    ['PageUp', '2026-11-06'],
    ['Home', '2026-11-02'],
    ['ArrowUp', '2026-10-26'],
  ] as const) {
    await page.keyboard.press(key);
    await expect.poll(() => focused(page), { message: key }).toBe(day);
  }
  await page.goto('/harbour/waves');
  await grid.getByRole('button', { name: /^27 November/ }).press('Enter');
  await page.waitForURL('**/waves?*day=2026-11-27*');
  await expect.poll(() => page.getByRole('listitem').filter({ hasText: 'Freitag' }).count()).toBe(2);
  expect(await page.getByText('Erste Probe').count()).toBe(0);
  await page.goBack();
  await page.getByRole('heading', { name: 'Erste Probe' }).waitFor();
  expect(faults).toEqual([]);
  await context.close();
});

test('on a phone the waves stand under their days', async () => {
  const { context, page } = await operatorPage('/harbour/waves', { screen: 'phone' });
  await page.getByRole('heading', { name: '27 November 2026' }).waitFor();
  expect(await page.getByRole('grid').count()).toBe(0);
  await context.close();
});

test('the audit log says in words what was before, and its rows are short on a phone', async () => {
  const { context, page } = await operatorPage('/harbour/audit', { screen: 'phone' });
  const rows = page.getByRole('row');
  const first = rows.filter({ hasText: 'Budget' }).first();
  expect(await first.textContent()).toContain('connections: as configured became  → 24');
  await rows.filter({ hasText: 'Copying' }).first().getByText('In step').waitFor();
  const heights = await page.evaluate<number[]>(
    '[...document.querySelectorAll(".audit tbody tr")].map((row) => row.getBoundingClientRect().height)',
  );
  expect(heights.length).toBeGreaterThan(10);
  expect(Math.max(...heights)).toBeLessThan(150);
  await context.close();
});

test('the picture of the second factor is read by a scanner, and the key is beside it', async () => {
  const { context, page } = await operatorPage('/harbour/security', { theme: 'dark' });
  await page.getByRole('button', { name: 'Set up an authenticator' }).click();
  const picture = page.getByRole('img', { name: /^QR code/ });
  await picture.waitFor();
  const scale = 4;
  // Drawn once more from the same shapes: a canvas gives its dots away.
  const { size, dots } = await page.evaluate<{ size: number; dots: number[] }>(`(() => {
    const svg = document.querySelector('svg.qr');
    const size = svg.viewBox.baseVal.width * ${scale};
    const canvas = Object.assign(document.createElement('canvas'), { width: size, height: size });
    const context = canvas.getContext('2d');
    context.scale(${scale}, ${scale});
    context.fillStyle = getComputedStyle(svg.querySelector('rect')).fill;
    context.fillRect(0, 0, size, size);
    context.fillStyle = getComputedStyle(svg.querySelector('path')).fill;
    context.fill(new Path2D(svg.querySelector('path').getAttribute('d')));
    return { size, dots: [...context.getImageData(0, 0, size, size).data] };
  })()`);
  const read = jsqr.default(Uint8ClampedArray.from(dots), size, size);
  expect(read?.data).toBe(await page.getByRole('link', { name: /authenticator/ }).getAttribute('href'));
  await page.getByText('JBSW Y3DP EHPK 3PXP').waitFor();
  await context.close();
});

test('a token is made for what was chosen, shown once, and copied by a button', async () => {
  const { context, page, asked } = await operatorPage('/harbour/settings?part=tokens');
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: pages.origin });
  await page.getByRole('button', { name: 'Make it' }).click();
  expect(asked).toEqual([]);
  await page.getByLabel('Name').fill('panel 2');
  await page.getByLabel(/^start, pause and go on/).check();
  await page.getByLabel('Runs out').selectOption('in 30 days');
  await page.getByRole('button', { name: 'Make it' }).click();
  const once = page.getByRole('region', { name: 'Token panel 2' });
  await once.waitFor();
  expect(JSON.parse(asked[0]?.body ?? '{}')).toEqual({
    name: 'panel 2',
    scopes: ['accounts:read', 'sync:write'],
    expiresAt: '2026-12-24T14:30:00.000Z',
  });
  await once.getByRole('button', { name: 'Copy' }).click();
  await once.getByText('Copied.').waitFor();
  expect(await page.evaluate('navigator.clipboard.readText()')).toBe(
    await once.locator('code').textContent(),
  );
  await once.getByRole('button', { name: 'I have it' }).click();
  await once.waitFor({ state: 'detached' });
  await context.close();
});

test('what cannot be undone is asked about first, by keyboard too', async () => {
  const { context, page, asked } = await operatorPage('/harbour/settings');
  const remove = page.getByRole('button', { name: 'Remove bert' });
  await remove.focus();
  await page.keyboard.press('Enter');
  await page.getByText('bert is signed out everywhere and is no operator any more.').waitFor();
  await page.keyboard.press('Escape');
  expect(await page.evaluate('document.activeElement.textContent')).toBe('Remove bert');
  expect(asked).toEqual([]);
  await page.keyboard.press('Enter');
  await page.keyboard.press('Enter');
  await expect.poll(() => asked).toMatchObject([{ method: 'DELETE', path: '/api/v1/operators/bert' }]);
  // A password that nobody chose, and not the same twice.
  for (const name of ['bert', 'carla@example.org']) {
    await page.getByRole('button', { name: `New password ${name}` }).click();
    await page.getByRole('button', { name: `New password ${name}` }).click();
    await page
      .getByRole('region', { name: `New password of ${name}` })
      .getByRole('button', { name: 'I have it' })
      .click();
  }
  const passwords = asked
    .slice(1)
    .map(({ body }) => (JSON.parse(body ?? '{}') as { password: string }).password);
  expect(passwords.map((text) => /^[a-z2-9]{24}$/.test(text))).toEqual([true, true]);
  expect(new Set(passwords).size).toBe(2);
  await context.close();
});

test('a webhook shows what came of its calls, is tested, and gets another secret', async () => {
  const { context, page, asked } = await operatorPage('/harbour/settings?part=webhooks&hook=h1');
  const hook = page.getByRole('listitem').filter({ hasText: 'panel.example.org' });
  await hook.getByRole('row').filter({ hasText: '503' }).getByText('3 tries').waitFor();
  await hook.getByRole('row').filter({ hasText: '410' }).getByText('given up').waitFor();
  await hook.getByRole('button', { name: 'Send a test' }).click();
  await page.getByText('The test is on its way.').waitFor();
  await hook.getByRole('button', { name: 'New secret' }).click();
  await hook.getByRole('button', { name: 'New secret' }).click();
  await page.getByRole('region', { name: 'https://panel.example.org/told' }).waitFor();
  const off = page.getByRole('listitem').filter({ hasText: '192.0.2.7' });
  expect(await off.getByRole('button', { name: 'Send a test' }).isDisabled()).toBe(true);
  await off.getByRole('button', { name: 'Switch on' }).click();
  await expect
    .poll(() =>
      asked.map(
        ({ method, path, body }) => `${method} ${path.replace('/api/v1/webhooks', '')} ${body ?? ''}`,
      ),
    )
    .toEqual(['POST /h1/test ', 'POST /h1/secret ', 'PATCH /h2 {"on":true}']);
  await page.getByLabel('Address').fill('https://anna:secret@example.org/');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  expect(await page.getByLabel('Address').getAttribute('aria-invalid')).toBe('true');
  expect(asked).toHaveLength(3);
  await context.close();
});

test('a domain leads to its accounts, and the filter is taken away there', async () => {
  const { context, page } = await operatorPage('/harbour/domains');
  await page
    .getByRole('listitem')
    .filter({ hasText: 'berg.example' })
    .getByRole('link', { name: 'Copying: 120' })
    .click();
  await page.waitForURL('**/accounts?*');
  expect(Object.fromEntries(new URL(page.url()).searchParams)).toEqual({
    domain: 'berg.example',
    phase: 'copying',
  });
  await page.getByRole('button', { name: /^Domain: berg\.example/ }).click();
  await expect.poll(() => new URL(page.url()).searchParams.has('domain')).toBe(false);
  await context.close();
});

test('accounts are selected, and what is done with them is asked of exactly these; the address keeps them', async () => {
  const { context, page, asked } = await operatorPage('/harbour/accounts');
  await page.getByRole('checkbox', { name: 'Select anna.berg@example.org' }).check();
  await page.getByRole('checkbox', { name: 'Select clara.berg@example.org' }).check();
  const bar = page.getByRole('region', { name: 'What to do with the selected accounts' });
  await bar.getByText('2 accounts selected').waitFor();
  await page.reload();
  await bar.getByText('2 accounts selected').waitFor();
  for (const name of ['Start', 'Pause', 'Go on', 'Try again']) {
    await bar.getByRole('button', { name, exact: true }).click();
    await bar.getByText(/^Done for/).waitFor();
  }
  expect(asked.map(({ path, body }) => [path, body])).toEqual(
    ['start', 'pause', 'resume', 'retry'].map((step) => [`/api/v1/sync/${step}`, '{"accounts":["1","3"]}']),
  );
  await bar.getByRole('button', { name: 'Clear selection' }).click();
  await bar.waitFor({ state: 'detached' });
  await context.close();
});

test('deletions are carried out only after a dialog that says for how many accounts', async () => {
  const { context, page, asked } = await operatorPage('/harbour/accounts');
  const bar = page.getByRole('region', { name: 'What to do with the selected accounts' });
  await page.getByRole('checkbox', { name: 'Select anna.berg@example.org' }).check();
  await bar.waitFor();
  // Nothing of it was stopped: there is nothing to confirm.
  expect(await bar.getByRole('button', { name: 'Confirm deletions …' }).count()).toBe(0);
  await page.getByRole('checkbox', { name: 'Select all that are shown' }).check();
  await bar.getByRole('button', { name: 'Confirm deletions …' }).click();
  const dialog = page.getByRole('alertdialog');
  await dialog.getByText(/^In \d+ accounts? unusually many messages/).waitFor();
  expect(asked.map(({ body }) => JSON.parse(body ?? '') as unknown)).toMatchObject([{ dryRun: true }]);
  await dialog.getByRole('button', { name: 'Delete nothing' }).click();
  await dialog.waitFor({ state: 'detached' });
  expect(asked).toHaveLength(1);
  await bar.getByRole('button', { name: 'Confirm deletions …' }).click();
  await dialog.getByRole('button', { name: /^Delete in/ }).click();
  await dialog.waitFor({ state: 'detached' });
  const last = JSON.parse(asked.at(-1)?.body ?? '') as Record<string, unknown>;
  expect(last).toMatchObject({ confirmDeletions: true });
  expect(last['dryRun']).toBeUndefined();
  await context.close();
});

test('trouble by kind leads to the accounts with it, and refused mail to a list that can be tried again', async () => {
  const { context, page, asked } = await operatorPage('/harbour');
  const row = page.getByRole('listitem').filter({ hasText: 'Password not accepted' });
  const [request] = await Promise.all([
    page.waitForRequest((one) => new URL(one.url()).pathname === '/api/v1/accounts'),
    row.getByRole('link', { name: 'Show 14 accounts' }).click(),
  ]);
  expect(new URL(request.url()).searchParams.get('troubleClass')).toBe('wrong-password');
  await page.goBack();
  await page.getByRole('link', { name: 'Which and why' }).click();
  await page.getByRole('heading', { name: 'Messages not moved' }).waitFor();
  await page.getByText('NO [TOOBIG] message exceeds the limit').waitFor();
  await page.getByRole('button', { name: 'Try all again' }).click();
  expect(asked).toEqual([]);
  await page.getByText('212 messages will be fetched', { exact: false }).waitFor();
  await page.getByRole('button', { name: 'Try all again' }).click();
  await page.getByText(/^They are tried again in/).waitFor();
  expect(asked.map(({ path, body }) => [path, body])).toEqual([['/api/v1/refused/retry', '{"all":true}']]);
  await context.close();
});
