/** Made-up accounts in every state that the pages know, hostile texts included: for development and for tests. */
import type {
  Crossing,
  CrossingMailbox,
  Dashboard,
  OfBoth,
  ServerLoad,
  Session,
  TeamAccount,
  TeamAcross,
  TeamState,
} from '../src/api/contract.ts';

export const scenes = [
  'before',
  'planned',
  'copying',
  'paused',
  'held',
  'in-step',
  'password',
  'switching',
  'switched',
  'rolling-back',
  'done',
  'empty',
  'nothing',
  'trouble',
  'long',
] as const;
export type FixtureScene = (typeof scenes)[number];

/** A quiet Tuesday; fixed, so that pictures of pages can be compared. */
const now = Date.parse('2026-11-24T14:30:00Z');
const ago = (minutes: number): string => new Date(now - minutes * 60_000).toISOString();

/** Markup, a turned line, control characters, and no end. */
export const hostile = {
  subject: '<img src=x onerror="document.title=\'owned\'"><script>document.title="owned"</script>',
  turned: 'invoice\u202Efdp.exe \u0007\u001b[31m',
  folder: '<b>Projects</b>\u202E/2019\u0000',
  endless: `Kündigungsbestätigungsschreibenvorlagenentwurf${'sehrlang'.repeat(60)}`,
};

const plain: readonly (readonly [string, string | null, number, number])[] = [
  ['INBOX', 'inbox', 4_812, 1_420_000_000],
  ['Sent', 'sent', 2_204, 760_000_000],
  ['Drafts', 'drafts', 12, 900_000],
  ['Archive/2024', 'archive', 3_120, 610_000_000],
  ['Family', null, 980, 240_000_000],
  ['Invoices', null, 741, 120_000_000],
  ['Newsletter', null, 560, 44_000_000],
  ['Trash', 'trash', 51, 5_100_000],
  ['Notes', null, 0, 0],
];
const inbox = { name: 'INBOX', role: 'inbox', refused: 0, complete: true };
const total = 12_480;
const bytes = 3_200_000_000;

/** Carried one after the other, as the engine does, until `done` is used up. */
function mailboxes(done: number): CrossingMailbox[] {
  let left = done;
  return plain.map(([name, role, messages, size]) => {
    const carried = Math.min(messages, left);
    left -= carried;
    return {
      name,
      role,
      messages,
      done: carried,
      bytes: size,
      refused: 0,
      complete: carried === messages && done > 0,
    };
  });
}

const carried = [
  { mailbox: 'Family', subject: 'Wochenende bei Oma', at: ago(0) },
  { mailbox: 'INBOX', subject: hostile.turned, at: ago(1) },
  { mailbox: 'Archive/2024', subject: null, at: ago(1) },
];

