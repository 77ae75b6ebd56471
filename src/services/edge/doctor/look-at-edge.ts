/** The edge's own: its replica, its files with their owners and modes, the disk, and the mail that waits for the peer. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import {
  candidatesOf,
  type DiskFacts,
  type FileFacts,
  type Looked,
  type QueueFacts,
  type ReplicaFacts,
  waitingMail,
} from '../../../routing/index.ts';
import { ReplicaLook } from '../../../state/replica/replica-look.ts';
import { type DoctorEnv, replicaFile } from './place.ts';
import { runTool } from './tool.ts';

/** A rebuild writes the table's rows, then the table; SQLite keeps what it changes beside it. */
const growth = 3;
const leastNeededBytes = 32_000_000;

export function lookAtReplica({ place, clock }: DoctorEnv, isHeld: boolean | null): ReplicaFacts {
  const file = join(place.directory, replicaFile);
  if (!existsSync(file)) return { kind: 'missing', file };
  try {
    const replica = new ReplicaLook(file, place.side);
    try {
      return { kind: 'there', ...replica.counts(clock.now()), isHeld };
    } finally {
      replica.close();
    }
  } catch (error) {
    return { kind: 'unreadable', file, said: (error as Error).message };
  }
}

/** By the note that an edge leaves while it runs; null where that is of another host. */
export function isEdgeRunning(directory: string): boolean | null {
  let note: string;
  try {
    note = readFileSync(join(directory, 'edge.holder'), 'utf8');
  } catch {
    return false;
  }
  const [, pid, host] = /^(\d+) (\S+) \S+\n$/.exec(note) ?? [];
  if (host !== hostname()) return null;
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch (error) {
    return (error as { readonly code?: unknown }).code === 'EPERM';
  }
}

/** Throws nothing for what is not there: that is said elsewhere. */
export function lookAtFiles({ place }: DoctorEnv): FileFacts[] {
  const { directory, table, groupReads } = place;
  const expectedUid = statSync(directory).uid;
  const of = (what: FileFacts['what'], path: string): FileFacts[] => {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found === undefined) return [];
    const { mode, uid } = found;
    return [{ what, path, mode: mode & 0o7777, uid, expectedUid, groupMayRead: groupReads }];
  };
  return [
    ...of('directory', directory),
    ...of('replica', join(directory, replicaFile)),
    ...(table === null ? [] : of('table', `${table}.lmdb`)),
  ];
}

export async function lookAtDisk({ place }: DoctorEnv): Promise<DiskFacts> {
  const { directory, table } = place;
  const { bavail, bsize } = await statfs(directory);
  const files = [join(directory, replicaFile), ...(table === null ? [] : [`${table}.lmdb`])];
  const size = files.reduce((sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0), 0);
  return {
    path: directory,
    freeBytes: bavail * bsize,
    neededBytes: Math.max(leastNeededBytes, growth * size),
  };
}

/** `delimiters`: what begins an extension for Postfix here. */
export async function lookAtQueue(env: DoctorEnv, delimiters: string): Promise<Looked<QueueFacts>> {
  const { place, clock, signal } = env;
  const said = await runTool({ name: 'postqueue', args: ['-c', place.postfix, '-j'], signal });
  if (said === null) return { leftOut: 'no-postfix' };
  if (said.code !== 0 && said.stdout === '') return { leftOut: 'failed', said: said.stderr };
  let replica: ReplicaLook;
  try {
    replica = new ReplicaLook(join(place.directory, replicaFile), place.side);
  } catch (error) {
    return { leftOut: 'no-replica', said: (error as Error).message };
  }
  try {
    const isRelayed = (address: string): boolean => {
      for (const one of candidatesOf(address.toLowerCase(), delimiters)) {
        const relayed = replica.isRelayed(one);
        if (relayed !== null) return relayed;
      }
      return false;
    };
    return { seen: waitingMail(said.stdout, isRelayed, clock.now()) };
  } finally {
    replica.close();
  }
}
