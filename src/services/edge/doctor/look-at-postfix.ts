/** How Postfix on this host is configured, and whether that is still what `mailferry config postfix` put in force. */
import { existsSync } from 'node:fs';
import { lookup } from 'node:dns/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { MailferryError } from '../../../base/errors.ts';
import {
  hostText,
  postfixArguments,
  postfixStandards,
  type PostfixTold,
  settingsFor,
  tlsLevels,
} from '../../../commands/postfix-plan.ts';
import {
  type ConfiguredFacts,
  elementsOf,
  type Looked,
  type PostfixFacts,
  PostfixHost,
  pgsqlFileName,
  valueLines,
} from '../../../routing/index.ts';
import type { DoctorEnv } from './place.ts';
import { runTool, unlessAborted } from './tool.ts';

/** Of main.cf, with names in them replaced. */
export type PostfixValues = ReadonlyMap<string, string>;

export interface LookedPostfix {
  readonly facts: Looked<PostfixFacts>;
  /** Empty where there is no Postfix. */
  readonly values: PostfixValues;
  /** What Postfix was told to ask; null where it is told nothing. */
  readonly asked: string | null;
}

const names = [
  'message_size_limit',
  'smtputf8_enable',
  'smtpd_discard_ehlo_keywords',
  'smtpd_forbid_bare_newline',
  'myhostname',
  'smtp_bind_address',
  'recipient_delimiter',
  'virtual_mailbox_domains',
  'virtual_mailbox_maps',
  'virtual_alias_domains',
  'virtual_alias_maps',
  'relay_domains',
  'relay_recipient_maps',
  'mydestination',
  'local_recipient_maps',
] as const;

/** Another process wrote it; what is not so is as if nobody had written it down. */
const toldSchema = z.object({
  side: z.enum(['old', 'new']),
  peer: z.object({ host: z.string(), port: z.int() }),
  peerAddress: z.array(z.string()),
  directory: z.string(),
  socketmap: z.string().exactOptional(),
  pgsql: z.string().exactOptional(),
  pgsqlPasswordFile: z.string().exactOptional(),
  deliver: z.string().exactOptional(),
  tls: z.enum(tlsLevels),
  caFile: z.string().exactOptional(),
  connections: z.int(),
  soften: z.boolean(),
  open: z.boolean(),
});

export async function lookAtPostfix(env: DoctorEnv): Promise<LookedPostfix> {
  const { place, signal } = env;
  const none = (facts: Looked<PostfixFacts>): LookedPostfix => ({ facts, values: new Map(), asked: null });
  if (!existsSync(join(place.postfix, 'main.cf'))) return none({ leftOut: 'no-postfix' });
  const postconf = (...args: string[]) =>
    runTool({ name: 'postconf', args: ['-c', place.postfix, ...args], signal });
  const said = await postconf('-x', ...names);
  if (said === null) return none({ leftOut: 'no-postfix' });
  if (said.code !== 0) return none({ leftOut: 'failed', said: said.stderr });
  const values = valueLines(said.stdout);
  const types = (await postconf('-m'))?.stdout.split(/\s+/).filter((one) => one !== '') ?? [];
  const host = new PostfixHost(place.postfix, signal);
  try {
    const { configured, asked } = await lookAtConfigured(env, host);
    return { facts: { seen: { ...announced(values), tableTypes: types, configured } }, values, asked };
  } catch (error) {
    if (signal.aborted) throw error;
    return { facts: { leftOut: 'failed', said: (error as Error).message }, values, asked: null };
  }
}

function announced(values: PostfixValues): Omit<PostfixFacts, 'tableTypes' | 'configured'> {
  const value = (name: (typeof names)[number]) => values.get(name) ?? '';
  const discarded = elementsOf(value('smtpd_discard_ehlo_keywords').toLowerCase());
  return {
    sizeLimit: Number(value('message_size_limit')) || 0,
    smtpUtf8: value('smtputf8_enable') === 'yes' && !discarded.includes('smtputf8'),
    eightBitMime: !discarded.includes('8bitmime'),
    // One that does not know the name takes them all.
    bareNewlines: ['', 'no'].includes(value('smtpd_forbid_bare_newline')),
  };
}

async function lookAtConfigured(
  env: DoctorEnv,
  host: PostfixHost,
): Promise<{ readonly configured: ConfiguredFacts; readonly asked: string | null }> {
  const { place } = env;
  const { applied } = host;
  if (applied === null)
    return { configured: { kind: 'not-applied', arguments: await argumentsHere(env) }, asked: null };
  const parsed = toldSchema.safeParse(applied.told);
  if (!parsed.success) {
    const words = await argumentsHere(env);
    return {
      configured: { kind: 'applied', arguments: words, told: null, changed: [], refused: null },
      asked: null,
    };
  }
  const told: PostfixTold = parsed.data;
  const { side, peer, tls } = parsed.data;
  const words = postfixArguments(told, place.postfix);
  const base = { kind: 'applied', arguments: words } as const;
  const of = (table: string | null) => ({ side, peer: hostText(peer), tls, table });
  try {
    // The password of a database is for root and Postfix alone; its file is told apart by the answers that come.
    const { pgsqlPasswordFile: _, ...open } = told;
    const settings = await settingsFor(open, host);
    const changes = await host.changes(settings);
    const changed = changes
      .filter(({ kind, name }) => kind !== 'file' || name !== pgsqlFileName)
      .map(({ name }) => name);
    const routes = settings.main.find(({ name }) => name === 'transport_maps')?.value ?? '';
    const table = askedTable(routes);
    return { configured: { ...base, told: of(table), changed, refused: null }, asked: table };
  } catch (error) {
    if (!(error instanceof MailferryError)) throw error;
    return { configured: { ...base, told: of(null), changed: [], refused: error.message }, asked: null };
  }
}

/** On new it stands behind the accounts that live here, which ask it as well. */
function askedTable(routes: string): string | null {
  return elementsOf(routes).find((one) => !one.startsWith('pipemap:')) ?? null;
}

/** Where nobody has applied anything yet: as an operator would begin. */
async function argumentsHere({ place, signal }: DoctorEnv): Promise<string[]> {
  const { side, peer, directory, table, socketmap, postfix } = place;
  const soon = AbortSignal.any([signal, AbortSignal.timeout(lookupMs)]);
  const addresses = await unlessAborted(lookup(peer.host, { all: true }), soon).catch(() => []);
  const asks =
    table === null && socketmap !== null
      ? { socketmap: 'path' in socketmap ? socketmap.path : `${socketmap.host}:${socketmap.port}` }
      : {};
  const told: PostfixTold = {
    side,
    peer,
    peerAddress: addresses.length === 0 ? [addressUnknown] : addresses.map(({ address }) => address),
    directory,
    ...asks,
    tls: postfixStandards.tls,
    connections: postfixStandards.connections,
    soften: true,
    open: false,
  };
  return postfixArguments(told, postfix);
}

const lookupMs = 5_000;
/** To be filled in by whoever reads it. */
const addressUnknown = 'PEER-ADDRESS';
