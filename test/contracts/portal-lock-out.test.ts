/** How often somebody may try a password, by network and by login, and who is believed about where a try comes from. */
import { afterEach, expect, test } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { Secret } from '../../src/base/secret.ts';
import { LockOut } from '../../src/portal/login/lock-out.ts';
import { LogIn } from '../../src/portal/login/log-in.ts';
import { addAccount } from '../../src/state/database/accounts.ts';
import { type ControlEnv, key, startControlFor } from './control-env.ts';
import { describeOnBoth } from './database-env.ts';

const locked = { code: 'too-many-attempts' };

describeOnBoth('lock-out', (env) => {
  let control: ControlEnv | null = null;
  afterEach(async () => {
    await control?.close();
    control = null;
  });
  const wrong = async (login: string, from: string) =>
    (await new LockOut(env.database.db).attempt(login, from))('refused');

  test('forty wrong passwords for whatever logins lock out their address, and no other', async () => {
    for (let n = 0; n < 40; n++) await wrong(`login-${n}`, '192.0.2.1');
    await expect(wrong('another', '192.0.2.1')).rejects.toMatchObject(locked);
    // As a socket for both families tells the same address.
    await expect(wrong('another', '::ffff:192.0.2.1')).rejects.toMatchObject(locked);
    await wrong('another', '192.0.2.2');
  });

  test('thirty wrong passwords from wherever lock out a login, and no other', async () => {
    for (let n = 0; n < 30; n++) await wrong('anna', `192.0.2.${n}`);
    await expect(wrong('anna', '198.51.100.1')).rejects.toMatchObject(locked);
    await wrong('bert', '198.51.100.1');
  });

  test('a right password is not counted for its address and its login', async () => {
    const lockOut = new LockOut(env.database.db);
    for (let n = 0; n < 45; n++) await (await lockOut.attempt('anna', '192.0.2.1'))('neither');
    await wrong('anna', '192.0.2.1');
  });

  test('a network of IPv6 counts as one, however its addresses are written', async () => {
    const same = [
      '2001:db8:0:7::1',
      '2001:db8::7:0:0:0:2',
      '2001:db8:0:7:a:b:c:d',
      '2001:db8:0:7::',
      '2001:DB8:0:7::9',
    ];
    for (const from of same) await wrong('anna', from);
    await expect(wrong('anna', '2001:0db8:0000:0007:ffff::')).rejects.toMatchObject(locked);
    await wrong('anna', '2001:db8:0:8::1');
  });

  test('a password that nobody came to try is not counted', async () => {
    const anna = { address: 'anna@example.org', oldLogin: 'anna', newLogin: 'anna' };
    const annaId = await addAccount(env.database.db, anna, 'test', systemClock.now());
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    const checkMailbox = async (login: string) => {
      if (login !== 'anna') await held;
      return { kind: 'right', count: null } as const;
    };
    const database = env.database;
    const logIn = new LogIn({ database, key, clock: systemClock, checkMailbox, refusalStepMs: 1 });
    // As many as are let in and may wait, and one more, whose refusal tells that all the others are in.
    let full = () => {};
    const refusedOne = new Promise<void>((resolve) => (full = resolve));
    const crowd = Array.from({ length: 73 }, (_, n) =>
      logIn
        .logIn({ login: `n${n}`, password: new Secret('x'), code: null, address: `192.0.2.${n}` })
        .catch(full),
    );
    const settled = Promise.all(crowd);
    const confirm = () =>
      logIn.confirmMailbox(annaId, {
        login: 'anna@example.org',
        password: new Secret('right'),
        code: null,
        address: '198.51.100.1',
      });
    const busy = expect.objectContaining({ message: expect.stringContaining('many people log in') });
    await refusedOne;
    for (let n = 0; n < 6; n++) await expect(confirm()).rejects.toEqual(busy);
    release();
    await settled;
    await confirm();
  });

  /** Five wrong passwords with this header; then whether another header is let try. */
  async function afterFive(controlToml: string, header: string, other: string): Promise<number> {
    control = await startControlFor(env.database, { controlToml });
    const anna = { address: 'anna@example.org', oldLogin: 'anna', newLogin: 'anna' };
    await addAccount(env.database.db, anna, 'test', systemClock.now());
    const tryWith = async (forwarded: string) => {
      const body = { login: 'anna@example.org', password: 'wrong' };
      const headers = { 'x-forwarded-for': forwarded };
      return (await control?.call('POST', '/api/v1/session', body, { token: null, headers }))?.status ?? 0;
    };
    for (let n = 0; n < 5; n++) expect(await tryWith(header)).toBe(401);
    expect(await tryWith(header)).toBe(429);
    return tryWith(other);
  }

  test('a proxy on this machine is believed about where people come from', async () => {
    expect(await afterFive('', '198.51.100.7', '198.51.100.8')).toBe(401);
  });

  test('who is no trusted proxy is not: another header is the same address', async () => {
    const only = 'trusted_proxies = ["192.0.2.0/24"]';
    expect(await afterFive(only, '198.51.100.7', '198.51.100.8')).toBe(429);
  });

  test('nor is anybody where none is trusted', async () => {
    expect(await afterFive('trusted_proxies = []', '198.51.100.7', '198.51.100.8')).toBe(429);
  });

  test('behind two proxies what the outer one saw counts, and not what its client says before', async () => {
    const both = 'trusted_proxies = ["127.0.0.1", "10.0.0.0/8"]';
    const spoofed = '203.0.113.9, 198.51.100.7, 10.1.2.3';
    expect(await afterFive(both, '198.51.100.7, 10.1.2.3', spoofed)).toBe(429);
  });
});
