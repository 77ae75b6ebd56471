#!/usr/bin/env node
/**
 * Makes a fresh machine ready: npm packages, Debian packages, unpacked servers. `node scripts/setup.mjs demo|test|bench`.
 * Runs on Node 20 without any npm package; does nothing, in well under a second, when all is there. What it may not
 * install itself it lists in plain words, and ends with code 2.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { debianPackages } from './debian-packages.mjs';
import { missingServers, unpackServer } from './unpack-servers.mjs';

export const projectRoot = resolve(dirname(fileURLToPath(import.meta.url)), '..');

/** Something a person must do first; `message` says what. */
export class SetupError extends Error {}

/** Everything that `purpose` needs; throws SetupError with a list of what is missing and cannot be installed from here. */
export function setup(purpose, say = (line) => process.stderr.write(`${line}\n`)) {
  ensureNpmPackages(say);
  ensureDebianPackages(debianPackages[purpose], say);
  if (purpose === 'test') ensureServers(say);
}

/** The environment for programs of node_modules: their `#!/usr/bin/env node` then finds the packaged Node 24. */
export function packagedEnvironment() {
  return { ...process.env, PATH: `${join(projectRoot, 'node_modules', '.bin')}:${process.env.PATH ?? ''}` };
}

/** The packaged Node 24, or the running one where there is no package for this machine. */
export function packagedNode() {
  const packaged = join(projectRoot, 'node_modules', '.bin', 'node');
  return existsSync(packaged) ? packaged : process.execPath;
}

function ensureNpmPackages(say) {
  if (npmPackagesFit()) return;
  say('Installing npm packages (npm ci) ...');
  const npm = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: projectRoot,
    stdio: ['ignore', 2, 2],
  });
  if (npm.status !== 0) throw new SetupError('npm ci failed; see its words above.');
}

/** Whether what is installed is what the lock file asks for. By content: a checkout changes times without meaning. */
function npmPackagesFit() {
  const installedFile = join(projectRoot, 'node_modules', '.package-lock.json');
  if (!existsSync(installedFile)) return false;
  const wanted = JSON.parse(readFileSync(join(projectRoot, 'package-lock.json'), 'utf8')).packages;
  const installed = JSON.parse(readFileSync(installedFile, 'utf8')).packages;
  return Object.entries(wanted).every(([path, { version, optional, devOptional, peer }]) => {
    if (path === '') return true;
    const found = installed[path];
    // Optional packages for other machines are not installed here.
    return found === undefined ? optional || devOptional || peer : found.version === version;
  });
}

function ensureDebianPackages(wanted, say) {
  const missing = missingPackages(wanted);
  if (missing.length === 0) return;
  const byHand =
    `These Debian packages are missing: ${missing.join(' ')}\n` +
    `Install them with:\n\n  apt-get update && apt-get install --no-install-recommends ${missing.join(' ')}\n`;
  if (!existsSync('/usr/bin/apt-get'))
    throw new SetupError(`${byHand}\n(This is not a Debian system; it was made for Debian 12.)`);
  const prefix = rootPrefix();
  if (prefix === null) throw new SetupError(`${byHand}\nas root, then run this again.`);
  say(`Installing Debian packages: ${missing.join(' ')} ...`);
  withoutStartingServices(prefix, () => {
    const install = () =>
      runAsRoot(prefix, [
        'apt-get',
        'install',
        '--yes',
        '--no-install-recommends',
        '-o',
        'Dpkg::Use-Pty=0',
        ...missing,
      ]);
    // Lists that are missing or old show themselves by a failure; updating them each time would cost seconds.
    if (install().ok) return;
    const update = runAsRoot(prefix, ['apt-get', 'update']);
    const second = install();
    if (!second.ok) throw new SetupError(`${update.ok ? '' : update.output}${second.output}\n${byHand}`);
  });
}

/** An empty list for root, sudo when it asks for no password, else null. */
function rootPrefix() {
  if (process.getuid?.() === 0) return [];
  const sudo = spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' });
  return sudo.status === 0 ? ['sudo', '-n'] : null;
}

/** Runs a command quietly; what it said is shown only when it failed. */
function runAsRoot(prefix, command) {
  const [program, ...args] = [...prefix, 'env', 'DEBIAN_FRONTEND=noninteractive', ...command];
  const result = spawnSync(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    maxBuffer: 64 << 20,
  });
  return { ok: result.status === 0, output: `${result.stdout ?? ''}${result.stderr ?? ''}` };
}

/**
 * Debian starts a service when its package is installed. We only want the programs, so for this moment a policy says
 * no, as the Debian Policy provides for (§9.3.3, policy-rc.d). A machine that has a policy of its own keeps it.
 */
function withoutStartingServices(prefix, install) {
  const policy = '/usr/sbin/policy-rc.d';
  const ours = !existsSync(policy);
  if (ours)
    runAsRoot(prefix, ['sh', '-c', `printf '#!/bin/sh\\nexit 101\\n' > ${policy} && chmod 755 ${policy}`]);
  try {
    install();
  } finally {
    if (ours) runAsRoot(prefix, ['rm', '-f', policy]);
  }
}

function missingPackages(wanted) {
  if (wanted.length === 0) return [];
  const query = spawnSync('dpkg-query', ['-W', '-f', '${Package} ${db:Status-Status}\n', ...wanted], {
    encoding: 'utf8',
  });
  const installed = new Set(
    (query.stdout ?? '')
      .split('\n')
      .filter((line) => line.endsWith(' installed'))
      .map((line) => line.split(' ')[0]),
  );
  return wanted.filter((name) => !installed.has(name));
}

function ensureServers(say) {
  for (const name of missingServers()) {
    say(`Unpacking ${name} into the lab's cache ...`);
    try {
      unpackServer(name);
    } catch (error) {
      const prefix = rootPrefix();
      if (prefix === null) {
        throw new SetupError(`${error.message}\n\nRun "apt-get update" as root, then run this again.`);
      }
      runAsRoot(prefix, ['apt-get', 'update']);
      unpackServer(name);
    }
  }
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const purpose = process.argv[2] ?? 'test';
  if (!(purpose in debianPackages)) {
    process.stderr.write(`usage: node scripts/setup.mjs ${Object.keys(debianPackages).join('|')}\n`);
    process.exit(2);
  }
  try {
    setup(purpose);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(2);
  }
}
