/** Made-up answers of the operator's own pages. Logins tell the state: `operator-empty@`, `operator-long@`. */
import { countsByClass } from '../../src/domain/trouble.ts';
import { findingWords } from '../../src/routing/doctor/finding-table.ts';
import { hostile, dashboardFixture } from './fixtures.ts';
import { type Answer, problem } from './fixture-server.ts';

const ok = (body: unknown): Answer => ({ status: 200, body });
const done: Answer = { status: 204 };
const ago = (minutes: number): string =>
  new Date(Date.parse('2026-11-24T14:30:00Z') - minutes * 60_000).toISOString();

/** Null where the path is none of these. */
export function operatorAnswers(
  path: string,
  method: string,
  body: Record<string, unknown>,
  login: string,
  german: boolean,
): Answer | null {
  const empty = login.startsWith('operator-empty');
  const long = login.startsWith('operator-long');
  const [, first = '', second = '', third = ''] = path.split('/');
  switch (first) {
    case 'sync':
      return ok(second === 'status' ? status(empty, long) : changed(body));
    case 'refused':
      return ok(
        second === 'retry' ? changed({ all: true }) : { refused: empty ? [] : refused(long), next: null },
      );
    case 'audit':
      return ok({ audit: empty ? [] : audit(long), next: null });
    case 'teams':
      return ok({ teams: empty ? [] : teams(long) });
    case 'domains':
      return ok({ domains: empty ? [] : domains(long), next: null });
    case 'operators':
      if (method === 'POST') return madeOperator(body);
      return method === 'GET' ? ok({ operators: operators(login, long) }) : done;
    case 'tokens':
      if (method === 'POST')
        return { status: 201, body: { id: 't9', token: `mf1.01a20d80463371.${'Zk3'.repeat(14)}Q` } };
      return method === 'GET' ? ok({ tokens: empty ? [] : tokens(long), next: null }) : done;
    case 'webhooks':
      if (third === 'calls') return ok({ calls: second === 'h2' ? [] : calls, next: null });
      if (third === 'secret') return ok({ secret: 'q7R'.repeat(14) });
      if (third === 'test') return { status: 202 };
      if (method === 'POST') return { status: 201, body: { id: 'h9', secret: 'q7R'.repeat(14) } };
      return method === 'GET' ? ok({ webhooks: empty ? [] : webhooks(long) }) : done;
    case 'edges':
      if (method === 'POST') return madeEdge(body);
      return method === 'GET' ? ok({ edges: empty ? [] : edges(long, german), epoch: 1_412 }) : done;
    case 'operator':
      return totp(method, body, login);
    case 'accounts':
      if (third === 'app-passwords')
        return method === 'GET'
          ? ok(appPasswords(empty, long))
          : method === 'DELETE'
            ? done
            : { status: 201 };
      return second === 'import'
        ? imported(body)
        : empty && method === 'GET'
          ? ok({ accounts: [], next: null })
          : null;
    case 'servers':
      if (second === '') return ok({ servers: servers(long) });
      if (second === 'test') return tried(body);
      if (second === 'master-users')
        return ok({
          masterUsers: [
            { side: 'old', login: empty ? null : 'sync-master', from: empty ? null : 'configuration' },
            { side: 'new', login: empty ? null : 'mailferry', from: empty ? null : 'database' },
          ],
        });
      return third === 'master-user' ? done : null;
    default:
      return null;
  }
}

function status(empty: boolean, long: boolean) {
  if (empty) {
    const nothing = { messagesTotal: 0, messagesDone: 0, messagesRefused: 0, bytesCopied: 0 };
    const none = {
      phases: {},
      trouble: {},
      troubleClasses: {},
      activities: {},
      lagMeanMs: null,
      lagMaxMs: null,
    };
    return { accounts: 0, paused: 0, uncounted: 0, ...nothing, ...none, lastEvent: 1 };
  }
  const dashboard = dashboardFixture(2);
  return {
    accounts: 2_000,
    paused: 12,
    phases: dashboard.points.at(-1)?.phases,
    trouble: dashboard.trouble,
    troubleClasses: countsByClass(dashboard.trouble),
    activities: { waiting: 240, copying: 130, following: 1_600 },
    uncounted: 230,
    messagesTotal: long ? 20_100_400 : 24_800_000,
    messagesDone: 20_100_400,
    messagesRefused: 212,
    bytesCopied: 5_200_000_000_000,
    lagMeanMs: 420,
    lagMaxMs: 2_300,
    lastEvent: 1,
  };
}

