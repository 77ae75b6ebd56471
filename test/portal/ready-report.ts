/**
 * How long until a page can be used: `node test/portal/ready-report.ts [RUNS]`. From the request for the page until what
 * it is for stands there and the browser has drawn it; each run without a cache, made-up data behind it. Prints median
 * and slowest in milliseconds, and how much jumped meanwhile.
 */
import { launchBrowser, open } from './browser.ts';
import { servePages } from './serve-pages.ts';
import { shifts, watchShifts } from './settling.ts';

const runs = Number(process.argv[2] ?? 9);
const cases = [
  { name: 'sign-in', path: '/sign-in', login: null, shows: 'form button[type=submit]' },
  { name: 'mailbox', path: '/mailbox', login: 'copying@example.org', shows: '.crossing svg' },
  { name: 'team of 5,000', path: '/teams/1', login: 'team@example.org', shows: '[role=table]' },
] as const;
const pages = await servePages();
const browser = await launchBrowser();
for (const { name, path, login, shows } of cases) {
  const times: number[] = [];
  let most = 0;
  for (let run = 0; run < runs; run++) {
    const { context, page } = await open(browser, pages.origin, login === null ? {} : { login });
    await watchShifts(page);
    await page.goto(path, { waitUntil: 'commit' });
    await page.locator(shows).first().waitFor();
    times.push(
      await page.evaluate<number>(
        'new Promise((done) => requestAnimationFrame(() => setTimeout(() => done(performance.now()))))',
      ),
    );
    most = Math.max(most, (await shifts(page)).sum);
    await context.close();
  }
  times.sort((a, b) => a - b);
  const median = times[Math.floor(times.length / 2)] ?? 0;
  process.stdout.write(
    `${name}: median ${Math.round(median)} ms, slowest ${Math.round(times.at(-1) ?? 0)} ms, layout shift at most ${most.toFixed(4)}\n`,
  );
}
await browser.close();
await pages.close();
