#!/usr/bin/env node
/**
 * Compiles src/ to dist/ for the published package: Node strips types from no file below node_modules. In a checkout
 * nothing needs it. npm runs it before packing.
 */
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { packagedEnvironment, projectRoot } from './setup.mjs';

rmSync(join(projectRoot, 'dist'), { recursive: true, force: true });
const tsc = spawnSync('tsc', ['-p', 'tsconfig.build.json'], {
  cwd: projectRoot,
  env: packagedEnvironment(),
  // What npm pack prints to stdout is the tarball's name, and scripts read it.
  stdio: ['ignore', 2, 2],
});
process.exitCode = tsc.status ?? 1;
