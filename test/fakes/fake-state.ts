/** Everything a fake server remembers, apart from its sessions and its log: what a snapshot holds. */
import type { Flags, StoreAbilities } from '../../src/sync/mail-store.ts';
import type { FakeMailbox } from './fake-mailbox.ts';
import type { Rule } from './misbehaviour.ts';

/** A message as the server is about to store it. */
export interface Prepared {
  readonly body: Uint8Array;
  readonly flags: Flags;
  readonly internalDate: string;
}

/** An APPEND whose effect shows only later (F-04). */
export interface LateCommit {
  readonly mailboxId: string;
  readonly messages: readonly Prepared[];
  readonly dueOperation: number;
  readonly dueMs: number;
}

export interface FakeState {
  /** By name, in the order of LIST. */
  mailboxes: Map<string, FakeMailbox>;
  /** May name mailboxes that are gone (RFC 9051 §6.3.7). */
  subscribed: Set<string>;
  nextUidValidity: number;
  nextMailboxId: number;
  /** Commands carried out so far, over all sessions. */
  operations: number;
  lateCommits: LateCommit[];
  rules: Rule[];
  /** How often a fault struck that does not last for ever. */
  faults: number;
  nextRuleId: number;
  abilities: StoreAbilities;
  quota: { readonly storageBytes?: number; readonly messages?: number };
}

export function cloneState(state: FakeState): FakeState {
  const mailboxes = new Map<string, FakeMailbox>();
  for (const [name, mailbox] of state.mailboxes) mailboxes.set(name, mailbox.clone());
  return {
    ...state,
    mailboxes,
    subscribed: new Set(state.subscribed),
    lateCommits: [...state.lateCommits],
    rules: state.rules.map((rule) => ({ ...rule })),
    faults: state.faults,
  };
}

/** A good server of today: everything offered. */
export const fullAbilities: Omit<StoreAbilities, 'capabilities'> = {
  product: 'Fake 1.0',
  multiAppend: true,
  uidPlus: true,
  literal: 'plus',
  condStore: true,
  qResync: true,
  move: true,
  binary: true,
  specialUse: true,
  createSpecialUse: true,
  listStatus: true,
  idle: true,
  notify: true,
  objectId: true,
  quota: true,
  appendLimitBytes: null,
};

const capabilityNames: readonly (readonly [keyof StoreAbilities, string])[] = [
  ['multiAppend', 'MULTIAPPEND'],
  ['uidPlus', 'UIDPLUS'],
  ['condStore', 'CONDSTORE'],
  ['qResync', 'QRESYNC'],
  ['move', 'MOVE'],
  ['binary', 'BINARY'],
  ['specialUse', 'SPECIAL-USE'],
  ['createSpecialUse', 'CREATE-SPECIAL-USE'],
  ['listStatus', 'LIST-STATUS'],
  ['idle', 'IDLE'],
  ['notify', 'NOTIFY'],
  ['objectId', 'OBJECTID'],
  ['quota', 'QUOTA'],
];

/** Switches single abilities and names the capabilities that follow from them. */
export function abilitiesWith(
  base: Omit<StoreAbilities, 'capabilities'>,
  changes: Partial<StoreAbilities>,
): StoreAbilities {
  const abilities = { ...base, ...changes };
  const capabilities = ['IMAP4REV1'];
  for (const [ability, name] of capabilityNames) if (abilities[ability]) capabilities.push(name);
  if (abilities.literal === 'plus') capabilities.push('LITERAL+');
  if (abilities.literal === 'minus') capabilities.push('LITERAL-');
  if (abilities.appendLimitBytes !== null) capabilities.push(`APPENDLIMIT=${abilities.appendLimitBytes}`);
  return { ...abilities, capabilities: changes.capabilities ?? capabilities };
}
