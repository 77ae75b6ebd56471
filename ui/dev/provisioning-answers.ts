/**
 * Made-up answers about accounts on new and addresses on old. `operator-empty@`: both are off; `operator-well@`: nothing is wrong;
 * `operator-long@`: texts without end.
 */
import { hostile } from './fixtures.ts';
import { type Answer, problem } from './fixture-server.ts';

const ok = (body: unknown): Answer => ({ status: 200, body });
const ago = (minutes: number): string =>
  new Date(Date.parse('2026-11-24T14:30:00Z') - minutes * 60_000).toISOString();

/** Null where it is none of these. */
export function provisioningAnswer(
  { pathname, searchParams }: URL,
  method: string,
  body: Record<string, unknown>,
  login: string,
): Answer | null {
  const off = login.startsWith('operator-empty');
  const well = login.startsWith('operator-well');
  const long = login.startsWith('operator-long');
  switch (`${method} ${pathname.slice('/api/v1'.length)}`) {
    case 'GET /provisioning':
      return ok(provisioning({ off, well, long, list: searchParams.get('list') ?? 'trouble' }));
    case 'POST /provisioning/test':
      return ok(tested(well, long));
    case 'POST /provision':
      return ok(provisioned(body, long));
    case 'GET /discovered':
      return ok(discovered({ off, well, long, state: searchParams.get('state') ?? 'vanished' }));
    case 'POST /discover':
      return looked(well, body['dryRun'] === true);
    default:
      return null;
  }
}

interface State {
  readonly off: boolean;
  readonly well: boolean;
  readonly long: boolean;
}

function provisioning({ off, well, long, list }: State & { readonly list: string }) {
  const none = { made: 0, waiting: 0, failed: 0, withoutPassword: 0, asked: 0, trouble: 0 };
  const nothing = {
    adapter: null,
    passwords: ['copied', 'captured'],
    hashesFrom: null,
    mails: { most: 0, days: 7 },
    counts: none,
    accounts: [],
    next: null,
  };
  if (off) return nothing;
  const on = {
    ...nothing,
    adapter: 'sql',
    hashesFrom: 'passwd-file',
    mails: { most: 2, days: 7 },
    counts: { ...none, made: 4_812 },
  };
  if (well) return on;
  return {
    ...on,
    counts: { made: 4_808, waiting: 180, failed: 3, withoutPassword: 41, asked: 29, trouble: 4 },
    accounts: list === 'trouble' ? troubled(long) : bare(long),
    next: list === 'trouble' ? null : 'more',
  };
}

const entry = {
  state: 'failed',
  adapter: 'sql',
  password: 'none',
  code: 'provisioning-refused',
  failures: 1,
  nextAt: null,
  changedAt: ago(12),
  mails: 0,
  lastMailAt: null,
};

function troubled(long: boolean) {
  const scheme = 'password: the hash on old is of the scheme LDAP-MD5X, which is not known';
  return [
    { ...entry, id: '1', address: 'dora@berg.example', reason: long ? hostile.endless : scheme },
    {
      ...entry,
      id: '2',
      address: long ? `${'very-long-local-part.'.repeat(5)}x@subsidiary.example.org` : 'emil@berg.example',
      reason: 'mailcow: domain_not_found berg.example',
    },
    {
      ...entry,
      id: '3',
      address: 'frida@conrad.example',
      state: 'waiting',
      code: 'provisioning-pending',
      reason: 'sql: the edges of new do not have it yet',
      failures: 9,
      nextAt: ago(-6),
    },
    {
      ...entry,
      id: '4',
      address: 'gerd@conrad.example',
      state: 'made',
      password: 'copied',
      reason: long ? hostile.subject : scheme,
      failures: 2,
      nextAt: ago(-40),
    },
  ];
}

function bare(long: boolean) {
  const made = { ...entry, state: 'made', code: null, reason: null, failures: 0, nextAt: ago(-30) };
  return [
    { ...made, id: '11', address: 'hanna@berg.example', mails: 2, lastMailAt: ago(3_000) },
    { ...made, id: '12', address: 'ida@berg.example' },
    {
      ...made,
      id: '13',
      address: long ? hostile.endless : 'jan@berg.example',
      password: 'locked',
    },
  ];
}

function tested(well: boolean, long: boolean) {
  if (well)
    return {
      adapter: 'sql',
      works: true,
      text: 'edges of new: mx1.new.example.org',
      code: null,
      reason: null,
      action: null,
    };
  const reason = 'sql: no edge of new has enrolled; `mailferry edge add NAME --side new` gives a code';
  return {
    adapter: 'sql',
    works: false,
    text: null,
    code: 'provisioning-pending',
    reason: long ? hostile.endless : reason,
    action: '',
  };
}

/** `new@`, `same@` and `refused@` tell what comes of it; others there are none. */
function provisioned(body: Record<string, unknown>, long: boolean) {
  const names = Array.isArray(body['accounts']) ? body['accounts'].map(String) : [];
  const one = (account: string) => {
    const told = { account, changes: [] as string[], password: 'copied', code: null, reason: null };
    if (account.startsWith('new@'))
      return { ...told, outcome: 'made', changes: ['create', 'quota', 'alias post@berg.example'] };
    if (account.startsWith('refused@') || account === '2')
      return {
        ...told,
        outcome: 'refused',
        code: 'provisioning-refused',
        reason: long ? hostile.endless : 'mailcow: domain_not_found berg.example',
      };
    return { ...told, outcome: 'unchanged', password: account.startsWith('same@') ? 'none' : 'copied' };
  };
  const known = names.filter((name) => !name.startsWith('nobody'));
  return {
    dryRun: body['dryRun'] === true,
    selected: known.length,
    queued: 0,
    accounts: known.map(one),
    unknown: names.filter((name) => name.startsWith('nobody')),
  };
}

function discovered({ off, well, long, state }: State & { readonly state: string }) {
  const counts = { adopted: 0, missing: 0, vanished: 0 };
  if (off) return { source: null, look: null, counts, addresses: [], next: null };
  const look = { at: ago(0), goodAt: ago(0), listed: 5_003, code: null, reason: null };
  if (well) return { source: 'doveadm', look, counts, addresses: [], next: null };
  const addresses = [
    { id: '21', address: long ? hostile.endless : 'karla@berg.example', at: ago(55) },
    { id: '22', address: 'lars@conrad.example', at: ago(1_500) },
  ];
  return {
    source: 'doveadm',
    look: {
      ...look,
      goodAt: long ? null : ago(190),
      code: 'discovery-stopped',
      reason: long
        ? hostile.endless
        : '412 of 5003 accounts are not in the list of addresses, and it is not believed',
    },
    counts: { adopted: 38, missing: 0, vanished: 2 },
    addresses: state === 'missing' ? [] : addresses,
    next: null,
  };
}

function looked(well: boolean, dryRun: boolean): Answer {
  if (!well) return problem(409, 'discovery-stopped');
  return ok({
    dryRun,
    listed: 5_004,
    adopted: 1,
    aliases: 2,
    missing: 2,
    vanished: 0,
    returned: 1,
    adoptedAddresses: ['mona@berg.example'],
    adoptedAliases: ['info@berg.example', 'verein@berg.example'],
    missingAddresses: [],
    vanishedAddresses: [],
    skipped: [{ address: 'post@berg.example', why: 'belongs to another account already' }],
  });
}
