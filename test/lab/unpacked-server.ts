/** A server unpacked from its Debian packages into the lab's cache, with the environment its programs need. */
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { labCache } from './lab-directory.ts';

const unpackScript = resolve(import.meta.dirname, '../../scripts/unpack-servers.mjs');

export interface UnpackedServer {
  /** Path of a file of the packages: `path('usr/bin/imapd')`. */
  path(file: string): string;
  readonly env: Readonly<Record<string, string>>;
}

/** Where Debian puts libraries, for this machine's architecture. */
const triplet = process.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu';

/** `dir` is the server's own directory: the programs go there where whom we run them as could not reach the cache. */
export function unpackedServer(name: 'cyrus' | 'courier', dir: string): UnpackedServer {
  let root = join(labCache(), name);
  // Normally `npm test` has done this; a test run by itself downloads a few megabytes here.
  if (!existsSync(join(root, 'unpacked'))) execFileSync(process.execPath, [unpackScript], { stdio: 'pipe' });
  chmodSync(root, 0o755);
  // A checkout in root's home, for instance, is closed to others.
  if (labIdentity().uid !== userInfo().uid && !reachableByAll(root)) {
    cpSync(root, join(dir, 'programs'), { recursive: true, verbatimSymlinks: true });
    root = join(dir, 'programs');
  }
  const path = (file: string) => join(root, file);
  const libraries = [`usr/lib/${triplet}`, `lib/${triplet}`, 'usr/lib', 'usr/lib/courier-authlib'].map(path);
  return { path, env: { LD_LIBRARY_PATH: libraries.join(':') } };
}

function reachableByAll(path: string): boolean {
  if ((statSync(path).mode & 0o005) !== 0o005) return false;
  return dirname(path) === path || reachableByAll(dirname(path));
}

/** Who runs it: never root. Debian's `nobody` exists everywhere and owns nothing. */
export function labIdentity(): { readonly user: string; readonly uid: number; readonly gid: number } {
  const me = userInfo();
  if (me.uid !== 0) return { user: me.username, uid: me.uid, gid: me.gid };
  return { user: 'nobody', uid: 65_534, gid: 65_534 };
}
