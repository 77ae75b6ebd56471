/** Whether Postfix can read what it asks, and hears there what the replica says. Postfix's own postmap asks. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  askedRoutes,
  differencesOf,
  type Looked,
  nexthopOf,
  type RouteFacts,
  type TableFacts,
} from '../../../routing/index.ts';
import { ReplicaLook } from '../../../state/replica/replica-look.ts';
import { type DoctorEnv, keptTable, replicaFile } from './place.ts';
import { runTool } from './tool.ts';

/** Of each kind; one run of postmap asks for all of them. */
const sampled = 8;
/** The edge writes the replica first and the table after that: what differs only in between is no finding. */
const secondLookMs = 1_500;
const looks = 3;
/** Of nobody: what is asked for is whether there is an answer at all. */
const probe = 'probe@invalid';

export interface LookedRoutes {
  readonly table: Looked<TableFacts>;
  readonly routes: Looked<RouteFacts>;
}

/** `asked`: what Postfix was told to ask; else what the edge keeps for it is looked at. */
export async function lookAtRoutes(
  env: DoctorEnv,
  { asked, hasPostfix }: { readonly asked: string | null; readonly hasPostfix: boolean },
): Promise<LookedRoutes> {
  const none = (leftOut: 'no-postfix' | 'no-table' | 'not-root'): LookedRoutes => ({
    table: { leftOut },
    routes: { leftOut },
  });
  if (!hasPostfix) return none('no-postfix');
  const name = (asked ?? keptTable(env.place))?.replace(/^proxy:/, '');
  if (name === undefined) return none('no-table');
  if (name.startsWith('pgsql:') && !env.isRoot) return none('not-root');
  const table = await lookAtTable(env, name);
  if (!('seen' in table)) return { table, routes: table };
  if (table.seen.unreadable !== null || table.seen.missingFile !== null)
    return { table, routes: { leftOut: 'failed' } };
  return { table, routes: await compare(env, name) };
}

async function lookAtTable(env: DoctorEnv, name: string): Promise<Looked<TableFacts>> {
  const file = name.startsWith('lmdb:') ? `${name.slice('lmdb:'.length)}.lmdb` : null;
  if (file !== null && !existsSync(file)) return { seen: { name, unreadable: null, missingFile: file } };
  const answer = await postmap(env, ['-q', probe, name]);
  if (answer === null) return { leftOut: 'no-postfix' };
  // It ends with 1 where there is no such row, and says what is wrong only where something is.
  const { code, stderr } = answer;
  const reads = code === 0 || (code === 1 && !/fatal|error|unavailable|refused|timed? ?out/i.test(stderr));
  return { seen: { name, unreadable: reads ? null : stderr, missingFile: null } };
}

async function compare(env: DoctorEnv, name: string): Promise<Looked<RouteFacts>> {
  const { place, clock, signal } = env;
  const nexthop = nexthopOf(place.peer.host, place.peer.port);
  let wanted: readonly string[] | null = null;
  let asked = 0;
  /** Keys that differed at every look; null before the first. */
  let suspects: ReadonlySet<string> | null = null;
  for (let look = 1; ; look++) {
    const rows = sampleOf(env, wanted);
    if ('leftOut' in rows) return rows;
    wanted ??= rows.seen.map(({ address }) => address);
    const all = askedRoutes(place.side, nexthop, rows.seen, !name.startsWith('socketmap:'));
    const routes = all.filter(({ key }) => suspects?.has(key) ?? true);
    asked ||= routes.length;
    if (asked === 0) return { leftOut: 'no-addresses' };
    const answer = await postmap(env, ['-q', '-', name], routes.map(({ key }) => `${key}\n`).join(''));
    if (answer === null || answer.code === null)
      return { leftOut: 'failed', said: answer?.stderr ?? undefined };
    const differing = differencesOf(routes, answer.stdout);
    if (differing.length === 0 || look === looks) return { seen: { asked, differing } };
    suspects = new Set(differing.map(({ key }) => key));
    await clock.sleep(secondLookMs, signal);
  }
}

/** As the replica has them now; `wanted`: those of an earlier look. */
function sampleOf(
  { place, random }: DoctorEnv,
  wanted: readonly string[] | null,
): Looked<readonly { readonly address: string; readonly relayed: boolean }[]> {
  try {
    const replica = new ReplicaLook(join(place.directory, replicaFile), place.side);
    try {
      const addresses = wanted ?? [
        ...replica.sample(true, sampled, random),
        ...replica.sample(false, sampled, random),
      ];
      const seen = addresses.flatMap((address) => {
        const relayed = replica.isRelayed(address);
        return relayed === null ? [] : [{ address, relayed }];
      });
      return { seen };
    } finally {
      replica.close();
    }
  } catch (error) {
    return { leftOut: 'no-replica', said: (error as Error).message };
  }
}

function postmap({ place, signal }: DoctorEnv, args: readonly string[], input = '') {
  return runTool({ name: 'postmap', args: ['-c', place.postfix, ...args], input, signal });
}
