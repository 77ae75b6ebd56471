/**
 * The doctor of a mail host: looks at the edge, at Postfix, Dovecot and the way to the peer, and says what is wrong. It changes
 * nothing, each look has its deadline, and what cannot be looked at is said so.
 */
import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import { hostText } from '../../commands/postfix-plan.ts';
import type { HostReport } from '../../domain/host-report.ts';
import { type EdgeControl, examine, type HostFacts, type Looked } from '../../routing/index.ts';
import { ReplicaLook } from '../../state/replica/replica-look.ts';
import { lookAtDovecot } from './doctor/look-at-dovecot.ts';
import { isEdgeRunning, lookAtDisk, lookAtFiles, lookAtQueue, lookAtReplica } from './doctor/look-at-edge.ts';
import { lookAtPeer } from './doctor/look-at-peer.ts';
import { lookAtPostfix, type LookedPostfix } from './doctor/look-at-postfix.ts';
import { lookAtRecipients } from './doctor/look-at-recipients.ts';
import { lookAtRoutes } from './doctor/look-at-routes.ts';
import { type DoctorEnv, type DoctorPlace, keptTable, replicaFile } from './doctor/place.ts';
import { runTool } from './doctor/tool.ts';

export interface HostDoctorOptions {
  readonly place: DoctorPlace;
  /** Null: nobody says how it is reached. */
  readonly control: Pick<EdgeControl, 'look'> | null;
  /** This process runs the edge; else it is looked for. */
  readonly isEdge: boolean;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Addresses at the peer that Postfix's tables are asked for. */
const recipientsAsked = 12;
/** A change that was just made is on its way. */
const followMs = 3_000;
/** Fit for a line of SMTP as it is. */
const plainAddress = /^[\w.+-]{1,64}@[a-z0-9.-]{1,255}$/;

/** Rejects when `signal` aborts, and for nothing else. */
export async function lookAtHost(options: HostDoctorOptions): Promise<HostReport> {
  const { place, clock, signal } = options;
  const isRoot = process.getuid?.() === 0;
  const env: DoctorEnv = { place, clock, signal, isRoot, random: (limit) => randomInt(limit) };
  const postfix = await lookAtPostfix(env);
  const hasPostfix = postfix.values.size > 0;
  const isHeld = options.isEdge ? true : isEdgeRunning(place.directory);
  const relayed = relayedAddresses(env);
  // One after the other: a host that is busy with mail is not to notice.
  const { control, clockAheadMs } = await lookAtControl(env, options.control);
  const { table, routes } = await lookAtRoutes(env, { asked: postfix.asked, hasPostfix });
  const facts: HostFacts = {
    side: place.side,
    peer: hostText(place.peer),
    kept: keptTable(place),
    postfix: postfix.facts,
    running: await lookWhetherItRuns(env, hasPostfix),
    table,
    routes,
    toPeer: { seen: await askPeer(env, postfix, relayed) },
    recipients: hasPostfix ? await lookAtRecipients(env, postfix.values, relayed) : { leftOut: 'no-postfix' },
    queue: hasPostfix
      ? await lookAtQueue(env, postfix.values.get('recipient_delimiter') ?? '')
      : { leftOut: 'no-postfix' },
    ...(await lookAtDovecot(env)),
    replica: { seen: lookAtReplica(env, isHeld) },
    control,
    clockAheadMs,
    files: await orSaid(env, async () => lookAtFiles(env)),
    disk: await orSaid(env, () => lookAtDisk(env)),
  };
  return examine(facts, clock.now());
}

async function orSaid<T>({ signal }: DoctorEnv, look: () => Promise<T>): Promise<Looked<T>> {
  try {
    return { seen: await look() };
  } catch (error) {
    signal.throwIfAborted();
    return { leftOut: 'failed', said: (error as Error).message };
  }
}

/** None where the replica cannot be read, which is said elsewhere. */
function relayedAddresses({ place, random }: DoctorEnv): string[] {
  try {
    const replica = new ReplicaLook(join(place.directory, replicaFile), place.side);
    try {
      return replica.sample(true, recipientsAsked, random);
    } finally {
      replica.close();
    }
  } catch {
    return [];
  }
}

async function askPeer(
  { place, signal }: DoctorEnv,
  { values }: LookedPostfix,
  relayed: readonly string[],
): Promise<Awaited<ReturnType<typeof lookAtPeer>>> {
  const { host, port } = place.peer;
  const source = values.get('smtp_bind_address') ?? '';
  return await lookAtPeer({
    host,
    port,
    source: source === '' ? null : source,
    helo: `mailferry-relay.${values.get('myhostname') ?? 'localhost'}`,
    recipient: relayed.find((one) => plainAddress.test(one)) ?? null,
    signal,
  });
}

/** Postfix tells nobody else. */
async function lookWhetherItRuns(
  { place, signal, isRoot }: DoctorEnv,
  hasPostfix: boolean,
): Promise<Looked<boolean>> {
  if (!hasPostfix) return { leftOut: 'no-postfix' };
  if (!isRoot) return { leftOut: 'not-root' };
  const said = await runTool({ name: 'postfix', args: ['-c', place.postfix, 'status'], signal });
  return said === null || said.code === null
    ? { leftOut: 'failed', said: said?.stderr }
    : { seen: said.code === 0 };
}

async function lookAtControl(
  env: DoctorEnv,
  control: HostDoctorOptions['control'],
): Promise<Pick<HostFacts, 'control' | 'clockAheadMs'>> {
  const { clock, signal } = env;
  if (control === null) return { control: { leftOut: 'inside' }, clockAheadMs: { leftOut: 'inside' } };
  try {
    const { latest, clockAheadMs } = await control.look(signal);
    const epoch = () => {
      const replica = lookAtReplica(env, null);
      return replica.kind === 'there' ? replica.epoch : latest;
    };
    if (epoch() < latest) await clock.sleep(followMs, signal);
    return {
      control: { seen: { kind: 'answers', latest, epoch: epoch() } },
      clockAheadMs: clockAheadMs === null ? { leftOut: 'inside' } : { seen: clockAheadMs },
    };
  } catch (error) {
    signal.throwIfAborted();
    return {
      control: { seen: { kind: 'away', said: (error as Error).message } },
      clockAheadMs: { leftOut: 'failed' },
    };
  }
}
