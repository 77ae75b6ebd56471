/** `mailferry config` as an operator or a script calls it. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { mailferry } from './mailferry.ts';

const dir = mkdtempSync(join(tmpdir(), 'mf-config-'));
const file = join(dir, 'mailferry.toml');
afterAll(() => rmSync(dir, { recursive: true, force: true }));

test('the example that is printed is right as it is', async () => {
  const example = await mailferry(['config', 'example']);
  expect([example.code, example.stderr]).toEqual([0, '']);
  writeFileSync(file, example.stdout);
  const named = await mailferry(['config', 'check', '--config', file]);
  expect([named.code, named.stdout]).toEqual([0, `${file} is right.\n`]);
  const byVariable = await mailferry(['config', 'check', '--json'], { MAILFERRY_CONFIG: file });
  expect(byVariable.last()).toMatchObject({ type: 'configuration', file, secretsGiven: [], warnings: [] });
});

test('a wrong one ends with 2 and names every line', async () => {
  writeFileSync(file, '[old]\nhost = "o"\nprot = 1\n[new]\nhost = "n"\nport = "x"\n');
  const ran = await mailferry(['config', 'check', '--config', file, '--json']);
  expect([ran.code, ran.last().code]).toEqual([2, 'configuration-invalid']);
  expect(ran.stderr).toContain(`${file}:3: old.prot`);
  expect(ran.stderr).toContain(`${file}:6: new.port`);
});

test('one that is not there ends with 2', async () => {
  const ran = await mailferry(['config', 'check', '--config', join(dir, 'none'), '--json']);
  expect([ran.code, ran.last().code]).toEqual([2, 'configuration-missing']);
});

test('a secret is shown nowhere, and its file that everybody may read is told', async () => {
  const secret = join(dir, 'secret');
  writeFileSync(secret, 'canary-of-a-file\n');
  chmodSync(secret, 0o644);
  writeFileSync(file, `[old]\nhost = "o"\nmaster_password_file = "${secret}"\n[new]\nhost = "n"\n`);
  const environment = { MAILFERRY__NEW__MASTER_PASSWORD: 'canary-of-the-environment' };
  const ran = await mailferry(['config', 'check', '--config', file, '--json'], environment);
  expect(ran.code).toBe(0);
  expect(ran.last()).toMatchObject({ secretsGiven: ['old.master_password', 'new.master_password'] });
  expect(JSON.stringify(ran.last().warnings)).toContain('chmod 600');
  expect(ran.stdout + ran.stderr).not.toContain('canary');
});
