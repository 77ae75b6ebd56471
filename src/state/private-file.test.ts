import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

test('a directory that nobody can make is an error at once, not a search without end', () => {
  // In a process of its own: what never ends and never waits could not be stopped from within.
  const module = JSON.stringify(new URL('private-file.ts', import.meta.url).href);
  const script = `import { makeDirectoryPrivately } from ${module};
    try { makeDirectoryPrivately('/proc/mailferry/copy'); } catch (error) { console.log(error.code); }`;
  const { stdout, signal } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
    timeout: 20_000,
  });
  expect({ signal, stdout }).toEqual({ signal: null, stdout: 'ENOENT\n' });
});
