import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { otherNode } from './other-node.ts';

const root = resolve(import.meta.dirname, '../..');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
const directory = mkdtempSync(join(tmpdir(), 'mf-package-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

test('the packed tarball installs and starts, whatever Node the machine has', { timeout: 300_000 }, () => {
  const npm = (...args: string[]) =>
    execFileSync('npm', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  const packed = npm('pack', '--pack-destination', directory).trim().split('\n').at(-1) ?? '';

  const names = execFileSync('tar', ['-tzf', join(directory, packed)], { encoding: 'utf8' }).split('\n');
  expect(names).toContain('package/dist/main.js');
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
});
