/** The edge itself: its replica, its files, its control, and the machine it runs on. Pure. */
import type { HostFinding } from '../../domain/host-report.ts';
import { byteText } from './byte-text.ts';
import type { DiskFacts, FileFacts, HostFacts, ReplicaFacts } from './facts.ts';
import { finding } from './finding-table.ts';

/** The header that tells control's time has whole seconds, and the network takes some. */
const differsMs = 10_000;
/** App passwords are renewed days before they run out; a certificate may be an hour old. */
const wrongMs = 5 * 60_000;
/** Logs, queues and Dovecot's indices share the disk: below this it is a matter of hours. */
const lowBytes = 500_000_000;

export function examineEdge(facts: HostFacts): HostFinding[] {
  const { replica, files, disk } = facts;
  return [
    ...('seen' in replica ? replicaOf(replica.seen) : []),
    ...controlOf(facts),
    ...clockOf(facts),
    ...('seen' in files ? files.seen.flatMap(fileOf) : []),
    ...('seen' in disk ? diskOf(disk.seen) : []),
  ];
}

function replicaOf(seen: ReplicaFacts): HostFinding[] {
  if (seen.kind === 'missing') return [finding('replica-missing', { file: seen.file })];
  if (seen.kind === 'unreadable')
    return [finding('replica-unreadable', { file: seen.file, said: seen.said })];
  return [
    ...(seen.isComplete ? [] : [finding('replica-incomplete')]),
    ...(seen.isHeld === false ? [finding('edge-stopped')] : []),
  ];
}

function controlOf({ control }: HostFacts): HostFinding[] {
  if (!('seen' in control)) return [];
  const { seen } = control;
  if (seen.kind === 'away') return [finding('control-away', { said: seen.said })];
  const { latest, epoch } = seen;
  return latest > epoch ? [finding('replica-behind', { epoch: String(epoch), latest: String(latest) })] : [];
}

function clockOf({ clockAheadMs: looked }: HostFacts): HostFinding[] {
  const ms = 'seen' in looked ? Math.abs(looked.seen) : 0;
  if (ms < differsMs) return [];
  return [
    finding(ms < wrongMs ? 'clock-differs' : 'clock-wrong', { seconds: String(Math.round(ms / 1_000)) }),
  ];
}

function fileOf({ what, path, mode, uid, expectedUid, groupMayRead }: FileFacts): HostFinding[] {
  const text = `0${(mode & 0o777).toString(8)}`;
  const owner =
    uid === expectedUid
      ? []
      : [finding('owner-differs', { path, uid: String(uid), expected: String(expectedUid) })];
  const open = (): HostFinding[] => {
    switch (what) {
      case 'directory':
        return (mode & 0o022) === 0 ? [] : [finding('directory-writable', { path, mode: text })];
      case 'table':
        return (mode & 0o022) === 0 ? [] : [finding('table-writable', { path, mode: text })];
      default: {
        const wanted = groupMayRead ? 0o640 : 0o600;
        if ((mode & ~wanted & 0o077) === 0) return [];
        return [finding('replica-exposed', { path, mode: text, wanted: wanted.toString(8) })];
      }
    }
  };
  return [...open(), ...owner];
}

function diskOf({ path, freeBytes, neededBytes }: DiskFacts): HostFinding[] {
  const values = { path, free: byteText(freeBytes) };
  if (freeBytes < neededBytes) return [finding('disk-full', { ...values, needed: byteText(neededBytes) })];
  return freeBytes < lowBytes ? [finding('disk-low', values)] : [];
}
