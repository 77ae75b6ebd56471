/**
 * Whether Postfix here would know whom it has to relay: it refuses at RCPT who is in none of its tables, whatever the route.
 * Its tables are asked one by one, as smtpd(8) asks them for each class of domains.
 */
import { elementsOf, type Looked, type RecipientFacts } from '../../../routing/index.ts';
import type { PostfixValues } from './look-at-postfix.ts';
import type { DoctorEnv } from './place.ts';
import { runTool } from './tool.ts';

/** `domains`: those of the class; `maps`: who is known in them. */
const classes = [
  { domains: 'virtual_mailbox_domains', maps: 'virtual_mailbox_maps', bareLocal: false },
  { domains: 'relay_domains', maps: 'relay_recipient_maps', bareLocal: false },
  { domains: 'mydestination', maps: 'local_recipient_maps', bareLocal: true },
] as const;

/** Such as a tool can be asked for without quoting: others are left to the table of routes. */
const simple = /^[\w.+=-]+@[a-z0-9.-]+$/;

type Ask = (map: string, keys: readonly string[]) => Promise<ReadonlySet<string>>;

/** `addresses`: of accounts that live at the peer. */
export async function lookAtRecipients(
  env: DoctorEnv,
  values: PostfixValues,
  addresses: readonly string[],
): Promise<Looked<RecipientFacts>> {
  const asked = addresses.map((one) => one.toLowerCase()).filter((one) => simple.test(one));
  if (asked.length === 0) return { leftOut: 'no-addresses' };
  try {
    const ask = asker(env);
    const aliased = await known(ask, elementsOf(values.get('virtual_alias_maps') ?? ''), asked, false);
    const unknown: string[] = [];
    const foreign: string[] = [];
    for (const address of asked) {
      if (aliased.has(address)) continue;
      const found = await classOf(ask, values, address.slice(address.lastIndexOf('@') + 1));
      if (found === 'foreign') foreign.push(address);
      if (typeof found === 'string') continue;
      const maps = elementsOf(values.get(found.maps) ?? '');
      // A class without a table takes everybody.
      if (maps.length === 0) continue;
      if (!(await known(ask, maps, [address], found.bareLocal)).has(address)) unknown.push(address);
    }
    return { seen: { asked: asked.length, unknown, foreign } };
  } catch (error) {
    env.signal.throwIfAborted();
    return { leftOut: 'failed', said: (error as Error).message };
  }
}

/** `unclear`: a list that is read in a way of its own. */
async function classOf(
  ask: Ask,
  values: PostfixValues,
  domain: string,
): Promise<(typeof classes)[number] | 'aliases' | 'foreign' | 'unclear'> {
  const isIn = async (name: string): Promise<boolean | null> => {
    let clear = true;
    for (const element of elementsOf(values.get(name) ?? '')) {
      if (element.toLowerCase() === domain) return true;
      if (/^[\w-]+:/.test(element)) {
        if ((await ask(element, [domain])).has(domain)) return true;
      } else if (/^[!/.]/.test(element)) clear = false;
    }
    return clear ? false : null;
  };
  let clear = true;
  for (const one of classes) {
    const answer = await isIn(one.domains);
    if (answer === true) return one;
    clear &&= answer !== null;
  }
  if ((await isIn('virtual_alias_domains')) === true) return 'aliases';
  return clear ? 'foreign' : 'unclear';
}

/** Those that some of the tables has, by themselves or by a row for the whole domain. */
async function known(
  ask: Ask,
  maps: readonly string[],
  addresses: readonly string[],
  bareLocal: boolean,
): Promise<ReadonlySet<string>> {
  const keysOf = (address: string): string[] => {
    const at = address.lastIndexOf('@');
    return [address, address.slice(at), ...(bareLocal ? [address.slice(0, at)] : [])];
  };
  const found = new Set<string>();
  for (const map of maps) {
    const there = await ask(map, [...new Set(addresses.flatMap(keysOf))]);
    for (const address of addresses) if (keysOf(address).some((key) => there.has(key))) found.add(address);
  }
  return found;
}

/** proxymap reads for Postfix's processes; postmap reads by itself. Throws where it cannot. */
function asker({ place, signal }: DoctorEnv): Ask {
  return async (map, keys) => {
    const name = map.replace(/^proxy:/, '');
    const args = ['-c', place.postfix, '-q', '-', name];
    const answer = await runTool({ name: 'postmap', args, input: `${keys.join('\n')}\n`, signal });
    if (answer === null) throw new Error('there is no postmap');
    if (answer.code === null || answer.code > 1 || /fatal|error/i.test(answer.stderr))
      throw new Error(answer.stderr);
    return new Set(answer.stdout.split('\n').map((line) => line.split('\t', 1)[0] ?? ''));
  };
}
