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
  const named = await mailferry(['config', 'check', '--config', file, '--no-files']);
  expect([named.code, named.stdout]).toEqual([0, `${file} is right.\n`]);
  const byVariable = await mailferry(['config', 'check', '--json', '--no-files'], {
    MAILFERRY_CONFIG: file,
  });
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
  const key = join(dir, 'key');
  writeFileSync(key, `${Buffer.alloc(32, 7).toString('base64')}\n`, { mode: 0o600 });
  const password = `master_password_file = "${secret}"\n`;
  writeFileSync(file, `[secrets]\nkey_file = "${key}"\n[old]\nhost = "o"\n${password}[new]\nhost = "n"\n`);
  const environment = { MAILFERRY__NEW__MASTER_PASSWORD: 'canary-of-the-environment' };
  const ran = await mailferry(['config', 'check', '--config', file, '--json'], environment);
  expect(ran.code).toBe(0);
  expect(ran.last()).toMatchObject({ secretsGiven: ['old.master_password', 'new.master_password'] });
  expect(JSON.stringify(ran.last().warnings)).toContain('chmod 600');
  expect(ran.stdout + ran.stderr).not.toContain('canary');
});

test('every file that it names and the daemon could not use is told with line, key and what to do', async () => {
  const key = join(dir, 'open-key');
  const short = join(dir, 'short-key');
  const ca = join(dir, 'ca.pem');
  writeFileSync(key, 'x', { mode: 0o644 });
  chmodSync(key, 0o644);
  writeFileSync(short, 'x\n', { mode: 0o600 });
  writeFileSync(ca, 'no certificate\n');
  const check = async (...lines: string[]) => {
    writeFileSync(file, lines.join('\n'));
    return mailferry(['config', 'check', '--config', file, '--json']);
  };
  const none = join(dir, 'none');
  const wrong = await check(
    '[secrets]',
    `key_file = "${key}"`,
    '[control]',
    `token_file = "${short}"`,
    '[old]',
    'host = "o"',
    `ca_file = "${ca}"`,
    '[new]',
    'host = "n"',
    `ca_file = "${none}"`,
    `master_password_file = "${none}"`,
  );
  expect([wrong.code, wrong.last().code]).toEqual([2, 'configuration-invalid']);
  expect(wrong.stderr).toContain(
    `${file}:2: secrets.key_file: ${key}: its mode is 0644, it has to be 0600 (chmod 600 it)`,
  );
  expect(wrong.stderr).toContain(`${file}:7: old.ca_file: ${ca}: it holds no certificate in PEM; put the`);
  expect(wrong.stderr).toContain(`${file}:10: new.ca_file: ${none} does not exist: put the certificates`);
  expect(wrong.stderr).toContain(`${file}:11: new.master_password_file: ${none} does not exist`);
  const gone = await check('[secrets]', `key_file = "${none}"`, '[old]', 'host = "o"', '[new]', 'host = "n"');
  expect(gone.stderr).toContain(
    `${file}:2: secrets.key_file: ${none} does not exist: \`mailferry init\` makes one`,
  );
  const tooShort = await check(
    '[secrets]',
    `key_file = "${short}"`,
    '[old]',
    'host = "o"',
    '[new]',
    'host = "n"',
  );
  expect(tooShort.stderr).toContain('does not hold 32 octets in base64');
  const password = await check(
    '[old]',
    'host = "o"',
    `master_password_file = "${none}"`,
    '[new]',
    'host = "n"',
  );
  expect(password.stderr).toContain(
    `${file}:3: old.master_password_file: ${none} does not exist: write the password into it, or name another file`,
  );
  const byVariable = await mailferry(['config', 'check', '--config', file], {
    MAILFERRY__OLD__MASTER_PASSWORD_FILE: none,
  });
  expect(byVariable.stderr).toContain(
    `MAILFERRY__OLD__MASTER_PASSWORD_FILE: old.master_password_file: ${none}`,
  );
});
