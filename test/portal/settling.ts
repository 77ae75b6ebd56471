/** Watches what a page does before it has settled: how much of it jumps (Cumulative Layout Shift), and when it is ready. */
import type { Page } from 'playwright-core';

/** Before the page is opened. */
export async function watchShifts(page: Page): Promise<void> {
  await page.addInitScript(
    `window.shifts = [];
     new PerformanceObserver((list) => {
       for (const entry of list.getEntries())
         if (!entry.hadRecentInput)
           window.shifts.push([entry.value, entry.sources.map(({ node }) => node?.className || node?.nodeName).join(' ')]);
     }).observe({ type: 'layout-shift', buffered: true });`,
  );
}

/** The sum so far, and what moved, for messages. */
export async function shifts(page: Page): Promise<{ readonly sum: number; readonly moved: string }> {
  const found = await page.evaluate<[number, string][]>('window.shifts');
  const sum = found.reduce((all, [value]) => all + value, 0);
  return { sum, moved: found.map(([value, what]) => `${value.toFixed(4)} ${what}`).join('; ') };
}