function changed(body: Record<string, unknown>) {
  const accounts = body['accounts'];
  const selected = body['all'] === true ? 2_000 : Array.isArray(accounts) ? accounts.length : 240;
  const unchanged = Math.min(selected - 1, 12);
  const named = { changedAccounts: [], unchangedAccounts: [], unknown: [], reasons: [] };
  return { dryRun: body['dryRun'] === true, selected, changed: selected - unchanged, unchanged, ...named };
}

function refused(long: boolean) {
  const one = (uid: number, account: string, mailbox: string, reason: string, sizeBytes: number) => ({
    account,
    mailbox,
    uid,
    code: 'message-refused',
    reason,
    sizeBytes,
    date: null,
    subject: null,
    from: null,
    attempts: uid % 4 === 0 ? 1 : 3,
    lastTriedAt: ago(90),
  });
  return [
    one(8_812, 'anna@berg.example', 'INBOX', 'NO [TOOBIG] message exceeds the limit', 84_000_000),
    one(12, 'anna@berg.example', 'Archiv/2019', 'NO message contains an invalid header', 4_200),
    one(
      401,
      'clara@berg.example',
      long ? hostile.folder : 'Sent',
      long ? hostile.endless : 'NO rejected by the virus scanner',
      31_000,
    ),
  ];
}

const id = (n: number): string => `01a20d80-4633-7163-ab3d-76a762bd65${String(n).padStart(2, '0')}`;

function audit(long: boolean) {
  const row = (n: number, action: string, detail: object, of: object = {}) => ({
    id: 900 - n,
    at: ago(n * 7),
    actor: 'operator:operator@example.org',
    action,
    subject: id(n),
    address: null,
    name: null,
    detail,
    ...of,
  });
  const rows = [
    row(
      0,
      'server.budget',
      { before: { connections: 'configured' }, after: { connections: 24 } },
      { subject: 'old' },
    ),
    row(
      1,
      'account.phase',
      { from: 'copying', to: 'in-step', event: 'agree' },
      { actor: 'worker:w1', address: 'anna.berg@example.org' },
    ),
    row(
      2,
      'team.person',
      { login: 'tom@example.org', before: ['view'], rights: ['view', 'plan'] },
      { name: 'Berg & Söhne' },
    ),
    row(
      3,
      'account.plan',
      { choice: 'move', atMs: Date.parse('2026-11-27T21:00:00Z') },
      { actor: 'customer:anna.berg@example.org', address: 'anna.berg@example.org' },
    ),
    row(
      4,
      'token.create',
      { name: 'panel', scopes: ['accounts:read', 'sync:write'], expiresAtMs: null },
      { name: 'panel' },
    ),
    row(5, 'wave.change', { state: 'stopped', before: { state: 'running' } }, { name: 'Freitag, Vertrieb' }),
    row(6, 'account.notes', { attention: { code: 'login-refused' } }, { actor: 'worker:w2' }),
    row(7, 'session.begin', { via: 'portal' }, { subject: 'operator@example.org' }),
    row(
      8,
      'server.set',
      { host: 'imap.old.example.org', port: 993, limits: {} },
      { actor: 'configuration', subject: 'old' },
    ),
    row(9, 'of.tomorrow', { what: 'nobody knows' }, { actor: 'robot' }),
    row(
      10,
      'webhook.secret',
      { url: 'https://panel.example.org/told' },
      { name: 'https://panel.example.org/told' },
    ),
  ];
  if (!long) return [...rows, ...rows.map((one) => ({ ...one, id: one.id - 20, at: ago(1_500 + one.id) }))];
  return rows.map((one) => ({
    ...one,
    actor: `operator:${hostile.endless}`,
    address: hostile.endless,
    action: `x.${hostile.endless.slice(0, 90)}`,
  }));
}

function teams(long: boolean) {
  return [
    { id: '1', name: long ? hostile.endless : 'Berg & Söhne', accounts: 5_000 },
    { id: '2', name: '<i>Conrad</i>', accounts: 3 },
  ];
}

