#!/usr/bin/env node
/**
 * Completes package-lock.json after a change of dependencies: `npm install && node scripts/complete-lock.mjs`.
 * npm leaves out optional packages that its registry does not serve (a mirror often holds those of one platform only),
 * and then `npm ci` refuses the lock file everywhere. Each is entered with its version and the platform that its name
 * tells; npm skips it where that does not fit, and where it fits loads it.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from './setup.mjs';

const systems = [
  'aix',
  'android',
  'darwin',
  'freebsd',
  'linux',
  'netbsd',
  'openbsd',
  'openharmony',
  'sunos',
  'win32',
];
const processors = [
  'arm64',
  'arm',
  'ia32',
  'loong64',
  'mips64el',
  'ppc64',
  'riscv64',
  's390x',
  'wasm32',
  'x64',
];

const file = join(projectRoot, 'package-lock.json');
const lock = JSON.parse(readFileSync(file, 'utf8'));
let added = 0;
for (const entry of Object.values(lock.packages)) {
  for (const [name, range] of Object.entries(entry.optionalDependencies ?? {})) {
    const path = `node_modules/${name}`;
    if (
      lock.packages[path] !== undefined ||
      Object.keys(lock.packages).some((one) => one.endsWith(`/${path}`))
    )
      continue;
    const parts = name.split(/[^a-z0-9]+/);
    const os = systems.filter((one) => parts.includes(one));
    const cpu = processors.filter((one) => parts.includes(one));
    // A package for no one platform, or a range instead of a version, is no case for guessing.
    if ((os.length === 0 && cpu.length === 0) || !/^\d+\.\d+\.\d+/.test(range)) {
      process.stderr.write(`left out: ${name} ${range}\n`);
      continue;
    }
    lock.packages[path] = {
      version: range,
      ...(cpu.length === 0 ? {} : { cpu }),
      ...(entry.dev ? { dev: true } : {}),
      optional: true,
      ...(os.length === 0 ? {} : { os }),
    };
    added += 1;
  }
}
const sorted = Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1));
lock.packages = Object.fromEntries(sorted);
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
process.stdout.write(`${added} packages entered\n`);
