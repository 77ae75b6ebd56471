import { expect, test } from 'vitest';
import { architectureFaults, fileLengths } from './check-architecture.ts';
import { listedRfcs, rfcNumbers } from './check-rfc-refs.ts';

const faults = (path: string, text: string) =>
  architectureFaults([{ path, text }]).map(({ line, what }) => `${line} ${what}`);

test('catches an import that the table forbids, and says where the code belongs', () => {
  const [fault] = faults('wire/imap/parser.ts', "/** x */\nimport { dial } from '../../net/dial.ts';\n");
  expect(fault).toMatch(/^2 imports net\/dial\.ts, which wire may not\. .*net\/ and remote\//);
  expect(faults('sync/apply.ts', "import { x } from '../remote/imap/store.ts';")).toHaveLength(1);
  expect(faults('sync/apply.ts', "import { x } from '../state/ledger.ts';")).toHaveLength(1);
  expect(faults('base/bytes.ts', "import { x } from '../domain/x.ts';")).toHaveLength(1);
  expect(faults('commands/copy.ts', "import { x } from '../services/worker.ts';")).toHaveLength(1);
  expect(faults('commands/copy.ts', "import { x } from '../sync/apply.ts';")).toHaveLength(1);
  expect(faults('sync/apply.ts', "export * from '../remote/imap/store.ts';")).toHaveLength(1);
  expect(faults('sync/apply.ts', "const x = await import('../remote/imap/store.ts');")).toHaveLength(1);
});

test('lets pass what the table allows', () => {
  expect(
    faults(
      'wire/imap/parser.ts',
      "import { x } from '../../base/bytes.ts';\nimport { y } from '../sasl/plain.ts';",
    ),
  ).toEqual([]);
  expect(
    faults('sync/apply.ts', "import { x } from './reconcile/plan.ts';\nimport { y } from 'node:crypto';"),
  ).toEqual([]);
  expect(
    faults('commands/copy.ts', "import { x } from '../sync/index.ts';\nimport { Command } from 'commander';"),
  ).toEqual([]);
  expect(faults('main.ts', "import { x } from './services/index.ts';")).toEqual([]);
  expect(faults('wire/x.test.ts', "import { test } from 'vitest';")).toEqual([]);
  expect(
    faults('wire/x.ts', "// import { x } from '../net/x.ts';\n/* Date.now() */\nexport const x = 1;"),
  ).toEqual([]);
});

test('knows imports of types from imports of values', () => {
  expect(
    faults('remote/imap/store.ts', "import type { MailStore } from '../../sync/mail-store.ts';"),
  ).toEqual([]);
  expect(
    faults('remote/imap/store.ts', "import { type MailStore } from '../../sync/mail-store.ts';"),
  ).toEqual([]);
  expect(faults('remote/imap/store.ts', "import { type A, b } from '../../sync/mail-store.ts';")[0]).toMatch(
    /only its types/,
  );
});

test('keeps pure folders pure', () => {
  expect(faults('domain/phase.ts', "import { readFileSync } from 'node:fs';")).toHaveLength(1);
  expect(faults('wire/imap/x.ts', "import { z } from 'zod';")).toHaveLength(1);
  expect(faults('sync/reconcile/plan.ts', "import { createHash } from 'node:crypto';")).toHaveLength(1);
  expect(faults('sync/reconcile/plan.ts', "import { apply } from '../apply.ts';")).toHaveLength(1);
});

test('finds clock, environment, default exports and empty names', () => {
  expect(faults('sync/a.ts', 'const x = 1;\nconst now = Date.now();\nconst d = new Date();')).toHaveLength(2);
  expect(faults('base/clock.ts', 'export const now = () => Date.now();')).toEqual([]);
  expect(faults('sync/a.ts', 'const d = new Date(0);')).toEqual([]);
  expect(faults('sync/a.ts', "const x = process.env['X'];")).toHaveLength(1);
  expect(faults('sync/a.ts', 'export default 1;')).toHaveLength(1);
  for (const name of ['utils.ts', 'string-utils.ts', 'connection-manager.ts', 'helper.ts']) {
    expect(faults(`sync/${name}`, ''), name).toHaveLength(1);
  }
  expect(faults('elsewhere/a.ts', '')).toHaveLength(1);
});

test('sees through other ways to write the same', () => {
  expect(faults('sync/a.ts', "import { connect } from 'node:net';")).toHaveLength(1);
  expect(faults('remote/a.ts', "import { DatabaseSync } from 'node:sqlite';")).toHaveLength(1);
  expect(faults('sync/a.ts', "const a = 1; import { x } from '../net/dial.ts';")).toHaveLength(1);
  expect(faults('sync/a.ts', 'const x = await import(`../net/dial.ts`);')).toHaveLength(1);
  expect(faults('sync/a.ts', 'const x = await import(name);')).toHaveLength(1);
  expect(faults('sync/a.ts', "import { createRequire } from 'node:module';").length).toBeGreaterThan(0);
  expect(faults('sync/a.ts', "const n = process.getBuiltinModule('node:net');")).toHaveLength(1);
  expect(faults('wire/a.ts', 'setTimeout(() => {}, 1);')).toHaveLength(1);
  expect(faults('domain/a.ts', "await fetch('https://x');")).toHaveLength(1);
  expect(faults('sync/a.ts', 'const { env } = process;')).toHaveLength(1);
  expect(faults('domain/a.ts', 'const now = new Date;')).toHaveLength(1);
  expect(faults('domain/a.ts', 'const x = Math.random();')).toHaveLength(1);
});

test('measures files', () => {
  const files = [1, 2, 3, 4, 100].map((lines, i) => ({ path: `base/${i}.ts`, text: '\n'.repeat(lines) }));
  expect(fileLengths(files)).toEqual({ median: 3, ninetieth: 100 });
});

test('reads RFC numbers from code and from the table', () => {
  expect([...rfcNumbers('see RFC 9051 §6.4.8 and RFC 3501, not rfc9051')]).toEqual([9051, 3501]);
  expect([...listedRfcs('| RFC | title |\n| RFC 9051 | IMAP4rev2, see RFC 3501 | Yes |\n')]).toEqual([9051]);
});