function domains(long: boolean) {
  const domain = (name: string, phases: Record<string, number>, of: readonly string[], messages: number) => ({
    name,
    team: of[0] ?? null,
    phase: 'relayed',
    accounts: Object.values(phases).reduce((sum, n) => sum + n, 0),
    teams: of,
    phases,
    messagesTotal: messages,
    messagesDone: Math.floor(messages * 0.83),
  });
  const many = ['Berg & Söhne', 'Conrad', 'Dahl', 'Ebert', 'Falk'];
  return [
    domain('berg.example', { old: 40, copying: 120, 'in-step': 4_840 }, ['Berg & Söhne'], 24_000_000),
    domain('shared.example', { old: 12, 'in-step': 3 }, many, 90_000),
    domain(
      long ? `${'sehr-lang.'.repeat(20)}example` : 'new.example',
      { old: 1 },
      long ? [hostile.endless] : [],
      0,
    ),
    domain('nobody.example', {}, [], 0),
  ];
}

function operators(login: string, long: boolean) {
  return [
    { login, displayName: 'Anna Berg', totp: 'confirmed', createdAt: ago(90_000) },
    { login: 'bert', displayName: null, totp: 'none', createdAt: ago(300) },
    {
      login: long ? `${'x'.repeat(200)}@example.org` : 'carla@example.org',
      displayName: long ? hostile.endless : 'Carla',
      totp: 'begun',
      createdAt: ago(60_000),
    },
  ];
}

const secret = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
const uri = (login: string): string =>
  `otpauth://totp/Mailferry:${encodeURIComponent(login)}?issuer=Mailferry&secret=${secret}&algorithm=SHA1&digits=6&period=30`;

function madeOperator(body: Record<string, unknown>): Answer {
  const login = String(body['login']);
  if (login === 'bert') return problem(409, 'operator-exists');
  return { status: 201, body: { login, totp: body['enrol'] === true ? { secret, uri: uri(login) } : null } };
}

/** `operator-enrolled@` has one, and gets no other by itself. */
function totp(method: string, body: Record<string, unknown>, login: string): Answer {
  const enrolled = login.startsWith('operator-enrolled@');
  if (method === 'POST')
    return enrolled ? problem(400, 'request-invalid') : ok({ secret, uri: uri('operator@example.org') });
  if (method === 'PUT')
    return body['code'] === '123456' ? ok({ enrolled: true }) : problem(401, 'code-refused');
  return ok({ enrolled });
}

const command = 'mailferry config postfix --side old --peer new.example.org --peer-address 192.0.2.7';
const configured = { state: 'applied', command };
const toldDovecot = { state: 'not-applied', command: 'mailferry config dovecot' };

function wellReport(german: boolean) {
  const what = german
    ? 'Uhr: der Edge läuft in der Zentrale selbst'
    : 'Clock: the edge runs within control itself';
  const leftOut = [{ check: 'clock', reason: 'inside', what }];
  return { lookedAt: ago(2), postfix: configured, dovecot: toldDovecot, findings: [], leftOut };
}

function troubleReport(german: boolean, long: boolean) {
  const finding = (code: string, severity: string, values: Record<string, string> = {}) => {
    const one = { code, severity: severity as 'trouble', values };
    return { code, severity, ...findingWords(one, german ? 'de' : 'en') };
  };
  const peer = 'old.example.org';
  const said = long ? hostile.endless : 'connect ECONNREFUSED 192.0.2.1:25';
  const findings = [
    finding('postfix-drifted', 'trouble', { changed: 'transport_maps, mailferry_relayed' }),
    finding('peer-unreachable', 'trouble', { peer, said }),
    finding('disk-low', 'warning', { path: '/var/lib/mailferry-edge', free: '212 MB' }),
    finding('postfix-bare-newlines', 'note'),
    ...(long ? [finding('of-another-release', 'warning')] : []),
  ];
  const drifted = {
    state: 'drifted',
    command: command.replace('--side old', '--side new').replace('new.example', 'old.example'),
  };
  const dovecot = long
    ? { state: 'unknown', command: `mailferry config dovecot --directory ${'/long'.repeat(90)}` }
    : null;
  return { lookedAt: ago(190), postfix: drifted, dovecot, findings, leftOut: [] };
}

