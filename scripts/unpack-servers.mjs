#!/usr/bin/env node
/**
 * Downloads Cyrus and Courier as Debian packages and unpacks them into the lab's cache (see debian-packages.mjs).
 * Needs apt and its package lists, but no root. Does nothing when they are there. Runs on Node 20 without npm packages.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { unpackedServers } from './debian-packages.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');

export function labCacheDirectory() {
  return process.env.MAILFERRY_LAB_CACHE ?? join(root, '.lab');
}

/** Names of the servers that are not unpacked yet. */
export function missingServers() {
  return Object.keys(unpackedServers).filter(
    (name) => !existsSync(join(labCacheDirectory(), name, 'unpacked')),
  );
}

/** Unpacks one server; throws with apt's words when that fails. */
export function unpackServer(name) {
  const { packages, withoutLibraries } = unpackedServers[name];
  const cache = labCacheDirectory();
  mkdirSync(cache, { recursive: true });
  const target = join(cache, name);
  // Made aside and renamed at the end: an interrupted download leaves nothing that looks whole.
  const aside = mkdtempSync(`${target}-`);
  try {
    const libraries = missingPackagesFor(packages[0]).filter(
      (one) => one.startsWith('lib') && !withoutLibraries.test(one),
    );
    const debs = join(aside, 'debs');
    mkdirSync(debs);
    run('apt-get', ['download', ...new Set([...packages, ...libraries])], debs);
    for (const deb of readdirSync(debs)) run('dpkg', ['-x', join(debs, deb), aside], aside);
    rmSync(debs, { recursive: true });
    writeFileSync(join(aside, 'unpacked'), `${[...packages, ...libraries].join('\n')}\n`);
    rmSync(target, { recursive: true, force: true });
    renameSync(aside, target);
  } catch (error) {
    rmSync(aside, { recursive: true, force: true });
    if (!existsSync(join(target, 'unpacked'))) throw error;
  }
}

/** What apt would install with `name` that is not installed: a simulation, which needs no root and changes nothing. */
function missingPackagesFor(name) {
  const plan = run('apt-get', ['--simulate', '--no-install-recommends', 'install', name], root);
  // "Inst name [old version] (new version)" is an upgrade of what is installed: that one serves as it is.
  return [...plan.matchAll(/^Inst (\S+) \(/gm)].map(([, one]) => one);
}

function run(command, args, cwd) {
  try {
    return execFileSync(command, args, {
      cwd,
      encoding: 'utf8',
      env: { ...process.env, LC_ALL: 'C' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  } catch (error) {
    throw new Error(`${command} ${args.join(' ')}: ${error.stderr || error.message}`, { cause: error });
  }
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  for (const name of missingServers()) unpackServer(name);
}
