import { defineConfig } from 'vitest/config';

const limits = { testTimeout: 60_000, hookTimeout: 120_000 };

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'all',
          include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'scripts/**/*.test.ts', 'ui/src/**/*.test.ts'],
          ...limits,
        },
      },
      {
        // Scenarios that open their database by scenario-database.ts have run on SQLite in the project `all`.
        test: {
          name: 'on PostgreSQL',
          include: [
            ...[
              'backup',
              'busy',
              'makers',
              'old-untouched',
              'outage',
              'pace',
              'process',
              'revoked-app-password',
              'provisioning',
              'trouble',
              'viewers',
            ].map((name) => `test/scenarios/${name}.slow.test.ts`),
            ...['simulation', 'waiting', 'hiccup', 'refused-logins'].map(
              (name) => `test/scenarios/${name}.test.ts`,
            ),
          ],
          env: { MAILFERRY_LAB_DATABASE: 'postgresql' },
          ...limits,
          // What is simulated in microtasks on SQLite asks a real server there.
          testTimeout: 240_000,
        },
      },
    ],
  },
});