function edges(long: boolean, german: boolean) {
  const edge = {
    side: 'old',
    enrolledAt: ago(9_000),
    codeUntil: null,
    epoch: 1_412,
    seenAt: ago(0),
    version: '0.1.0',
    findings: [],
    doctor: null as object | null,
  };
  return [
    { ...edge, id: 'e1', name: 'mx1.old.example.org', doctor: wellReport(german) },
    {
      ...edge,
      id: 'e2',
      side: 'new',
      name: long ? 'x'.repeat(100) : 'mx1.new.example.org',
      epoch: 1_398,
      seenAt: ago(190),
      findings: [{ part: 'transport', text: long ? hostile.endless : 'postmap: No space left on device' }],
      doctor: troubleReport(german, long),
    },
    {
      ...edge,
      id: 'e3',
      name: 'mx2.old.example.org',
      enrolledAt: null,
      codeUntil: ago(-600),
      seenAt: null,
      version: null,
      epoch: 0,
    },
    {
      ...edge,
      id: 'e4',
      name: 'mx3.old.example.org',
      enrolledAt: null,
      codeUntil: ago(60),
      seenAt: null,
      version: null,
      epoch: 0,
    },
  ];
}

function madeEdge(body: Record<string, unknown>): Answer {
  if (body['name'] === 'mx1.old.example.org') return problem(409, 'edge-exists');
  return { status: 201, body: { id: 'e9', code: 'ABCDE-FGHJK-MNPQR-STVWX', codeUntil: ago(-1_440) } };
}

function tokens(long: boolean) {
  const token = {
    scopes: ['accounts:read'],
    createdAt: ago(60_000),
    lastUsedAt: null,
    expiresAt: null,
    revokedAt: null,
  };
  return [
    {
      ...token,
      id: 't1',
      name: long ? 'x'.repeat(100) : 'panel',
      scopes: ['accounts:read', 'sync:write'],
      lastUsedAt: ago(4),
      expiresAt: '2027-02-20T10:00:00.000Z',
    },
    { ...token, id: 't2', name: 'monitoring', expiresAt: ago(9_000) },
    { ...token, id: 't3', name: 'everything', scopes: ['admin'] },
    { ...token, id: 't4', name: 'before', revokedAt: ago(5_000) },
  ];
}

function webhooks(long: boolean) {
  const hook = { on: true, createdBy: 'operator:operator@example.org', createdAt: ago(20_000) };
  return [
    {
      ...hook,
      id: 'h1',
      url: long ? `https://panel.example.org/${'told/'.repeat(80)}` : 'https://panel.example.org/told',
    },
    { ...hook, id: 'h2', url: 'http://192.0.2.7:8080/mailferry', on: false },
  ];
}

/** One on old with two before it, and none on new; nothing at all where the configuration knows of none. */
function appPasswords(empty: boolean, long: boolean) {
  if (empty) return { appPasswords: [], offered: [] };
  const one = {
    id: 'mf7k2q9xw3tz',
    side: 'old',
    state: 'in-force',
    protocols: ['imap'],
    nets: long
      ? Array.from({ length: 12 }, (_, n) => `2001:db8:${n}:4711:8a2e:370:7334:${n}/128`)
      : ['192.0.2.20/32'],
    createdAt: ago(11_000),
    createdBy: long ? `operator:${hostile.endless}` : 'worker:sync1.example.org',
    expiresAt: ago(-32_200),
    revokedAt: null,
    revokedBy: null,
    lastUsedAt: ago(2),
    lastUsedBy: long ? `worker:${hostile.turned}` : 'worker:sync1.example.org',
  };
  const before = { ...one, state: 'revoked', revokedAt: ago(11_002), revokedBy: 'operator:anna' };
  return {
    appPasswords: [
      one,
      { ...before, id: 'q8w3mfx2k7tz', createdAt: ago(40_000) },
      { ...one, id: 'b2c3d4e5f6g7', state: 'expired', createdAt: ago(90_000), expiresAt: ago(46_800) },
    ],
    offered: ['old', 'new'],
  };
}

