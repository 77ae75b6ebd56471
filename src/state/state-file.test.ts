import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FakeClock } from '../../test/fakes/fake-clock.ts';
import { migrations } from './migrate.ts';
import { schemaVersion } from './schema-version.ts';
import { openState } from './state-file.ts';
import type { StateFile } from './state-file.ts';

const pair = { from: 'imaps://anna@old.example', to: 'imaps://anna@new.example' };
const clock = new FakeClock();
const isRoot = process.getuid?.() === 0;

let directory: string;
let file: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'mailferry-state-'));
  file = join(directory, 'deep', 'er', 'state');
});

afterEach(async () => {
  await closeAll();
  rmSync(directory, { recursive: true, force: true });
});

const opened: StateFile[] = [];

async function open() {
  const state = await openState(file, { pair, clock });
  opened.push(state);
  return state;
}

async function closeAll() {
  for (const state of opened.splice(0)) await state.close();
}

/** Root may write everywhere; Debian's `nobody` may not. */
async function asNobody(work: () => Promise<void>) {
  if (!isRoot) return work();
  process.setegid?.(65_534);
  process.seteuid?.(65_534);
  try {
    await work();
  } finally {
    process.seteuid?.(0);
    process.setegid?.(0);
  }
}

const chunk = (n: number, sizeBytes: number) => ({
  mailboxId: 1,
  generation: 1,
  chunk: n,
  body: new Uint8Array(sizeBytes).fill(n),
});

test('makes the directory and the file for their owner alone', async () => {
  await open();
  expect(statSync(join(directory, 'deep')).mode & 0o777).toBe(0o700);
  expect(statSync(join(directory, 'deep', 'er')).mode & 0o777).toBe(0o700);
  for (const name of [file, `${file}-wal`, `${file}-shm`, `${file}.lock`, `${file}.holder`]) {
    expect(statSync(name).mode & 0o777).toBe(0o600);
  }
});

test('knows as many migrations as it says without loading them', () => {
  expect(Object.keys(migrations)).toHaveLength(schemaVersion);
});

test('says in the first line of each migration whether the previous release can still work', () => {
  for (const name of Object.keys(migrations)) {
    const source = readFileSync(new URL(`./migrations/${name}.ts`, import.meta.url), 'utf8');
    expect(source).toMatch(/^\/\/ (compatible|breaking): ./);
  }
});

test('opens and loads within 30 ms once the schema is there', async () => {
  await (await open()).close();
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 5; i++) {
    const start = performance.now();
    const state = await openState(file, { pair, clock });
    await state.load();
    best = Math.min(best, performance.now() - start);
    await state.close();
  }
  expect(best).toBeLessThan(30);
});

test('does not load the query builder when the schema is up to date', async () => {
  await (await open()).close();
  const index = new URL('./index.ts', import.meta.url).href;
  const script = `
    const { registerHooks } = await import('node:module');
    const loaded = [];
    registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
    const { openState } = await import(${JSON.stringify(index)});
    const clock = { now: () => 0, monotonic: () => 0, sleep: async () => {} };
    const state = await openState(${JSON.stringify(file)}, { pair: ${JSON.stringify(pair)}, clock });
    await state.load();
    await state.close();
    console.log(loaded.filter((url) => url.includes('kysely')).length);`;
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  expect(output.trim()).toBe('0');
});

describe('a state file of another pair', () => {
  test.each([
    { from: pair.from, to: 'imaps://bert@new.example' },
    { from: 'imaps://bert@old.example', to: pair.to },
    { from: pair.to, to: pair.from },
  ])('is refused for %o, saying whose it is', async (other) => {
    await (await open()).close();
    const opening = openState(file, { pair: other, clock });
    await expect(opening).rejects.toMatchObject({ code: 'state-foreign' });
    await expect(opening).rejects.toThrow(`belongs to ${pair.from} -> ${pair.to}`);
    await open();
  });

  test('of a newer release is refused', async () => {
    await (await open()).close();
    const database = new DatabaseSync(file);
    database.exec('pragma user_version = 999');
    database.close();
    await expect(openState(file, { pair, clock })).rejects.toThrow('newer release');
  });
});

