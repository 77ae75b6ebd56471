/**
 * Which open sessions end with an app password: those of its login, by its protocols, from the networks that it was good from.
 * Its owner's own come from elsewhere and stay. Pure.
 */
import { BlockList, isIP } from 'node:net';
import type { EndedPassword } from '../state/replica/replica-passwords.ts';
import type { MailSession } from './dovecot-sessions.ts';

interface CutDecision {
  /** Pairs as Dovecot takes them: it ends what this login has open from this address. */
  readonly cut: readonly { readonly login: string; readonly address: string }[];
  /** Processes that are to end. */
  readonly pids: ReadonlySet<number>;
  /** Logins with sessions that cannot be ended without ending others. */
  readonly inseparable: readonly string[];
}

export function sessionsToCut(
  sessions: readonly MailSession[],
  ended: readonly EndedPassword[],
): CutDecision {
  const byLogin = new Map<string, { readonly protocols: ReadonlySet<string>; readonly nets: BlockList }[]>();
  for (const { login, protocols, nets } of ended) {
    const known = byLogin.get(keyOf(login)) ?? [];
    byLogin.set(keyOf(login), [...known, { protocols: new Set(protocols), nets: networks(nets) }]);
  }
  const isMeant = ({ login, protocol, address }: MailSession) =>
    byLogin
      .get(keyOf(login))
      ?.some(({ protocols, nets }) => protocols.has(protocol) && isWithin(nets, address)) === true;
  const pairs = new Map<string, { readonly login: string; readonly address: string }>();
  for (const session of sessions)
    if (isMeant(session)) pairs.set(pairOf(session), { login: session.login, address: session.address });
  // Dovecot ends processes: one that serves others as well would take those along.
  const shared = new Set(sessions.filter((one) => !pairs.has(pairOf(one))).map(({ pid }) => pid));
  const cut: { readonly login: string; readonly address: string }[] = [];
  const pids = new Set<number>();
  const inseparable = new Set<string>();
  for (const [key, pair] of pairs) {
    const own = sessions.filter((one) => pairOf(one) === key).map(({ pid }) => pid);
    if (isPattern(pair.login) || own.some((pid) => shared.has(pid))) inseparable.add(pair.login);
    else {
      cut.push(pair);
      for (const pid of own) pids.add(pid);
    }
  }
  return { cut, pids, inseparable: [...inseparable] };
}

/** Dovecot compares names in `kick` without regard to case, too. */
const keyOf = (login: string): string => login.toLowerCase();
const pairOf = ({ login, address }: MailSession): string => `${keyOf(login)} ${address}`;

/** A name that `kick` takes for several, or for an address. */
function isPattern(login: string): boolean {
  return /[*?]/.test(login) || isIP(login.split('/')[0] ?? '') !== 0;
}

function networks(nets: readonly string[]): BlockList {
  const list = new BlockList();
  for (const net of nets) {
    const [address = '', bits] = net.split('/');
    const family = isIP(address);
    if (family === 0) continue;
    const name = family === 4 ? 'ipv4' : 'ipv6';
    if (bits === undefined) list.addAddress(address, name);
    else list.addSubnet(address, Number(bits), name);
  }
  return list;
}

function isWithin(nets: BlockList, address: string): boolean {
  const family = isIP(address);
  return family !== 0 && nets.check(address, family === 4 ? 'ipv4' : 'ipv6');
}
