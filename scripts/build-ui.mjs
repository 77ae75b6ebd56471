#!/usr/bin/env node
/**
 * Builds the portal's pages from ui/ into ui/dist, unless they are there and fit the sources. By content: a checkout
 * changes times without meaning. `npm run build:ui`; tests, demo and packing call it.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packagedEnvironment, projectRoot } from './setup.mjs';

const folder = join(projectRoot, 'ui');
const stamp = join(folder, 'dist', '.built-from');

/** Whether it had to build. Throws when that failed, with the builder's words. */
export function buildUi() {
  const sources = fingerprint();
  if (isBuiltFrom(sources)) return false;
  // Two tests may find it stale at the same time: each builds beside it, and the first one's is left.
  const fresh = `${folder}/.dist-${process.pid}`;
  const vite = spawnSync('vite', ['build', 'ui', '--logLevel', 'warn', '--outDir', fresh], {
    cwd: projectRoot,
    // Started from a test it would else be `test`, for which React builds its slow, talkative kind.
    env: { ...packagedEnvironment(), NODE_ENV: 'production' },
    encoding: 'utf8',
  });
  if (vite.status !== 0) {
    rmSync(fresh, { recursive: true, force: true });
    throw new Error(`${vite.stdout ?? ''}${vite.stderr ?? vite.error?.message ?? ''}`);
  }
  writeFileSync(join(fresh, '.built-from'), sources);
  const dist = join(folder, 'dist');
  const former = `${fresh}-former`;
  if (!isBuiltFrom(sources)) {
    try {
      // Moved away whole: to empty it in its place would meet the other one's files.
      if (existsSync(dist)) renameSync(dist, former);
      renameSync(fresh, dist);
    } catch (error) {
      // The other one was first, from the same sources.
      if (!isBuiltFrom(sources)) throw error;
    }
  }
  for (const left of [former, fresh]) rmSync(left, { recursive: true, force: true });
  return true;
}

const isBuiltFrom = (sources) => existsSync(stamp) && readFileSync(stamp, 'utf8') === sources;

/** Of everything that the pages are made from; the lock file stands for the packages. */
function fingerprint() {
  const hash = createHash('sha256').update('production\0');
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/^\.?dist/.test(relative(folder, entry.parentPath)))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !file.endsWith('.test.ts'))
    .sort();
  for (const file of [...files, join(projectRoot, 'package-lock.json')])
    hash.update(relative(projectRoot, file)).update('\0').update(readFileSync(file)).update('\0');
  return hash.digest('hex');
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    process.stderr.write(buildUi() ? 'The pages were built into ui/dist.\n' : 'ui/dist is up to date.\n');
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
