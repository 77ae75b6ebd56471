/** `mailferry config postfix` on a real Postfix that its operator goes on with, and when it is cut off in the middle. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { serveSocketmap, type SocketmapServer } from '../../src/routing/index.ts';
import { type Postfix, startPostfix } from '../lab/postfix.ts';
import { configPostfix } from '../scenarios/mail-hosts.ts';

let dir: string;
let postfix: Postfix;
let before: string[];
const originals = new Map<string, Buffer>();
let server: SocketmapServer | null = null;

beforeAll(async () => {
  postfix = await startPostfix({
    name: 'new.example',
    lmtpPort: 9,
    domain: 'example.org',
    mailboxes: ['anna'],
  });
  before = await all();
  for (const name of ['main.cf', 'master.cf'])
    originals.set(join(postfix.configDirectory, name), readFileSync(join(postfix.configDirectory, name)));
}, 30_000);
afterAll(async () => {
  await postfix.stop();
});
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'mf-postfix-host-'));
  writeFileSync(join(dir, 'transport'), '');
  execFileSync('postmap', ['-c', postfix.configDirectory, `lmdb:${join(dir, 'transport')}`]);
});
afterEach(async () => {
  await server?.close();
  server = null;
  for (const [file, content] of originals) writeFileSync(file, content);
  for (const one of [folder(), dir]) rmSync(one, { recursive: true, force: true });
});

const all = async () => [
  await postfix.run('postconf', '-n'),
  await postfix.run('postconf', '-M'),
  await postfix.run('postconf', '-P'),
];
const folder = () => join(postfix.configDirectory, 'mailferry');
const wired = ['--side', 'new', '--peer', 'old.example', '--peer-address', '192.0.2.7', '--tls', 'none'];
const place = () => ['--config-directory', postfix.configDirectory];
const apply = async (...more: string[]) =>
  await configPostfix(...wired, ...place(), '--directory', dir, '--apply', ...more);
const undo = async (...more: string[]) => await configPostfix(...place(), '--undo', ...more);
const rejected = async (work: Promise<unknown>): Promise<string> =>
  await work.then(
    () => 'not refused',
    (error: { stderr?: string }) => error.stderr ?? 'without a word',
  );

/** Tools of Postfix of which one kills mailferry when it is asked for `option`. */
async function cutOffAt(option: string, work: () => Promise<unknown>): Promise<void> {
  const tools = join(dir, 'tools');
  mkdirSync(tools);
  const real = execFileSync('which', ['postconf'], { encoding: 'utf8' }).trim();
  writeFileSync(
    join(tools, 'postconf'),
    `#!/bin/sh\n[ "$3" = "${option}" ] && kill -9 $PPID\nexec ${real} "$@"\n`,
  );
  chmodSync(join(tools, 'postconf'), 0o755);
  const path = process.env['PATH'];
  process.env['PATH'] = `${tools}:${path}`;
  try {
    expect(await rejected(work())).toBe('');
  } finally {
    process.env['PATH'] = path;
    rmSync(tools, { recursive: true });
  }
}

it('takes out ours wherever an operator has moved it, and keeps what else stands there', async () => {
  await apply();
  const ours = (await postfix.run('postconf', '-h', 'smtpd_recipient_restrictions')).trim();
  expect(ours).toMatch(/^check_client_access \S+, check_recipient_access /);
  await postfix.run(
    'postconf',
    '-e',
    `smtpd_recipient_restrictions=${ours.replace(', ', ', permit_mynetworks, ')}`,
  );
  await undo();
  const [main = '', ...master] = await all();
  expect(main).toMatch(/^smtpd_recipient_restrictions = permit_mynetworks$/m);
  expect(main.replace(/^smtpd_recipient_restrictions.*\n/m, '')).toBe(before[0]);
  expect(master).toEqual(before.slice(1));
  expect(existsSync(folder())).toBe(false);
});

it('removes nothing that is still named, and says by what', async () => {
  await apply();
  const inForce = await all();
  const mine = `smtpd_etrn_restrictions=check_client_access cidr:${folder()}/peer-trusted`;
  await postfix.run('postconf', '-e', mine);
  expect(await rejected(undo())).toMatch(/smtpd_etrn_restrictions/);
  expect(existsSync(join(folder(), 'peer'))).toBe(true);
  await postfix.run('postconf', '-X', 'smtpd_etrn_restrictions');
  expect(await all()).toEqual(inForce);
  // Nothing is known of what was put in force: nothing is deleted.
  rmSync(join(folder(), 'applied.json'));
  expect(await rejected(undo())).toMatch(/still needed/);
  expect(existsSync(join(folder(), 'main.cf.before'))).toBe(true);
});

it('leaves all as before, its small tables too, where Postfix refuses', async () => {
  await apply();
  await postfix.run('postconf', '-e', `command_directory=${dir}/nowhere`);
  const files = () => readdirSync(folder()).map((name) => [name, readFileSync(join(folder(), name), 'utf8')]);
  const [inForce, tables] = [await all(), files()];
  expect(await rejected(apply('--no-soften'))).toMatch(/postfix check/);
  expect(await rejected(undo())).toMatch(/postfix check/);
  expect(await all()).toEqual(inForce);
  expect(files()).toEqual(tables);
});

it('takes back what a run left that was cut off while it changed from one way to ask to the other', async () => {
  server = await serveSocketmap(
    { host: '127.0.0.1', port: 0 },
    () => null,
    () => {},
  );
  await apply();
  const port = (server.address as { port: number }).port;
  await cutOffAt('-e', async () => await apply('--socketmap', `127.0.0.1:${port}`));
  await undo();
  expect(await all()).toEqual(before);
  expect(readFileSync(join(postfix.configDirectory, 'main.cf'), 'utf8')).not.toMatch(/mailferry/);
});

it('can be taken back again where taking back was cut off', async () => {
  await apply();
  await cutOffAt('-X', async () => await undo());
  await undo();
  expect(await all()).toEqual(before);
  await apply();
  await cutOffAt('-MX', async () => await undo());
  expect((await all())[0]).toBe(before[0]);
  await undo();
  expect(await all()).toEqual(before);
  expect(readFileSync(join(postfix.configDirectory, 'main.cf'), 'utf8')).not.toMatch(/mailferry/);
  expect(await undo()).toMatch(/nothing was changed/);
});

it('refuses a table that Postfix cannot read, and touches nothing', async () => {
  expect(await rejected(apply('--directory', join(dir, 'elsewhere')))).toMatch(/run the edge first/);
  expect(await rejected(apply('--socketmap', '127.0.0.1:1'))).toMatch(/run the edge first/);
  expect(await rejected(apply('--peer-address', '192.0.2.7/28'))).toMatch(/mask/);
  expect(await all()).toEqual(before);
  expect(existsSync(folder())).toBe(false);
});

it('reads names in values where they go into tables', async () => {
  await postfix.run('postconf', '-e', 'sock=private/lmtp', 'virtual_transport=lmtp:unix:${sock}');
  const maps = (await postfix.run('postconf', '-h', 'virtual_mailbox_maps')).trim();
  await postfix.run('postconf', '-e', `boxes=${maps} ${maps}`, 'virtual_mailbox_maps=$boxes');
  await apply();
  expect(readFileSync(join(folder(), 'deliver-here'), 'utf8')).toBe(
    '/^mailferry:/ FILTER mailferry-here:unix:private/lmtp\n',
  );
  const routes = await postfix.run('postconf', '-h', 'transport_maps');
  expect(routes).toContain(`pipemap:{${maps},regexp:${folder()}/keep}`);
  expect(routes).not.toContain('$');
});
