/** An edge whose control is reached over HTTPS: the certificate is verified or pinned before anything secret leaves. */
import { X509Certificate } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { mailferry, type Running, startMailferry } from '../interop/mailferry.ts';
import { labCertificates } from '../lab/certificates.ts';
import { startTlsFront, type TlsFront } from '../lab/tls-front.ts';
import { systemClock } from '../../src/base/clock.ts';
import { type Database, openDatabase } from '../../src/state/database/open-database.ts';
import { type ControlEnv, startControlFor } from './control-env.ts';

const { ca, good, selfSigned, wrongHost } = labCertificates();
const fingerprintOf = ({ cert }: { readonly cert: string }) =>
  `sha256:${new X509Certificate(readFileSync(cert)).fingerprint256}`;

let dir: string;
let database: Database;
let control: ControlEnv;
let front: TlsFront;
let edge: Running | null = null;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'mf-edge-https-'));
  database = await openDatabase({ url: join(dir, 'database'), clock: systemClock });
  control = await startControlFor(database);
  front = await startTlsFront(new URL(control.url), good);
});
afterEach(async () => {
  edge?.kill('SIGKILL');
  await edge?.done;
  edge = null;
  await front.close();
  await control.close();
  await database.close();
  rmSync(dir, { recursive: true });
});

const directory = () => join(dir, 'edge');
const asOperator = () => ({ MAILFERRY_API: control.url, MAILFERRY_TOKEN_FILE: control.tokenFile });

async function newCode(name: string): Promise<void> {
  const { stdout } = await mailferry(['edge', 'add', name, '--side', 'old', '--json'], asOperator());
  writeFileSync(join(dir, 'code'), `${(JSON.parse(stdout) as { code: string }).code}\n`);
}

const codeAndPlace = () => ['--code-file', join(dir, 'code'), '--directory', directory()];
const enrol = (...trust: string[]) =>
  mailferry(
    ['edge', 'enrol', '--control', `https://localhost:${front.port}`, ...codeAndPlace(), ...trust],
    {},
  );

async function run(): Promise<Running> {
  const place = ['--peer', 'new.example', '--directory', directory(), '--no-table'];
  const one = startMailferry(['edge', 'run', '--side', 'old', ...place], {});
  edge = one;
  await one.printed('"ready"');
  return one;
}

const follows = async () => {
  const { stdout } = await mailferry(['edge', 'list', '--json'], asOperator());
  const { epoch, latest } = JSON.parse(stdout.trim().split('\n')[0] ?? '{}') as Record<string, number>;
  return epoch === latest;
};

test.each([
  ['an issuer that nobody here knows', good, [], /https:.*certificate/],
  ['another host’s certificate', wrongHost, ['--ca-file', ca], /https:.*localhost/],
  ['a certificate that no issuer signed', selfSigned, ['--ca-file', ca], /https:.*self-signed/],
  [
    'another one than the pinned',
    good,
    ['--tls-fingerprint', fingerprintOf(selfSigned)],
    /another certificate/,
  ],
] as const)('says nothing to %s, and keeps the code good', async (_, pair, trust, says) => {
  await newCode('mx1');
  front.show(pair);
  const refused = await enrol(...trust);
  expect(refused.code).toBe(3);
  expect(refused.stderr).toMatch(says);
  expect(front.passed).toBe(0);
  expect(existsSync(join(directory(), 'edge.json'))).toBe(false);
  front.show(good);
  expect((await enrol('--ca-file', ca)).code).toBe(0);
});

test.each([
  ['by its issuer', good, ['--ca-file', ca]],
  ['by its fingerprint alone', selfSigned, ['--tls-fingerprint', fingerprintOf(selfSigned)]],
] as const)(
  'follows a control that it knows %s, and no other one that stands there later',
  async (_, pair, trust) => {
    await newCode('mx1');
    front.show(pair);
    expect((await enrol(...trust)).code).toBe(0);
    const one = await run();
    await control.call('POST', '/api/v1/accounts/import', 'address\nanna@example.org\n');
    await expect.poll(follows, { timeout: 20_000 }).toBe(true);

    const passed = () => front.passed;
    front.show(wrongHost);
    await one.printed('control or the replica is away');
    const before = passed();
    await control.call('POST', '/api/v1/accounts/import', 'address\nbela@example.org\n');
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    expect([passed(), await follows()]).toEqual([before, false]);
    front.show(pair);
    await expect.poll(follows, { timeout: 40_000 }).toBe(true);
  },
);
