/** How a control starts and ends: the token file, the address, and callers that do not let go. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { readConfiguration } from '../../src/services/configuration/read.ts';
import { type Control, startControl } from '../../src/services/control.ts';
import { type Database, openDatabase } from '../../src/state/database/open-database.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { key, operatorToken } from './control-env.ts';

const dir = mkdtempSync(join(tmpdir(), 'mailferry-start-'));
const tokenFile = join(dir, 'token');
let database: Database;
const warnings: string[] = [];
const infos: object[] = [];

beforeAll(async () => {
  database = await openDatabase({ url: join(dir, 'database'), clock: new FakeClock() });
});
afterAll(async () => {
  await database.close();
  rmSync(dir, { recursive: true });
});

async function start(listen = '127.0.0.1:0', file = tokenFile, pagesDirectory?: string): Promise<Control> {
  const hosts = '[old]\nhost = "o"\n[new]\nhost = "n"\n';
  const toml = `[control]\nlisten = "${listen}"\ntoken_file = "${file}"\n${hosts}`;
  const read = readConfiguration(toml, {}, () => '');
  if (!read.ok) throw new Error('the configuration of the test is wrong');
  const quiet = () => {};
  const info = (fields: object, text: string) => infos.push({ text, ...fields });
  const log = { info, warn: (_fields: object, text: string) => warnings.push(text), error: quiet };
  const control = await startControl({
    database,
    key,
    configuration: read.value.configuration,
    log,
    ...(pagesDirectory === undefined ? {} : { pagesDirectory }),
  });
  onTestFinished(() => control.close());
  return control;
}

function writeToken(text: string, mode = 0o600): void {
  writeFileSync(tokenFile, text);
  chmodSync(tokenFile, mode);
}

test('a token file that others may read, or without a token, is refused', async () => {
  writeToken(`${operatorToken}\n`, 0o640);
  const unusable = { code: 'token-file-unusable' };
  await expect(start()).rejects.toMatchObject({ ...unusable, message: expect.stringContaining('0640') });
  writeToken('short\n');
  await expect(start()).rejects.toMatchObject(unusable);
  writeToken(`${operatorToken}\n${operatorToken}\n`);
  await expect(start()).rejects.toMatchObject(unusable);
});

test('without a token file only tokens of the database are good, and it says so', async () => {
  const { address } = await start('127.0.0.1:0', join(dir, 'none'));
  expect(warnings.join()).toContain('there is no token file');
  const headers = { authorization: `Bearer ${operatorToken}` };
  expect((await fetch(`${address}/api/v1/accounts`, { headers })).status).toBe(401);
});

test('it says where the portal is, or that it has no pages and what to do', async () => {
  writeToken(operatorToken);
  const pages = join(dir, 'pages');
  mkdirSync(pages);
  infos.length = 0;
  await start('127.0.0.1:0', tokenFile, pages);
  expect(warnings.join()).toContain('`npm run build:ui`');
  expect(infos).not.toContainEqual(expect.objectContaining({ text: 'the portal is served' }));
  warnings.length = 0;
  writeFileSync(join(pages, 'index.html'), '<title>Mailferry</title>');
  const { address } = await start('127.0.0.1:0', tokenFile, pages);
  expect(infos).toContainEqual({ text: 'the portal is served', portal: address });
  expect(warnings).toEqual([]);
});

test('an address that is taken, or is none, is named', async () => {
  writeToken(operatorToken);
  const { address } = await start();
  const { host } = new URL(address);
  await expect(start(host)).rejects.toMatchObject({
    code: 'listen-failed',
    message: expect.stringContaining(host),
  });
  // Of the addresses for examples (RFC 5737): no machine has it.
  await expect(start('203.0.113.7:8420')).rejects.toMatchObject({ code: 'listen-failed' });
  expect((await fetch(`${address}/api/v1/health/live`)).status).toBe(200);
});

test('it warns where other machines reach it, and only there', async () => {
  writeToken(operatorToken);
  await start();
  expect(warnings.join()).not.toContain('without TLS');
  await start('0.0.0.0:0');
  expect(warnings.join()).toContain('without TLS');
});

test('it ends within five seconds, though a request never comes to its end', {
  timeout: 20_000,
}, async () => {
  writeToken(operatorToken);
  const control = await start();
  const { hostname, port } = new URL(control.address);
  const socket = connect(Number(port), hostname);
  const cut = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  socket.on('error', () => {});
  socket.write(
    `POST /api/v1/sync/start HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${operatorToken}\r\n` +
      'Content-Type: application/json\r\nContent-Length: 9\r\n\r\n{',
  );
  await new Promise((resolve) => socket.once('connect', resolve));
  // Until it has been read: another request on another connection comes after it.
  await fetch(`${control.address}/api/v1/health/ready`);
  const started = performance.now();
  await control.close();
  expect(performance.now() - started).toBeLessThan(5_000);
  await cut;
});
