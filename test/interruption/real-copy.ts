/** What a copy between two real servers of the lab needs; shared by the slow tests and the process that they kill. */
import { systemClock } from '../../src/base/clock.ts';
import { Secret } from '../../src/base/secret.ts';
import { openImapStore } from '../../src/remote/imap/index.ts';
import { describeHeader } from '../../src/services/describe-header.ts';
import type { EngineDeps, EngineOptions } from '../../src/sync/engine-options.ts';
import { defaultEngineOptions } from '../../src/sync/index.ts';
import type { Journal } from '../../src/sync/journal.ts';

export interface Login {
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

export interface CopyOrder {
  readonly old: Login;
  readonly fresh: Login;
  readonly settleGraceMs: number;
  readonly idleTimeoutMs: number;
  readonly dripWindowMs: number;
  readonly tuning?: Partial<EngineOptions['tuning']>;
}

export function realDeps(order: CopyOrder, journal: Journal): EngineDeps {
  return {
    old: store('old', order),
    fresh: store('new', order),
    journal,
    clock: systemClock,
    signal: new AbortController().signal,
    random: Math.random,
    onEvent: () => {},
    describeHeader,
  };
}

export function realOptions({ settleGraceMs, tuning }: CopyOrder): EngineOptions {
  return {
    ...defaultEngineOptions,
    settleGraceMs,
    tuning: { ...defaultEngineOptions.tuning, ...tuning },
  };
}

function store(side: 'old' | 'new', order: CopyOrder) {
  const { port, user, password } = side === 'old' ? order.old : order.fresh;
  return openImapStore({
    side,
    host: '127.0.0.1',
    port,
    security: 'starttls',
    allowPlaintext: true,
    trust: { caPem: null, fingerprintsSha256: [] },
    credentials: { kind: 'password', user, authUser: null, password: new Secret(password) },
    authMechanism: null,
    clock: systemClock,
    connectTimeoutMs: 5000,
    idleTimeoutMs: order.idleTimeoutMs,
    dripWindowMs: order.dripWindowMs,
  });
}