describe('a damaged file', () => {
  const damaged = { code: 'state-damaged' };

  test('is refused when it is no database at all', async () => {
    await (await open()).close();
    writeFileSync(file, 'From anna@old.example\n'.repeat(500));
    await expect(openState(file, { pair, clock })).rejects.toMatchObject(damaged);
  });

  test('is refused, and left alone, when it is the database of another program', async () => {
    await (await open()).close();
    rmSync(file);
    const database = new DatabaseSync(file);
    database.exec('create table address (name text)');
    database.close();
    const before = readFileSync(file);
    await expect(openState(file, { pair, clock })).rejects.toMatchObject(damaged);
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  test('is found at the first query when its pages are overwritten', async () => {
    const state = await open();
    await state.record({ step: 'fill', chunks: Array.from({ length: 50 }, (_, i) => chunk(i, 4000)) });
    await state.close();
    const bytes = readFileSync(file);
    bytes.fill(0x5a, 4096);
    writeFileSync(file, bytes);
    const used = async () => {
      const again = await openState(file, { pair, clock });
      try {
        await again.load();
        await again.chunks(1, 1);
      } finally {
        await again.close();
      }
    };
    await expect(used()).rejects.toMatchObject(damaged);
  });

  test('is found when it was cut short', async () => {
    const state = await open();
    await state.record({ step: 'fill', chunks: [chunk(1, 200_000)] });
    await state.close();
    writeFileSync(file, readFileSync(file).subarray(0, 100_000));
    const used = async () => {
      const again = await openState(file, { pair, clock });
      try {
        await again.chunks(1, 1);
      } finally {
        await again.close();
      }
    };
    await expect(used()).rejects.toMatchObject(damaged);
  });

  test('is found when a row holds what was never written', async () => {
    const state = await open();
    await state.record({ step: 'fill', notes: { a: '1' } });
    await state.close();
    const database = new DatabaseSync(file);
    database.exec("insert into intent values (1, 1, 'dance', 1, 1, 1, '[]')");
    database.close();
    await expect((await open()).load()).rejects.toMatchObject(damaged);
  });
});

describe('a place that cannot be written', () => {
  test('is refused when a file stands where the directory should be', async () => {
    writeFileSync(join(directory, 'deep'), '');
    await expect(openState(file, { pair, clock })).rejects.toMatchObject({ code: 'state-unwritable' });
  });

  test('is refused when the state file is a directory', async () => {
    await expect(openState(directory, { pair, clock })).rejects.toMatchObject({ code: 'state-unwritable' });
  });

  const unwritable = { code: 'state-unwritable' };

  test('is refused when the directory is closed to us', async () => {
    chmodSync(directory, 0o500);
    await asNobody(() => expect(openState(file, { pair, clock })).rejects.toMatchObject(unwritable));
  });

  test('is refused when the state file may only be read', async () => {
    chmodSync(directory, 0o777);
    file = join(directory, 'state');
    await asNobody(async () => {
      await (await open()).close();
      chmodSync(file, 0o400);
      await expect(openState(file, { pair, clock })).rejects.toMatchObject(unwritable);
      chmodSync(file, 0o600);
      await (await open()).close();
    });
  });

  test('goes on being written where the rights are taken away in mid-run', async () => {
    chmodSync(directory, 0o777);
    file = join(directory, 'state');
    await asNobody(async () => {
      const state = await open();
      await state.record({ step: 'fill', notes: { a: '1' } });
      chmodSync(file, 0o400);
      await state.record({ step: 'fill', notes: { a: '2' } });
      expect((await state.load()).notes).toEqual({ a: '2' });
      await state.close();
      await expect(openState(file, { pair, clock })).rejects.toMatchObject(unwritable);
      chmodSync(file, 0o600);
      const after = await open();
      expect((await after.load()).notes).toEqual({ a: '2' });
      await after.close();
    });
  });
});

describe.skipIf(!isRoot)('a full disk (needs root for a tmpfs)', () => {
  beforeEach(() => {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m,mode=700', 'mailferry', directory]);
  });
  afterEach(async () => {
    await closeAll();
    execFileSync('umount', [directory]);
  });

  test('at the first opening is said, and space makes it well', async () => {
    writeFileSync(join(directory, 'ballast'), Buffer.alloc(2_080_000));
    await expect(openState(file, { pair, clock })).rejects.toMatchObject({ code: 'state-full' });
    rmSync(join(directory, 'ballast'));
    await open();
  });

  test('refuses a step whole, and takes the next one once there is space', async () => {
    const state = await open();
    await state.record({ step: 'first', notes: { n: '1' }, chunks: [chunk(1, 1000)] });
    writeFileSync(join(directory, 'ballast'), Buffer.alloc(1_600_000));
    const large = Array.from({ length: 40 }, (_, i) => chunk(i + 1, 30_000));
    const step = { step: 'large', notes: { n: '2' }, chunks: large };
    await expect(state.record(step)).rejects.toMatchObject({ code: 'state-full' });
    expect((await state.load()).notes).toEqual({ n: '1' });
    expect(await state.chunks(1, 1)).toHaveLength(1);

    rmSync(join(directory, 'ballast'));
    await state.record({ ...step, chunks: large.slice(0, 10) });
    expect((await state.load()).notes).toEqual({ n: '2' });
    await state.close();
    expect(await (await open()).chunks(1, 1)).toHaveLength(10);
  });
});

describe('one run at a time', () => {
  test('refuses a second one in the same process, and says who holds the file', async () => {
    const first = await open();
    const second = openState(file, { pair, clock });
    await expect(second).rejects.toMatchObject({ code: 'state-busy' });
    await expect(second).rejects.toThrow(`process ${process.pid} on`);
    await first.record({ step: 'still mine', notes: { a: '1' } });
    await first.close();
    expect((await (await open()).load()).notes).toEqual({ a: '1' });
  });

  test('frees the file when opening fails', async () => {
    await (await open()).close();
    const other = { from: 'x', to: 'y' };
    await expect(openState(file, { pair: other, clock })).rejects.toMatchObject({ code: 'state-foreign' });
    await open();
  });

  test('refuses questions after close, which may be repeated', async () => {
    const state = await open();
    await state.close();
    await state.close();
    await expect(state.load()).rejects.toMatchObject({ code: 'internal' });
    await expect(state.record({ step: 'late' })).rejects.toMatchObject({ code: 'internal' });
  });
});