export function crossingFixture(scene: FixtureScene, address = 'anna.berg@example.org'): Crossing {
  const base: Crossing = {
    account: {
      id: '1',
      address,
      phase: 'copying',
      paused: null,
      attention: null,
      scheduledFor: null,
      team: address.startsWith('team') ? { id: '1', name: 'Berg & Söhne' } : null,
    },
    where: 'old',
    choice: 'move',
    plan: null,
    old: { messages: total, bytes, mailboxes: plain.length, countedAt: ago(10) },
    done: { messages: 8_112, bytes: 2_180_000_000 },
    refused: 0,
    rate: { messagesPerSecond: 24.6, bytesPerSecond: 6_100_000 },
    secondsLeft: 178,
    estimate: { seconds: 540, basis: 'measured-here' },
    lagMs: null,
    heardBy: 'all',
    askedEveryMs: null,
    mailboxes: mailboxes(8_112),
    more: 0,
    lastCarried: carried,
    capabilities: { switch: false, why: 'not-built', mailPrograms: false, keepPassword: false },
    signsInWith: 'app-password',
    startedAt: ago(6),
    inStepSince: null,
    updatedAt: ago(0),
  };
  const resting = { rate: null, secondsLeft: null, lastCarried: [], startedAt: null };
  const all = {
    done: { messages: total, bytes },
    mailboxes: mailboxes(total),
    rate: null,
    secondsLeft: null,
  };
  const phase = (name: Crossing['account']['phase']) => ({ ...base.account, phase: name });
  switch (scene) {
    case 'copying':
      return base;
    case 'before':
      return {
        ...base,
        ...resting,
        choice: 'none',
        signsInWith: 'master-user',
        account: phase('old'),
        done: { messages: 0, bytes: 0 },
        mailboxes: mailboxes(0),
      };
    case 'planned':
      return {
        ...crossingFixture('before', address),
        choice: 'move',
        plan: { kind: 'move', at: '2026-11-27T21:00:00Z' },
      };
    case 'paused':
      return {
        ...base,
        rate: null,
        secondsLeft: null,
        account: { ...base.account, paused: { by: `customer:${address}`, why: '' } },
      };
    // Paused before it began.
    case 'held': {
      const before = crossingFixture('before', address);
      return { ...before, account: { ...before.account, paused: { by: 'operator:x@example.org', why: '' } } };
    }
    case 'in-step':
      return {
        ...base,
        ...all,
        account: phase('in-step'),
        lagMs: 640,
        inStepSince: ago(95),
        capabilities: { switch: false, why: 'not-built', mailPrograms: true, keepPassword: false },
      };
    // The account on the new server has no password.
    case 'password': {
      const inStep = crossingFixture('in-step', address);
      return { ...inStep, capabilities: { ...inStep.capabilities, keepPassword: true } };
    }
    case 'switching':
      return {
        ...base,
        ...all,
        account: phase('switching'),
        signsInWith: 'access-token',
        inStepSince: ago(95),
      };
    case 'switched':
      return {
        ...base,
        ...all,
        account: phase('switched'),
        where: 'new',
        capabilities: { switch: true, why: null, mailPrograms: true, keepPassword: false },
      };
    case 'rolling-back':
      return {
        ...base,
        ...all,
        account: phase('rolling-back'),
        where: 'new',
        capabilities: { switch: true, why: null, mailPrograms: true, keepPassword: false },
      };
    case 'done':
      return {
        ...base,
        ...all,
        account: phase('done'),
        signsInWith: 'nothing',
        where: 'new',
        capabilities: { switch: true, why: null, mailPrograms: true, keepPassword: false },
      };
    case 'empty':
      return {
        ...base,
        ...resting,
        choice: 'none',
        account: phase('old'),
        old: null,
        signsInWith: null,
        estimate: null,
        done: { messages: 0, bytes: 0 },
        mailboxes: [],
      };
    // Counted, and there is no mail at all.
    case 'nothing':
      return {
        ...crossingFixture('in-step', address),
        old: { messages: 0, bytes: 0, mailboxes: 1, countedAt: ago(10) },
        done: { messages: 0, bytes: 0 },
        mailboxes: [{ ...inbox, messages: 0, done: 0, bytes: 0 }],
        lastCarried: [],
      };
    case 'trouble':
      return {
        ...base,
        signsInWith: 'own-password',
        refused: 2,
        rate: null,
        secondsLeft: null,
        account: {
          ...base.account,
          attention: {
            code: 'over-quota',
            reason: 'Auf dem neuen Server ist kein Platz mehr. / The new server has no room left.',
            action: 'Bitten Sie Ihren Anbieter um mehr Platz. / Ask your provider for more room.',
            asks: true,
            since: ago(20),
          },
        },
        mailboxes: mailboxes(8_112).map((m, i) =>
          i === 0 ? { ...m, done: m.messages - 2, refused: 2, complete: false } : m,
        ),
      };
    default:
      return longCrossing(base);
  }
}

/** Everything is too long, too many, or hostile. */
function longCrossing(base: Crossing): Crossing {
  const many = Array.from({ length: 120 }, (_, i) => ({
    name:
      i === 0
        ? hostile.folder
        : i === 1
          ? hostile.endless
          : `Projects/${2000 + i}/Customers and suppliers/North`,
    role: null,
    messages: 10_000 + i,
    done: i % 3 === 0 ? 10_000 + i : i % 3 === 1 ? 0 : 5_000,
    bytes: 1_000_000_000 * (1 + (i % 17)),
    refused: 0,
    complete: i % 3 === 0,
  }));
  return {
    ...base,
    account: {
      ...base.account,
      address: `${'very-long-local-part.'.repeat(3)}x@a-long-name-of-a-department.subsidiary.example.org`,
    },
    old: { messages: 1_207_140, bytes: 1_080_000_000_000, mailboxes: 620, countedAt: ago(10) },
    done: { messages: 602_000, bytes: 540_000_000_000 },
    secondsLeft: 93_000,
    mailboxes: many,
    more: 500,
    lastCarried: [
      { mailbox: hostile.folder, subject: hostile.subject, at: ago(0) },
      { mailbox: 'INBOX', subject: hostile.endless, at: ago(0) },
      { mailbox: 'INBOX', subject: hostile.turned, at: ago(0) },
    ],
  };
}

