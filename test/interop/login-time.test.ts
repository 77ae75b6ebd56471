/** From outside nobody can tell which logins exist: the same answer after the same time, with a real Dovecot behind. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { readConfiguration } from '../../src/services/configuration/read.ts';
import { mailboxCheck } from '../../src/services/mailbox-check.ts';
import { addAccount } from '../../src/state/database/accounts.ts';
import { startControlFor } from '../contracts/control-env.ts';
import { describeOnBoth } from '../contracts/database-env.ts';
import { type Dovecot, noPenalty, startDovecot } from '../lab/dovecot.ts';

/** The standard one: longer than Dovecot's two seconds and a hash after it take on a busy machine. */
const stepMs = 3_000;
const rounds = 4;
let dovecot: Dovecot;
beforeAll(async () => {
  // Without its delay Dovecot itself is fast for who it does not know, and the difference would show.
  // What it makes an address wait that failed before is turned off as well: it would wait for all alike.
  dovecot = await startDovecot({
    users: [{ name: 'anna', password: 'rightpw' }],
    tls: false,
    extra: noPenalty,
  });
});
afterAll(() => dovecot.stop());

describeOnBoth('a refused login', (env) => {
  test('is answered alike, in the same step of time, for a wrong password, an unknown login and an operator', {
    timeout: 60_000,
  }, async () => {
    const server = `host = "127.0.0.1"\nport = ${dovecot.imapPort}\ntls = "none"\n`;
    const read = readConfiguration(`[old]\n${server}[new]\n${server}`, {}, () => '');
    if (!read.ok) throw new Error('the configuration of the test is wrong');
    const checkMailbox = mailboxCheck(read.value.configuration.old);
    const control = await startControlFor(env.database, { checkMailbox, refusalStepMs: stepMs });
    try {
      const anna = { address: 'anna@example.org', oldLogin: 'anna', newLogin: 'anna' };
      await addAccount(env.database.db, anna, 'test', systemClock.now());
      const olga = { login: 'olga', password: 'correct horse battery' };
      expect((await control.call('POST', '/api/v1/operators', olga)).status).toBe(201);
      const refuse = async (login: string) => {
        const began = performance.now();
        const body = { login, password: 'wrongpw' };
        const { status, text, headers } = await control.call('POST', '/api/v1/session', body, {
          token: null,
        });
        const told = {
          status,
          text,
          retryAfter: headers.get('retry-after'),
          cookie: headers.get('set-cookie'),
        };
        return { told, ms: performance.now() - began };
      };
      const all = [];
      for (let round = 0; round < rounds; round++) {
        const logins = ['anna@example.org', 'nobody@example.org', 'nobody@elsewhere.example', 'olga'];
        all.push(...(await Promise.all(logins.map(refuse))));
      }
      const [first] = all;
      expect(first?.told.status).toBe(401);
      for (const { told } of all) expect(told).toEqual(first?.told);
      const times = all.map(({ ms }) => ms);
      // A timer may be early by its own rounding.
      expect(Math.min(...times)).toBeGreaterThanOrEqual(stepMs - 5);
      expect(Math.max(...times)).toBeLessThan(2 * stepMs);
    } finally {
      await control.close();
    }
  });
});
