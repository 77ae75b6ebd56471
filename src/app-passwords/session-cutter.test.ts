import { beforeEach, expect, it } from 'vitest';
import { FakeClock } from '../../test/fakes/fake-clock.ts';
import type { EndedPassword } from '../state/replica/replica-passwords.ts';
import type { MailSession } from './dovecot-sessions.ts';
import { SessionCutter } from './session-cutter.ts';

const anna: EndedPassword = { id: 'a1', login: 'anna', protocols: ['imap'], nets: ['192.0.2.20'] };
let ended: EndedPassword[];
let sessions: MailSession[];
let calls: string[];
let broken: string | null;
let deaf: boolean;
let clock: FakeClock;

const dovecot = {
  forgetAnswers: async (logins: readonly string[]) => note(`forget ${logins.join(' ')}`),
  list: async () => {
    note('list');
    return [...sessions];
  },
  end: async (login: string, address: string) => {
    note(`end ${login} ${address}`);
    if (!deaf) sessions = sessions.filter((one) => one.login !== login || one.address !== address);
  },
};
function note(call: string): void {
  if (broken !== null) throw new Error(broken);
  calls.push(call);
}
const passwords = {
  endExpired: () => {},
  ended: () => ended,
  forget: (gone: readonly Pick<EndedPassword, 'id'>[]) => {
    ended = ended.filter((one) => !gone.some(({ id }) => id === one.id));
  },
};
const session = (pid: number, address = '192.0.2.20') => ({ login: 'anna', protocol: 'imap', pid, address });
const cutterOf = (own: typeof dovecot | null = dovecot) =>
  new SessionCutter({ passwords: () => passwords, dovecot: own, clock, log: () => {} });

beforeEach(() => {
  ended = [];
  sessions = [session(1)];
  calls = [];
  broken = null;
  deaf = false;
  clock = new FakeClock();
});

/** For so long, as the edge runs it. */
async function runFor(cutter: SessionCutter, ms: number): Promise<void> {
  const over = new AbortController();
  const running = cutter.run(over.signal);
  await clock.advance(ms);
  over.abort();
  await running;
}

it('asks nothing of Dovecot while nothing has ended', async () => {
  await runFor(cutterOf(), 60_000);
  expect(calls).toEqual([]);
});

it('lets Dovecot forget, then ends what is open, and looks once more for a login that was under way', async () => {
  ended = [anna];
  const cutter = cutterOf();
  await runFor(cutter, 5_000);
  expect(calls).toEqual(['forget anna', 'list', 'end anna 192.0.2.20']);
  expect(ended).toEqual([anna]);
  sessions = [session(2)];
  await runFor(cutter, 30_000);
  expect(calls.slice(3)).toEqual(['list', 'end anna 192.0.2.20']);
  expect([sessions, ended]).toEqual([[], []]);
  await runFor(cutter, 60_000);
  expect(calls).toHaveLength(5);
});

it('tries again while doveadm fails, within the minute, and tells it until it succeeds', async () => {
  ended = [anna];
  broken = 'doveadm who: no';
  const cutter = cutterOf();
  await runFor(cutter, 20_000);
  expect(cutter.findings).toEqual([{ part: 'sessions', text: 'doveadm who: no' }]);
  expect(ended).toEqual([anna]);
  broken = null;
  await runFor(cutter, 20_000);
  expect([sessions, cutter.findings]).toEqual([[], []]);
});

it('tells of a session that was told to end and is still open', async () => {
  ended = [anna];
  deaf = true;
  const cutter = cutterOf();
  await runFor(cutter, 40_000);
  expect(cutter.findings).toMatchObject([{ text: expect.stringContaining('anna were told to end') }]);
  expect(ended).toEqual([anna]);
  deaf = false;
  await runFor(cutter, 20_000);
  await runFor(cutter, 40_000);
  expect([ended, cutter.findings]).toEqual([[], []]);
});

it('where it is switched off nothing is asked, and nothing is kept for later', async () => {
  ended = [anna];
  await runFor(cutterOf(null), 2_000);
  expect([ended, sessions]).toEqual([[], [session(1)]]);
});
