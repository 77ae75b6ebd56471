import { chmodSync, chownSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readRunFile, writeRunFile } from './run-file.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'mf-run-file-'));
  writeRunFile({
    side: 'old',
    directory: dir,
    peer: { host: 'new.example', port: 25 },
    table: null,
    socketmap: null,
    delimiters: null,
    groupReads: false,
    postfix: '/elsewhere/postfix',
    dovecot: '/elsewhere/dovecot',
    doveadm: ['/elsewhere/doveadm'],
  });
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

it('gives what the edge was run with', () => {
  expect(readRunFile(dir)).toMatchObject({ postfix: '/elsewhere/postfix', doveadm: ['/elsewhere/doveadm'] });
});

it.skipIf(process.getuid?.() !== 0).each([
  ['the directory is another user’s', () => chownSync(dir, 65_534, 65_534)],
  ['the file is another user’s', () => chownSync(join(dir, 'edge-run.json'), 65_534, 65_534)],
  ['a group may write into the directory', () => chmodSync(dir, 0o770)],
])('root takes no program and no configuration from it where %s (needs root)', (_what, change) => {
  change();
  expect(readRunFile(dir)).toMatchObject({
    peer: { host: 'new.example' },
    postfix: '/etc/postfix',
    dovecot: '/etc/dovecot',
    doveadm: ['doveadm'],
  });
});
