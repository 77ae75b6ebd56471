/** Whether Postfix is told what it has to be told, and asks what the edge keeps. Pure. */
import type { HostFinding } from '../../domain/host-report.ts';
import type { ConfiguredFacts, HostFacts, RouteDifference } from './facts.ts';
import { finding } from './finding-table.ts';

/** So many names are told; the rest is a number. */
const mostNames = 4;

export function examinePostfix(facts: HostFacts): HostFinding[] {
  const { postfix, running } = facts;
  const stopped = 'seen' in running && !running.seen ? [finding('postfix-stopped')] : [];
  if (!('seen' in postfix)) return [...stopped, ...tableOf(facts)];
  const { tableTypes, bareNewlines, configured } = postfix.seen;
  const lacksLmdb = asksLmdb(facts, configured) && !tableTypes.includes('lmdb');
  return [
    ...stopped,
    // What cannot be read cannot be applied either: once is enough.
    ...(lacksLmdb ? [finding('lmdb-missing')] : [...configurationOf(facts, configured), ...tableOf(facts)]),
    ...(bareNewlines ? [finding('postfix-bare-newlines')] : []),
  ];
}

function asksLmdb({ kept }: HostFacts, configured: ConfiguredFacts): boolean {
  const asked = configured.kind === 'applied' ? (configured.told?.table ?? kept) : kept;
  return asked?.startsWith('lmdb:') === true;
}

function configurationOf(facts: HostFacts, configured: ConfiguredFacts): HostFinding[] {
  const { side, peer, kept, replica } = facts;
  if (configured.kind === 'not-applied') {
    const relayed = 'seen' in replica && replica.seen.kind === 'there' ? replica.seen.relayed : 0;
    // On new nobody has moved to it before it is told: until then all its mail is relayed to old.
    if (side === 'new' || relayed === 0) return [finding('postfix-not-applied')];
    return [finding('postfix-not-applied-moved', { relayed: String(relayed) })];
  }
  const { told, changed, refused } = configured;
  const drifted = changed.length > 0 ? [finding('postfix-drifted', { changed: some(changed) })] : [];
  if (told === null) return drifted;
  if (told.side !== side) return [finding('postfix-other-side', { told: told.side, side })];
  return [
    ...(refused === null ? [] : [finding('postfix-refused', { said: refused })]),
    ...drifted,
    ...(told.peer === peer ? [] : [finding('postfix-other-peer', { told: told.peer, peer })]),
    // Who asks the database asks no edge.
    ...(kept === null || told.table === null || told.table === kept || told.table.includes('pgsql:')
      ? []
      : [finding('postfix-other-table', { asked: told.table, kept })]),
  ];
}

function tableOf({ table, routes }: HostFacts): HostFinding[] {
  if ('seen' in table) {
    const { name, unreadable, missingFile } = table.seen;
    if (missingFile !== null) return [finding('table-missing', { file: missingFile })];
    if (unreadable !== null) return [finding('table-unreadable', { table: name, said: unreadable })];
  }
  if (!('seen' in routes)) return [];
  const { asked, differing } = routes.seen;
  const first = differing[0];
  return first === undefined
    ? []
    : [
        finding('table-disagrees', {
          differing: String(differing.length),
          asked: String(asked),
          ...routeWords(first),
        }),
      ];
}

const routeWords = ({ key, table, replica }: RouteDifference) => ({
  key,
  table: table ?? '-',
  replica: replica ?? '-',
});

/** Names, and how many more there are. */
export function some(names: readonly string[]): string {
  const shown = names.slice(0, mostNames).join(', ');
  return names.length > mostNames ? `${shown}, +${names.length - mostNames}` : shown;
}
