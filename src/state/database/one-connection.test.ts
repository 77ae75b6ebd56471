import { expect, test } from 'vitest';
import { OneConnection } from './one-connection.ts';

test('serves one at a time, in the order of asking', async () => {
  const connection = new OneConnection(() => 0);
  const served: number[] = [];
  let inUse = 0;
  await Promise.all(
    Array.from({ length: 3_000 }, async (_, i) => {
      await connection.acquire();
      expect(++inUse).toBe(1);
      served.push(i);
      await Promise.resolve();
      inUse--;
      connection.release();
    }),
  );
  expect(served).toEqual(Array.from({ length: 3_000 }, (_, i) => i));
});

test('a turn of the event loop comes in between when answers take long', async () => {
  let now = 0;
  const connection = new OneConnection(() => now);
  let servedBefore = -1;
  let served = 0;
  setImmediate(() => {
    servedBefore = served;
  });
  await Promise.all(
    Array.from({ length: 100 }, async () => {
      await connection.acquire();
      now += 1;
      served++;
      connection.release();
    }),
  );
  expect(servedBefore).toBeGreaterThan(0);
  expect(servedBefore).toBeLessThan(20);
  expect(served).toBe(100);
});

test('who waits costs nothing while others are served', async () => {
  const wakings = { count: 0 };
  const connection = new OneConnection(() => 0);
  await connection.acquire();
  const all = Array.from({ length: 1_000 }, () =>
    connection.acquire().then(() => {
      wakings.count++;
    }),
  );
  connection.release();
  await new Promise((resolve) => setImmediate(resolve));
  expect(wakings.count).toBe(1);
  for (let i = 0; i < 999; i++) {
    connection.release();
    await Promise.resolve();
  }
  await Promise.all(all);
  expect(wakings.count).toBe(1_000);
});

test('what is urgent is served before all who wait, and waits for who has begun', async () => {
  const connection = new OneConnection(() => 0);
  const served: string[] = [];
  const use = async (name: string, urgent: boolean) => {
    await connection.acquire(urgent);
    served.push(name);
    await Promise.resolve();
    connection.release();
  };
  await Promise.all([
    use('first', false),
    use('second', false),
    use('third', false),
    use('lease', true),
    use('other lease', true),
  ]);
  expect(served).toEqual(['first', 'lease', 'other lease', 'second', 'third']);
});
