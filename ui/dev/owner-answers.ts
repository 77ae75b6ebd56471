/** What the made-up API answers on the pages of a mailbox's owner beside the crossing itself. */
import { troubleTable } from '../../src/domain/trouble.ts';
import type { Crossing, MailPrograms, Refused } from '../src/api/contract.ts';
import type { Answer } from './fixture-server.ts';
import { crossingFixture, type FixtureScene, hostile } from './fixtures.ts';

const ago = (minutes: number): string =>
  new Date(Date.parse('2026-11-24T14:30:00Z') - minutes * 60_000).toISOString();

const codes = {
  'wrong-password': 'login-refused',
  locked: 'account-locked',
  throttled: 'throttled',
  unreachable: 'unreachable',
  'over-quota': 'over-quota',
  'deletions-stopped': 'deletions-stopped',
  'mailbox-missing': 'mailbox-not-created',
  'not-equal': 'check-failed',
  secret: 'secret-missing',
  database: 'database-unreachable',
  server: 'certificate-invalid',
  defect: 'internal',
} as const;
/** `wrong-password@example.org` and so on: trouble of that class, in the product's own words. */
export const troubleScenes = Object.keys(codes) as (keyof typeof codes)[];

/** Null for a login that is none of these. */
function troubledCrossing(login: string, german: boolean): Crossing | null {
  const one = troubleScenes.find((name) => login.startsWith(`${name}@`));
  if (one === undefined) return null;
  const { what, action, asks } = troubleTable[one];
  const locale = german ? 'de' : 'en';
  const attention = { code: codes[one], reason: what[locale], action: action[locale], asks, since: ago(20) };
  const crossing = crossingFixture('copying', login);
  return { ...crossing, rate: null, secondsLeft: null, account: { ...crossing.account, attention } };
}

export interface Asked {
  readonly url: URL;
  /** Below `/api/v1`. */
  readonly path: string;
  readonly login: string;
  readonly scene: FixtureScene;
  readonly german: boolean;
}

/** Null for what is asked for elsewhere. */
export function ownerAnswer({ url, path, login, scene, german }: Asked): Answer | null {
  const troubled = path.endsWith('/crossing') ? troubledCrossing(login, german) : null;
  if (troubled !== null) return { status: 200, body: troubled };
  if (/^\/accounts\/[^/]+\/retry$/.test(path))
    return { status: 200, body: crossingFixture('copying', login) };
  if (path === '/sessions') return { status: 200, body: { sessions: openSessions } };
  if (path.endsWith('/mail-programs')) return { status: 200, body: programsFixture(login, scene) };
  if (/^\/accounts\/[^/]+\/refused$/.test(path))
    return { status: 200, body: refusedPageFixture(url, login, scene) };
  if (path.endsWith('/content')) return contentFixture(path);
  if (path.endsWith('/refused/retry')) return { status: 200, body: {} };
  return null;
}

/** The second one is one that the old server does not give any more. */
function contentFixture(path: string): Answer {
  const name = 'attachment; filename="Fotos.eml"; filename*=UTF-8\'\'Fotos%20vom%20Sommerfest.eml';
  if (path.includes('/1-'))
    return {
      status: 200,
      headers: { 'content-type': 'message/rfc822', 'content-disposition': name },
      body: 'Subject: Fotos vom Sommerfest',
    };
  const code = 'message-unreadable';
  return {
    status: 502,
    body: { type: 'about:blank', title: 'Bad Gateway', status: 502, code, detail: '', action: '' },
  };
}

function programsFixture(login: string, scene: FixtureScene): MailPrograms {
  if (scene === 'copying') return { settings: null };
  const user = scene === 'long' ? `${'very-long-local-part.'.repeat(4)}x@subsidiary.example.org` : login;
  return {
    settings: {
      name: 'Beispiel Mail',
      imap: { host: 'imap.mail.example.org', port: 993, security: 'implicit', user },
      submission: { host: 'smtp.mail.example.org', port: 587, security: 'starttls', user },
      pop3:
        scene === 'long' ? { host: 'pop3.mail.example.org', port: 995, security: 'implicit', user } : null,
      both: scene === 'in-step' || scene === 'long',
      page: null,
    },
  };
}

/** `many@`: 2,345 of them, in pages. */
function refusedPageFixture(
  url: URL,
  login: string,
  scene: FixtureScene,
): { refused: readonly Refused[]; next: string | null } {
  if (login.startsWith('many@')) {
    const from = Number(url.searchParams.get('cursor') ?? 0);
    const limit = Number(url.searchParams.get('limit') ?? 100);
    const to = Math.min(2_345, from + limit);
    const refused = Array.from({ length: to - from }, (_, i) => manyFixture(from + i));
    return { refused, next: to < 2_345 ? String(to) : null };
  }
  // Who looks after a team sees of the mail only where it lies.
  if (login.startsWith('team'))
    return { refused: refusedFixture.map((one) => ({ ...one, subject: null, from: null })), next: null };
  return { refused: scene === 'trouble' || scene === 'long' ? refusedFixture : [], next: null };
}

function manyFixture(i: number): Refused {
  const [one] = refusedFixture;
  if (one === undefined) throw new Error('no message to copy');
  return {
    ...one,
    id: `1-${i + 1}`,
    uid: i + 1,
    subject: `Newsletter ${i + 1}`,
    mailbox: i % 2 === 0 ? 'INBOX' : 'Newsletter',
  };
}

const openSessions = [
  {
    id: 's1',
    createdAt: '2026-11-24T13:50:00Z',
    lastSeenAt: '2026-11-24T14:30:00Z',
    address: '192.0.2.14',
    userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
    current: true,
  },
  {
    id: 's2',
    createdAt: '2026-11-20T07:10:00Z',
    lastSeenAt: '2026-11-23T19:02:00Z',
    address: '2001:db8::51',
    userAgent: '<script>alert(1)</script> Mobile',
    current: false,
  },
];

const refusedFixture: readonly Refused[] = [
  {
    id: '1-4711',
    mailbox: 'INBOX',
    uid: 4_711,
    code: 'message-too-large',
    what: 'Die Nachricht ist größer, als der neue Server annimmt.',
    action: 'Speichern Sie den Anhang auf Ihrem Gerät, oder bitten Sie Ihren Anbieter um eine höhere Grenze.',
    reason: 'larger than 50 MB',
    reasonHelps: false,
    sizeBytes: 71_400_000,
    date: '2021-06-03T08:12:00Z',
    subject: 'Fotos vom Sommerfest',
    from: 'Jonas Berg <jonas@example.net>',
    attempts: 2,
    lastTriedAt: ago(4),
  },
  {
    id: '2-12',
    mailbox: hostile.folder,
    uid: 12,
    code: 'message-refused',
    what: 'Der neue Server hat die Nachricht nicht angenommen.',
    action: 'Öffnen Sie sie auf dem bisherigen Server und sichern Sie, was Sie brauchen.',
    reason: 'NUL in message',
    reasonHelps: true,
    sizeBytes: 9_120,
    date: null,
    subject: hostile.subject,
    from: hostile.turned,
    attempts: 1,
    lastTriedAt: ago(4),
  },
];
