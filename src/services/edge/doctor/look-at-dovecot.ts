/** Whether Dovecot on this host is told of the replica as `mailferry config dovecot` tells it, and asks it first. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  DovecotHost,
  type DovecotVersion,
  dovecotFiles,
  dovecotUserFiles,
} from '../../../app-passwords/index.ts';
import { whoArguments } from '../../../domain/doveadm-command.ts';
import type { DovecotFacts, Looked } from '../../../routing/index.ts';
import { type DoctorEnv, replicaFile } from './place.ts';
import { runTool } from './tool.ts';

/** Of nobody: what is asked is whether there is an answer. */
const nobody = 'no-such-account.mailferry-doctor';

export interface LookedDovecot {
  readonly dovecot: Looked<DovecotFacts>;
  readonly sessions: Looked<string | null>;
}

export async function lookAtDovecot(env: DoctorEnv): Promise<LookedDovecot> {
  const { place, signal } = env;
  const file = join(place.dovecot, 'dovecot.conf');
  const said = existsSync(file)
    ? await runTool({ name: 'doveconf', args: ['-c', file, '-n'], signal })
    : null;
  if (said === null) return { dovecot: { leftOut: 'no-dovecot' }, sessions: { leftOut: 'no-dovecot' } };
  const sessions = await lookAtSessions(env);
  const version = await versionOf(env);
  if (version === null)
    return { dovecot: { leftOut: 'failed', said: 'it is neither Dovecot 2.3 nor 2.4' }, sessions };
  if (said.code !== 0) return { dovecot: { leftOut: 'failed', said: said.stderr }, sessions };
  return { dovecot: { seen: factsOf(env, version, said.stdout) }, sessions };
}

async function versionOf({ signal }: DoctorEnv): Promise<DovecotVersion | null> {
  const said = await runTool({ name: 'dovecot', args: ['--version'], signal });
  return (['2.3', '2.4'] as const).find((one) => said?.stdout.startsWith(`${one}.`) === true) ?? null;
}

function factsOf({ place }: DoctorEnv, version: DovecotVersion, configuration: string): DovecotFacts {
  const { side, directory, dovecot: configDirectory } = place;
  const host = new DovecotHost(configDirectory);
  const site = { version, replica: join(resolve(directory), replicaFile), configDirectory };
  const files = dovecotFiles(site);
  const changed = host.changes(files);
  const state = host.there(files).length === 0 ? 'not-applied' : changed.length === 0 ? 'applied' : 'drifted';
  const userFiles = dovecotUserFiles(site, '');
  // One for master users is asked of those alone.
  const passdbs = configuration.match(/^passdb\b[^{]*\{[^}]*\}/gm) ?? [];
  const first = passdbs.find((one) => !/^\s*master = yes$/m.test(one)) ?? '';
  const [, size = '0'] = /^auth_cache_size = (.+)$/m.exec(configuration) ?? [];
  return {
    state,
    changed: state === 'drifted' ? changed : [],
    arguments: [
      ...(side === 'new' ? ['--side', 'new'] : []),
      ...(directory === '/var/lib/mailferry-edge' ? [] : ['--directory', directory]),
      ...(configDirectory === '/etc/dovecot' ? [] : ['--config-directory', configDirectory]),
    ],
    asksFirst: first.includes('mailferry-app-passwords'),
    // Where their mail lies is the site's business: what stands there beside the replica is not judged.
    knowsUsers: userFiles.every(({ name }) => namesReplica(join(configDirectory, name), site.replica, name)),
    authCache: /^0\b/.test(size) ? null : size.trim(),
  };
}

/** With 2.3 the snippet names the files that name the replica. */
function namesReplica(file: string, replica: string, name: string): boolean {
  if (!existsSync(file)) return false;
  const text = readFileSync(file, 'utf8');
  return text.includes(replica) || (name.startsWith('conf.d/') && text.includes('mailferry-users'));
}

/** As the edge asks, which cuts sessions of revoked app passwords. */
async function lookAtSessions({ place, signal }: DoctorEnv): Promise<Looked<string | null>> {
  if (place.doveadm === null) return { leftOut: 'switched-off' };
  const [name = '', ...before] = place.doveadm;
  const said = await runTool({ name, args: [...before, ...whoArguments, nobody], signal });
  if (said === null) return { seen: `there is no ${name}` };
  return { seen: said.code === 0 ? null : said.stderr || 'doveadm does not answer' };
}
