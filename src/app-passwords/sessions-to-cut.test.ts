import { expect, it } from 'vitest';
import type { MailSession } from './dovecot-sessions.ts';
import { sessionsToCut } from './sessions-to-cut.ts';

const worker = '192.0.2.20';
let pid = 100;
const session = (login: string, address: string, more: Partial<MailSession> = {}): MailSession => ({
  login,
  address,
  protocol: 'imap',
  pid: ++pid,
  ...more,
});
const endedOf = (login: string, nets = [`${worker}/32`]) => ({ id: 'x', login, protocols: ['imap'], nets });
const cutOf = (sessions: readonly MailSession[], ...logins: string[]) =>
  sessionsToCut(
    sessions,
    logins.map((login) => endedOf(login)),
  );

it('ends those of the login from the addresses of its password, and leaves its owner’s and other people’s', () => {
  const sessions = [
    session('anna', worker),
    session('anna', '198.51.100.7'),
    session('bela', worker),
    session('anna.berg', worker),
    session('anna', ''),
  ];
  expect(cutOf(sessions, 'anna')).toEqual({
    cut: [{ login: 'anna', address: worker }],
    pids: new Set([sessions[0]?.pid]),
    inseparable: [],
  });
});

it('knows a login whose letters Dovecot made small, and addresses of IPv6', () => {
  const sessions = [session('anna', '2001:db8::5'), session('anna', '2001:db9::5')];
  const { cut } = sessionsToCut(sessions, [endedOf('Anna', ['2001:db8::/64'])]);
  expect(cut).toEqual([{ login: 'anna', address: '2001:db8::5' }]);
});

it('a protocol that the password was not good for is no reason', () => {
  expect(cutOf([session('anna', worker, { protocol: 'pop3' })], 'anna').cut).toEqual([]);
});

it('a process that serves others as well is left, and told', () => {
  const shared = { pid: 7 };
  const others = [session('anna', worker, shared), session('bela', '198.51.100.7', shared)];
  expect(cutOf(others, 'anna')).toEqual({ cut: [], pids: new Set(), inseparable: ['anna'] });
  const own = [session('anna', worker, shared), session('anna', '198.51.100.7', shared)];
  expect(cutOf(own, 'anna').inseparable).toEqual(['anna']);
  // Where all of them end anyway it is none.
  const both = [session('anna', worker, shared), session('bela', worker, shared)];
  expect(cutOf(both, 'anna', 'bela').cut).toHaveLength(2);
});

it.each(['a*', 'an?a', '192.0.2.20', '192.0.2.0/24'])(
  'the login %s, which Dovecot would take for several, is left, and told',
  (login) => {
    expect(cutOf([session(login, worker)], login)).toMatchObject({ cut: [], inseparable: [login] });
  },
);
