/** The portal's pages as a browser asks for them. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import Fastify, { type FastifyInstance } from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Pages } from './pages.ts';

const directory = mkdtempSync(join(tmpdir(), 'mailferry-pages-'));
const script = `console.log(${JSON.stringify('x'.repeat(5_000))})`;
let app: FastifyInstance;

beforeAll(() => {
  mkdirSync(join(directory, 'assets'));
  writeFileSync(join(directory, 'index.html'), '<!doctype html>pages');
  writeFileSync(join(directory, 'assets', 'index-B4k2x9_1.js'), script);
  writeFileSync(join(directory, 'assets', 'index-B4k2x9_1.js.map'), '{}');
  writeFileSync(join(directory, 'favicon.svg'), '<svg/>');
  const pages = new Pages(directory);
  app = Fastify();
  app.setNotFoundHandler(async (request, reply) => {
    if (await pages.answer(request, reply, true)) return reply;
    return reply.code(404).send('nothing');
  });
});
afterAll(async () => {
  await app.close();
  rmSync(directory, { recursive: true });
});
const get = (url: string, headers: Record<string, string> = {}) => app.inject({ url, headers });

test('every path of the application is index.html, which is asked for anew each time', async () => {
  for (const url of ['/', '/team/4711?filter=waiting', '/mailbox']) {
    const answer = await get(url);
    expect([answer.statusCode, answer.body]).toEqual([200, '<!doctype html>pages']);
    expect(answer.headers['cache-control']).toBe('no-cache');
    const policy = String(answer.headers['content-security-policy']);
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toContain('unsafe');
    expect(answer.headers['strict-transport-security']).toBe('max-age=31536000');
  }
});

test('files with a hash in their name are kept for good, and come compressed as the browser can', async () => {
  const url = '/assets/index-B4k2x9_1.js';
  const plain = await get(url);
  expect(plain.body).toBe(script);
  expect(plain.headers).toMatchObject({
    'cache-control': 'public, max-age=31536000, immutable',
    'content-type': 'text/javascript; charset=utf-8',
    vary: 'accept-encoding',
  });
  const small = await get(url, { 'accept-encoding': 'gzip, deflate, br' });
  expect(small.headers['content-encoding']).toBe('br');
  expect(brotliDecompressSync(small.rawPayload).toString()).toBe(script);
  const older = await get(url, { 'accept-encoding': 'gzip, br;q=0' });
  expect(gunzipSync(older.rawPayload).toString()).toBe(script);
  expect((await get('/favicon.svg')).headers['cache-control']).toBe('no-cache');
});

test('what is no page is not there: scripts of a former release, maps, files outside, and the API', async () => {
  const others = ['/assets/index-OLD.js', '/assets/index-B4k2x9_1.js.map', '/../package.json', '/api/v1/x'];
  for (const url of others) expect((await get(url)).statusCode, url).toBe(404);
  expect((await app.inject({ method: 'POST', url: '/' })).statusCode).toBe(404);
});

test('without built pages there are none, and nothing fails', () => {
  expect(new Pages(join(directory, 'nowhere')).present).toBe(false);
});
