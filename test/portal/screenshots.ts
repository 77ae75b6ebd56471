/**
 * Pictures of the pages, for people to look at: `node test/portal/screenshots.ts FOLDER [PATTERN]`. Each page in two
 * themes and sizes, in German on the phone and English on the desktop.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { launchBrowser, open, screens, themes, visit } from './browser.ts';
import { visits } from './page-list.ts';
import { servePages } from './serve-pages.ts';

const [folder = '/tmp/portal-pictures', pattern = ''] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const pages = await servePages();
const browser = await launchBrowser();
for (const { name, path, login } of visits) {
  for (const screen of ['phone', 'desktop'] as const satisfies (keyof typeof screens)[]) {
    for (const theme of themes) {
      const file = `${name}-${screen}-${theme}`;
      if (!file.includes(pattern)) continue;
      const locale = screen === 'phone' ? 'de' : 'en';
      const { context, page, faults } = await open(browser, pages.origin, {
        theme,
        screen,
        locale,
        ...(login === null ? {} : { login }),
      });
      await visit(page, path);
      await page.screenshot({ path: join(folder, `${file}.png`), fullPage: true });
      for (const fault of faults) process.stdout.write(`${file}: ${fault}\n`);
      await context.close();
    }
  }
}
await browser.close();
await pages.close();
