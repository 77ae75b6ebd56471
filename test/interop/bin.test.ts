import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { otherNode } from './other-node.ts';

const root = resolve(import.meta.dirname, '../..');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
const older = otherNode((major, minor) => major >= 20 && (major < 24 || (major === 24 && minor < 15)));
const nodes = [process.execPath, ...(older === null ? [] : [older])];
/** A checkout with our bin and a main.ts that shows what reaches it. */
let checkout = '';

beforeAll(() => {
  checkout = mkdtempSync(join(tmpdir(), 'mf-bin-'));
  cpSync(join(root, 'bin'), join(checkout, 'bin'), { recursive: true });
  mkdirSync(join(checkout, 'src'));
  writeFileSync(join(checkout, 'package.json'), '{"type":"module"}');
  symlinkSync(join(root, 'node_modules'), join(checkout, 'node_modules'));
  writeFileSync(
    join(checkout, 'src/main.ts'),
    `const [kind, value]: string[] = process.argv.slice(2);
if (kind === 'exit') process.exit(Number(value));
if (kind === 'die') process.kill(process.pid, value);
if (kind === 'echo') process.stdin.pipe(process.stdout);
if (kind === 'watchdog') console.log(['undefined', String(process.pid)].includes(String(process.env.WATCHDOG_PID)));
if (kind === 'lifeline') {
  process.once('SIGTERM', () => { console.log('SIGTERM'); process.exit(4); });
  setTimeout(() => undefined, 20_000);
  console.log('ready ' + process.pid);
}
if (kind === 'wait') {
  process.once('SIGTERM', () => { console.log('SIGTERM'); process.exit(4); });
  process.once('SIGINT', () => { console.log('SIGINT'); process.exit(5); });
  setTimeout(() => undefined, 20_000);
  console.log('ready ' + process.version.split('.')[0]);
}
`,
  );
});
afterAll(() => rmSync(checkout, { recursive: true, force: true }));

const bin = () => join(checkout, 'bin/mailferry');

test.each(nodes)('%s tells the version', (node) => {
  expect(execFileSync(node, [join(root, 'bin/mailferry'), '--version'], { encoding: 'utf8' })).toBe(
    `${version}\n`,
  );
});

test.each(nodes)('%s lets the process that does the work answer for the watchdog of systemd', (node) => {
  const script = 'WATCHDOG_PID=$$ exec "$0" "$1" watchdog';
  expect(execFileSync('sh', ['-c', script, node, bin()], { encoding: 'utf8' })).toBe('true\n');
});

test.each(nodes)('%s passes exit codes, deadly signals and the standard streams', (node) => {
  expect(spawnSync(node, [bin(), 'exit', '3']).status).toBe(3);
  expect(spawnSync(node, [bin(), 'die', 'SIGKILL']).signal).toBe('SIGKILL');
  expect(spawnSync(node, [bin(), 'echo'], { input: 'Größe\n', encoding: 'utf8' }).stdout).toBe('Größe\n');
});

test.each(nodes)('%s passes SIGTERM and SIGINT to the program, which ends as it likes', async (node) => {
  for (const [signal, code] of [
    ['SIGTERM', 4],
    ['SIGINT', 5],
  ] as const) {
    const child = spawn(node, [bin(), 'wait'], { stdio: ['ignore', 'pipe', 'inherit'] });
    expect(await nextLine(child)).toBe('ready v24');
    const ended = new Promise((end) => child.once('exit', end));
    const said = nextLine(child);
    child.kill(signal);
    expect(await said).toBe(signal);
    expect(await ended).toBe(code);
  }
});

test.skipIf(older === null)('says what to do when no Node is new enough (needs an older Node)', () => {
  const bare = mkdtempSync(join(tmpdir(), 'mf-bin-'));
  cpSync(join(root, 'bin'), join(bare, 'bin'), { recursive: true });
  const result = spawnSync(older ?? '', [join(bare, 'bin/mailferry'), '--version'], { encoding: 'utf8' });
  rmSync(bare, { recursive: true });
  expect(result.status).toBe(2);
  expect(result.stderr).toMatch(/needs Node 24\.15 or newer, and this is .*npm install/s);
});

test('works without a home and with a cache that cannot be written', () => {
  for (const env of [{ HOME: '/nonexistent', XDG_CACHE_HOME: '' }, { XDG_CACHE_HOME: '/dev/null/no' }]) {
    const output = execFileSync(process.execPath, [join(root, 'bin/mailferry'), '--version'], {
      env,
      encoding: 'utf8',
    });
    expect(output).toBe(`${version}\n`);
  }
});

function nextLine(child: ChildProcess): Promise<string> {
  return new Promise((done, fail) => {
    child.stdout?.once('data', (chunk: Buffer) => done(chunk.toString().trim()));
    child.once('error', fail);
  });
}

test.runIf(older !== null)(
  'an older Node that is killed takes the program with it (needs an older Node)',
  async () => {
    const child = spawn(older ?? '', [bin(), 'lifeline'], { stdio: ['ignore', 'pipe', 'inherit'] });
    const program = Number((await nextLine(child)).split(' ')[1]);
    const closed = new Promise((end) => child.once('close', end));
    const said = nextLine(child);
    child.kill('SIGKILL');
    expect(await said).toBe('SIGTERM');
    // Its standard output is closed only when the program is gone as well; it may wait for its parent as a zombie then.
    await closed;
    const stateOf = () =>
      existsSync(`/proc/${program}/stat`) ? readFileSync(`/proc/${program}/stat`, 'utf8').split(' ')[2] : 'Z';
    // Files are closed a moment before the process is gone.
    await expect.poll(stateOf, { timeout: 5_000 }).toBe('Z');
  },
);
