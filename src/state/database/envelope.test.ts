import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Secret } from '../../base/secret.ts';
import { EnvelopeKey, readKeyFile } from './envelope.ts';

const key = new EnvelopeKey(new Uint8Array(32).fill(7));
const secret = new Secret('geheim ü');
const failure = { code: 'secret-unreadable' };

function fileWith(text: string, mode: number): string {
  const directory = mkdtempSync(join(tmpdir(), 'mailferry-key-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const file = join(directory, 'key');
  writeFileSync(file, text);
  chmodSync(file, mode);
  return file;
}

test('a secret comes back at its place', () => {
  expect(key.open(key.seal(secret, 'r1', 'password'), 'r1', 'password').reveal()).toBe('geheim ü');
});

test('the same secret looks different each time, and shows nothing of itself', () => {
  const sealed = key.seal(secret, 'r1', 'password');
  expect(key.seal(secret, 'r1', 'password')).not.toBe(sealed);
  expect(sealed).toMatch(/^v1\.[0-9a-f]{8}\.[\w-]{16}\.[\w-]+$/);
});

test('a secret is not opened in another row or column', () => {
  const sealed = key.seal(secret, 'r1', 'password');
  expect(() => key.open(sealed, 'r2', 'password')).toThrow(expect.objectContaining(failure));
  expect(() => key.open(sealed, 'r1', 'token')).toThrow(expect.objectContaining(failure));
});

test('a secret that was changed, cut, or sealed otherwise is not opened', () => {
  const sealed = key.seal(secret, 'r1', 'password');
  const other = new EnvelopeKey(new Uint8Array(32).fill(8));
  const [version, id, nonce, body = ''] = sealed.split('.');
  const flipped = (body.startsWith('A') ? 'B' : 'A') + body.slice(1);
  const wrong = [[version, id, nonce, flipped], [version, id, nonce, ''], ['v2', id, nonce, body], ['']];
  for (const parts of wrong) {
    expect(() => key.open(parts.join('.'), 'r1', 'password')).toThrow(expect.objectContaining(failure));
  }
  expect(() => other.open(sealed, 'r1', 'password')).toThrow(expect.objectContaining(failure));
});

test('a key file is read where only its owner may read it', () => {
  const text = `${Buffer.alloc(32, 7).toString('base64')}\n`;
  expect(readKeyFile(fileWith(text, 0o600)).id).toBe(key.id);
  expect(() => readKeyFile(fileWith(text, 0o640))).toThrow(/its mode is 0640/);
});

test('a key file that is missing or holds something else is refused', () => {
  const unusable = expect.objectContaining({ code: 'key-file-unusable' });
  expect(() => readKeyFile('/nowhere/key')).toThrow(unusable);
  expect(() => readKeyFile(fileWith('too short', 0o600))).toThrow(unusable);
});
