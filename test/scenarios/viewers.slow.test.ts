/** Five hundred people look at once: each hears of what happens, soon, and a stream costs little. */
import { type ClientRequest, request } from 'node:http';
import { expect, test } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { addAccount, changePhase } from '../../src/state/database/accounts.ts';
import { startControlFor } from '../contracts/control-env.ts';
import { openScenarioDatabase } from './scenario-database.ts';

const viewers = 500;

test('an event reaches five hundred viewers within two seconds', { timeout: 120_000 }, async () => {
  const database = await openScenarioDatabase();
  const control = await startControlFor(database);
  const open: ClientRequest[] = [];
  try {
    const anna = { address: 'anna@example.org', oldLogin: 'anna', newLogin: 'anna' };
    const accountId = await addAccount(database.db, anna, 'test', systemClock.now());
    const cookie = await control.logIn('anna@example.org', 'right');
    const before = process.memoryUsage().rss;
    const heard = new Set<number>();
    const connect = (n: number) =>
      new Promise<void>((resolve, reject) => {
        const headers = { cookie, 'sec-fetch-site': 'same-origin' };
        const asked = request(`${control.url}/api/v1/events`, { headers, agent: false }, (response) => {
          response.on('data', (chunk: Buffer) => {
            if (chunk.toString().includes('account.phase')) heard.add(n);
          });
          response.on('error', () => {});
          if (response.statusCode === 200) resolve();
          else reject(new Error(`viewer ${n} got ${response.statusCode}`));
        });
        asked.on('error', reject);
        asked.end();
        open.push(asked);
      });
    for (let n = 0; n < viewers; n++) await connect(n);
    // Both ends are in this process: a control alone needs half of it.
    const perViewerKb = (process.memoryUsage().rss - before) / viewers / 1024;
    const startedAt = performance.now();
    await changePhase(database.db, { accountId, event: 'start', actor: 'test' });
    while (heard.size < viewers) {
      if (performance.now() - startedAt > 2_000) break;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(heard.size).toBe(viewers);
    expect(perViewerKb).toBeLessThan(200);
    process.stdout.write(`viewers: ${Math.round(perViewerKb)} KB each, both ends\n`);
  } finally {
    for (const one of open) one.destroy();
    await control.close();
    await database.close();
  }
});
