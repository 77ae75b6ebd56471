import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { demoScreen } from '../lab/demo-screen.ts';
import { runDemo } from '../lab/demo.ts';
import { otherNode } from './other-node.ts';

const root = resolve(import.meta.dirname, '../..');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
const directory = mkdtempSync(join(tmpdir(), 'mf-package-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

test('the packed tarball installs, starts whatever Node the machine has, and moves mail', {
  timeout: 300_000,
}, async () => {
  const npm = (...args: string[]) =>
    execFileSync('npm', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  const packed = npm('pack', '--pack-destination', directory).trim().split('\n').at(-1) ?? '';

  const names = execFileSync('tar', ['-tzf', join(directory, packed)], { encoding: 'utf8' }).split('\n');
  expect(names).toContain('package/dist/main.js');
  expect(names).toContain('package/ui/dist/index.html');
  expect(names.filter((name) => /\.test\.|^package\/(src|test|scripts)\//.test(name))).toEqual([]);

  const prefix = join(directory, 'prefix');
  npm(
    'install',
    '--global',
    '--prefix',
    prefix,
    '--prefer-offline',
    '--no-audit',
    '--no-fund',
    join(directory, packed),
  );
  const nodes = [process.execPath, otherNode(() => true)].filter((node) => node !== null);
  for (const node of nodes) {
    const PATH = [dirname(node), '/usr/bin', '/bin'].join(delimiter);
    const output = execFileSync(join(prefix, 'bin/mailferry'), ['--version'], {
      env: { ...process.env, PATH },
      encoding: 'utf8',
    });
    expect(output).toBe(`${version}\n`);
  }

  // Real servers, real accounts; the judge's client compares both sides afterwards.
  const said = new PassThrough();
  const good = await runDemo({
    screen: demoScreen('json', said),
    scale: 0.05,
    mailferry: [join(prefix, 'bin/mailferry')],
  });
  const lines = String(said.read())
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const copied = lines.filter(({ type }) => type === 'account').map(({ messages }) => Number(messages));
  expect(Math.min(...copied)).toBeGreaterThan(0);
  expect([good, lines.filter(({ type }) => type === 'second-run')]).toMatchObject([true, [{ copied: 0 }]]);
});