export function sessionFixture(login: string, roles: Session['person']['roles']): Session {
  return {
    person: { login, displayName: login, locale: null, roles },
    sessionId: 's1',
    createdAt: ago(40),
    expiresAt: ago(-600),
  };
}

const states: readonly TeamState[] = [
  'across',
  'across',
  'under-way',
  'waiting',
  'waiting',
  'waiting',
  'needs-you',
  'paused',
];
const first = ['anna', 'bela', 'clara', 'david', 'emre', 'fatma', 'georg', 'hanna', 'ivan', 'jana'];
const last = ['berg', 'conrad', 'dogan', 'ernst', 'fischer', 'gruber', 'huber', 'ivanova', 'jung', 'klein'];

/** The same each time: the n-th account is a function of n. */
export function teamFixture(count: number): TeamAccount[] {
  return Array.from({ length: count }, (_, i): TeamAccount => {
    const state = states[(i * 7 + (i >> 3)) % states.length] ?? 'waiting';
    const messages = ((i * 7_919) % 24_000) + 20;
    const share = state === 'across' ? 1 : state === 'waiting' ? 0 : ((i * 37) % 90) / 100;
    return {
      id: String(i + 1),
      address: `${first[i % 10]}.${last[Math.floor(i / 10) % 10]}${i >= 100 ? Math.floor(i / 100) : ''}@example.org`,
      phase: state === 'across' ? 'in-step' : state === 'waiting' ? 'old' : 'copying',
      state,
      messagesTotal: messages,
      messagesDone: Math.floor(messages * share),
      bytes: messages * (180_000 + ((i * 131) % 90_000)),
      refused: i % 41 === 0 ? 2 : 0,
      attentionCode: state === 'needs-you' ? (i % 2 === 0 ? 'login-refused' : 'over-quota') : null,
      scheduledFor: state === 'waiting' && i % 5 === 0 ? '2026-11-27T21:00:00Z' : null,
      lastActivityAt: share === 0 ? null : ago(i % 300),
    };
  });
}

export function countStates(accounts: readonly TeamAccount[]): Record<TeamState, number> {
  const counts: Record<TeamState, number> = {
    across: 0,
    'under-way': 0,
    waiting: 0,
    'needs-you': 0,
    paused: 0,
  };
  for (const { state } of accounts) counts[state] += 1;
  return counts;
}

export function fleetFixture(none: boolean): { teams: TeamAcross[] } {
  if (none) return { teams: [] };
  const teams = Array.from({ length: 30 }, (_, i) => {
    const messagesTotal = Math.round(400_000 / (i + 1));
    return {
      id: String(i),
      name: `Team ${i}`,
      accounts: 80 - i,
      messagesTotal,
      messagesDone: Math.round(messagesTotal * ((i * 37) % 101) * 0.01),
    };
  });
  return { teams: [...teams, { id: null, name: null, accounts: 60, messagesTotal: 9_000, messagesDone: 0 }] };
}

export function loadFixture(none: boolean): OfBoth<ServerLoad> {
  if (none) return { old: null, new: null };
  const rates = { messagesPerSecond: 1_240.4, bytesPerSecond: 43_600_000, bytesToday: 812_000_000_000 };
  return {
    old: { connections: 40, allowed: 40, waiting: 7, latencyMs: 2_310, latencyBrakeMs: 2_000, ...rates },
    new: { connections: 31, allowed: 64, waiting: 0, latencyMs: 12, latencyBrakeMs: 2_000, ...rates },
  };
}

export function dashboardFixture(points: number): Dashboard {
  const accounts = 2_000;
  return {
    points: Array.from({ length: points }, (_, i) => {
      const done = i / Math.max(1, points - 1);
      const inStep = Math.round(accounts * 0.8 * done ** 1.3);
      const copying = Math.round(120 + 60 * Math.sin(i / 7));
      return {
        at: ago((points - 1 - i) * 2),
        phases: { old: accounts - inStep - copying, copying, 'in-step': inStep },
        messagesPerSecond: 900 + 400 * Math.sin(i / 5) + ((i * 37) % 90),
        bytesPerSecond: 41_000_000 + 9_000_000 * Math.sin(i / 6),
        lagMs: 300 + ((i * 53) % 700),
        refused: Math.floor(i / 9),
        servers: {
          old: { connections: 24 + (i % 9), latencyMs: 18 + ((i * 13) % 40) },
          new: { connections: 22 + (i % 7), latencyMs: i % 60 < 3 ? null : 9 + ((i * 7) % 12) },
        },
      };
    }),
    trouble: { 'login-refused': 14, 'over-quota': 3, 'connection-lost': 5 },
  };
}
