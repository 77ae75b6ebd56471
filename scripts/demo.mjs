#!/usr/bin/env node
/**
 * `npm run demo`: sets up a fresh machine and shows a whole migration between two real servers (test/lab/demo.ts), then
 * serves the portal until Ctrl-C. Ends by itself without a terminal or with `-- --once`; `-- --stay` stays without one;
 * `-- --json` prints JSON for scripts, `-- --scale 0.1` takes a tenth of the mail. Runs on Node 20 without npm packages; what it starts runs on the packaged Node.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { buildUi } from './build-ui.mjs';
import { packagedEnvironment, packagedNode, projectRoot, SetupError, setup } from './setup.mjs';

try {
  setup('demo');
  buildUi();
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(2);
}
const demo = spawn(packagedNode(), [join(projectRoot, 'test/lab/demo.ts'), ...process.argv.slice(2)], {
  cwd: projectRoot,
  env: packagedEnvironment(),
  stdio: 'inherit',
});
// It stops what it started, and only then do we end. Ctrl-C reaches it without us too; twice is harmless.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => demo.kill(signal));
demo.on('exit', (code, signal) => {
  process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 1);
});
