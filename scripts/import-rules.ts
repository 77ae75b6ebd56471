/** The import table of docs/architecture.md as data. The longest `from` that fits a file is its rule. */

export interface ImportRule {
  /** Folder or file below src/. */
  readonly from: string;
  /** Folders or files below src/ that may be imported beside `from` itself. */
  readonly may: readonly string[];
  /** May be imported for types only: ports. */
  readonly types?: readonly string[];
  /** Node's own modules: all, none, or these. */
  readonly node: boolean | readonly string[];
  /** npm packages; 'any' for the processes, which wire everything. */
  readonly npm: readonly string[] | 'any';
  /** Where the code belongs that made somebody write the forbidden import. */
  readonly instead: string;
}

const pure = 'This folder is pure: values in, values out. What touches the world belongs to the caller.';
const features = ['sync', 'fleet', 'migration', 'routing', 'access', 'app-passwords', 'provisioning'];
const featureDoors = features.map((feature) => `${feature}/index.ts`);
const ports = ['sync/mail-store.ts', 'sync/journal.ts'];

export const importRules: readonly ImportRule[] = [
  {
    from: 'base',
    may: [],
    node: false,
    npm: [],
    instead: 'base is the ground: it imports nothing. Put the code where its other half lives.',
  },
  { from: 'domain', may: ['base'], node: false, npm: [], instead: pure },
  {
    from: 'wire',
    may: ['base'],
    node: false,
    npm: [],
    instead: `${pure} Sockets belong to net/ and remote/.`,
  },
  { from: 'sync/reconcile', may: ['base', 'domain'], types: ports, node: false, npm: [], instead: pure },
  { from: 'migration/plan', may: ['base', 'domain'], node: false, npm: [], instead: pure },
  { from: 'migration/transitions', may: ['base', 'domain'], node: false, npm: [], instead: pure },
  {
    from: 'net',
    may: ['base'],
    node: ['node:net', 'node:tls', 'node:dns'],
    npm: [],
    instead:
      'net knows sockets and TLS, not what is said over them: protocols belong to wire/, servers to remote/.',
  },
  {
    from: 'telemetry',
    may: ['base'],
    node: true,
    npm: ['pino', 'prom-client'],
    instead: 'telemetry counts and writes what it is given; it asks nobody.',
  },
  {
    from: 'state',
    may: ['base', 'domain'],
    types: ports,
    node: true,
    npm: ['kysely', 'pg'],
    instead: 'state answers questions in SQL; decisions belong to the feature that asks.',
  },
  {
    from: 'remote',
    may: ['base', 'domain', 'wire', 'net'],
    types: ['sync/mail-store.ts'],
    node: ['node:crypto'],
    npm: [],
    instead: 'remote implements the port sync/mail-store and knows nothing else of the engine.',
  },
  {
    from: 'sync',
    may: ['base', 'domain', 'telemetry'],
    node: ['node:crypto'],
    npm: [],
    instead:
      'sync sees servers through sync/mail-store and state through sync/journal; the service hands both in.',
  },
  {
    from: 'fleet',
    may: ['base', 'domain', 'telemetry', 'state', 'sync/index.ts'],
    node: false,
    npm: [],
    instead:
      'fleet decides whose turn it is and drives sync through its index.ts; how a server is reached is handed in by the service.',
  },
  ...['migration', 'app-passwords', 'provisioning', 'routing'].map(
    (from): ImportRule => ({
      from,
      may: ['base', 'domain', 'telemetry', 'state', 'wire', ...(from === 'migration' ? featureDoors : [])],
      node: true,
      npm: [],
      instead:
        'A feature does not reach into another: what both need belongs to domain/ or behind an index.ts.',
    }),
  ),
  {
    from: 'access',
    may: ['base', 'domain', 'telemetry', 'state', 'wire', 'net', 'app-passwords/index.ts'],
    node: true,
    npm: [],
    instead: 'access asks app-passwords through its index.ts and no other feature.',
  },
  {
    from: 'portal',
    may: ['base', 'domain', 'telemetry', 'state', ...featureDoors],
    node: true,
    npm: 'any',
    instead: 'Talk to a feature through its index.ts; what builds objects belongs to services/.',
  },
  {
    from: 'commands',
    may: ['base', 'domain', 'telemetry', ...featureDoors],
    types: ['portal/presenters'],
    node: true,
    npm: 'any',
    instead: 'Talk to a feature through its index.ts; what builds objects belongs to services/.',
  },
  { from: 'services', may: [''], node: true, npm: 'any', instead: '' },
  { from: 'main.ts', may: [''], node: true, npm: 'any', instead: '' },
];

/** Nothing may import these, except who is named. */
export const doorsClosed: Readonly<Record<string, readonly string[]>> = {
  services: ['services', 'main.ts'],
  'main.ts': [],
};