const call = {
  event: '4711',
  state: 'sent',
  attempts: 1,
  createdAt: ago(9),
  triedAt: ago(9),
  answer: 204,
  error: null,
  nextAt: null,
};
const calls = [
  {
    ...call,
    id: 'c1',
    event: null,
    state: 'waiting',
    attempts: 0,
    triedAt: null,
    answer: null,
    nextAt: ago(0),
  },
  {
    ...call,
    id: 'c2',
    state: 'waiting',
    attempts: 3,
    answer: 503,
    error: 'it answered 503',
    nextAt: ago(-15),
  },
  {
    ...call,
    id: 'c3',
    event: '4709',
    state: 'waiting',
    attempts: 1,
    answer: null,
    error: 'fetch failed',
    nextAt: ago(-1),
  },
  { ...call, id: 'c4', event: '4702', triedAt: ago(300) },
  {
    ...call,
    id: 'c5',
    event: '4698',
    state: 'failed',
    attempts: 9,
    answer: 410,
    error: 'it answered 410',
    triedAt: ago(3_000),
  },
];

function servers(long: boolean) {
  const limits = { connections: 50, connections_per_account: 4, latency_brake_ms: 2_000 };
  return [
    {
      side: 'old',
      host: long ? `${'imap.'.repeat(40)}example.org` : 'imap.old.example.org',
      port: 993,
      tls: 'implicit',
      limits,
      capabilities: ['IMAP4REV1', 'IDLE'],
      seenAt: ago(2),
    },
    {
      side: 'new',
      host: 'imap.new.example.org',
      port: 143,
      tls: 'starttls',
      limits,
      capabilities: null,
      seenAt: null,
    },
  ];
}

const certificate = {
  subject: 'CN=imap.old.example.org',
  issuer: 'C=DE, O=Example Trust, CN=Example Trust R3',
  names: ['DNS:imap.old.example.org', 'DNS:mail.example.org'],
  validFrom: '2026-09-01T00:00:00.000Z',
  validTo: '2026-12-01T00:00:00.000Z',
  fingerprintSha256: 'a3b4'.repeat(16),
  trusted: true,
  why: null,
};

/** Old is well; new shows a certificate of its own making; other names of hosts are not there. */
function tried(body: Record<string, unknown>): Answer {
  const nothing = { product: null, capabilities: [], appendLimitBytes: null, certificate: null };
  const host = String(body['host']);
  if (!host.endsWith('example.org'))
    return ok({
      ...nothing,
      reached: false,
      loggedIn: false,
      code: 'dns-failed',
      reason: `there is no host named ${host}`,
      action: 'Check the name.',
    });
  if (body['side'] === 'new')
    return ok({
      ...nothing,
      reached: false,
      loggedIn: false,
      code: 'certificate-invalid',
      reason: 'the certificate of imap.new.example.org:143 is not trusted: self-signed certificate',
      action: '',
      certificate: {
        ...certificate,
        issuer: certificate.subject,
        trusted: false,
        why: 'DEPTH_ZERO_SELF_SIGNED_CERT',
      },
    });
  return ok({
    reached: true,
    loggedIn: body['login'] !== null,
    code: null,
    reason: null,
    action: null,
    product: body['login'] === null ? null : 'Dovecot',
    capabilities:
      body['login'] === null ? [] : ['IMAP4REV1', 'IDLE', 'CONDSTORE', 'QRESYNC', 'NOTIFY', 'UIDPLUS'],
    appendLimitBytes: body['login'] === null ? null : 50_000_000,
    certificate,
  });
}

/** A list with `wrong` in it is refused. */
function imported(body: Record<string, unknown>): Answer {
  if (body['text']?.toString().includes('wrong') === true) {
    const faults = [
      {
        line: 3,
        column: 'address',
        text: 'is not a mail address',
        allowed: 'a mail address like anna@example.org',
      },
      {
        line: 17,
        column: 'quota',
        text: 'is not a size',
        allowed: 'octets as a whole number, or with a unit: 500MB, 5GB',
      },
    ];
    return {
      status: 422,
      body: {
        type: 'about:blank',
        title: 'x',
        status: 422,
        code: 'import-refused',
        detail: 'the list has 2 faults',
        action: '',
        faults,
      },
    };
  }
  return ok({ dryRun: true, added: 240, updated: 2, unchanged: 18, updates: [] });
}
