import { beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../test/fakes/fake-clock.ts';
import { type ErrorCode, MailferryError } from '../base/errors.ts';
import { type Place, ServerBudget } from './server-budget.ts';

let clock: FakeClock;
let budget: ServerBudget;

beforeEach(() => {
  clock = new FakeClock();
  budget = new ServerBudget(clock, () => 0.5, 10);
});

const inUse = { code: 'too-many-connections' };
const take = (purpose: 'pass' | 'extra' | 'listen', many: number): Promise<Place[]> =>
  Promise.all(Array.from({ length: many }, () => budget.place(purpose)));
const placeOf = async (account: string) => (await budget.place('pass', undefined, account)).release();
/** Whether it has come true by now. */
async function has(work: Promise<unknown>): Promise<boolean> {
  const told = await Promise.race([work.then(() => true), clock.advance(0).then(() => false)]);
  return told;
}

describe('places', () => {
  it('for listening end at six tenths', async () => {
    await take('listen', 6);
    await expect(budget.place('listen')).rejects.toMatchObject(inUse);
  });

  it('for passes are kept free from others', async () => {
    await take('listen', 6);
    await expect(budget.place('extra')).rejects.toMatchObject(inUse);
    await take('pass', 4);
  });

  it('may all be taken by passes, and then one waits until another has ended', async () => {
    const [first] = await take('pass', 10);
    const waiting = budget.place('pass');
    expect(await has(waiting)).toBe(false);
    first?.release();
    expect(await has(waiting)).toBe(true);
  });

  it('are given back once, however often it is said', async () => {
    const [first] = await take('pass', 10);
    first?.release();
    first?.release();
    await budget.place('pass');
    expect(await has(budget.place('pass'))).toBe(false);
  });

  it('are waited for 30 s', async () => {
    await take('pass', 10);
    const waiting = budget.place('pass');
    waiting.catch(() => {});
    await clock.advance(29_999);
    expect(await has(waiting)).toBe(false);
    await clock.advance(1);
    await expect(waiting).rejects.toMatchObject(inUse);
  });

  it('are not given to somebody who has stopped waiting', async () => {
    const [first] = await take('pass', 10);
    const over = new AbortController();
    const gone = budget.place('pass', over.signal);
    const waiting = budget.place('pass');
    over.abort();
    await expect(gone).rejects.toMatchObject({ code: 'interrupted' });
    first?.release();
    expect(await has(waiting)).toBe(true);
    expect(clock.sleeping).toBe(0);
  });

  it('come free when what rests is closed: the one that has rested longest first', async () => {
    const places = await take('pass', 10);
    const closed: number[] = [];
    for (const n of [0, 1, 2]) {
      budget.rests(() => {
        closed.push(n);
        places[n]?.release();
      });
    }
    await budget.place('pass');
    await budget.place('pass');
    expect(closed).toEqual([0, 1]);
  });

  it('come free at once when something comes to rest while somebody waits', async () => {
    const [first] = await take('pass', 10);
    const waiting = budget.place('pass');
    expect(await has(waiting)).toBe(false);
    budget.rests(() => first?.release());
    expect(await has(waiting)).toBe(true);
  });

  it('of what is in use again are left alone', async () => {
    await take('pass', 10);
    let closed = false;
    budget.rests(() => {
      closed = true;
    })();
    budget.place('pass').catch(() => {});
    expect(closed).toBe(false);
  });

  it('grow with the limit', async () => {
    await take('pass', 10);
    const waiting = budget.place('pass');
    budget.setConnections(11);
    expect(await has(waiting)).toBe(true);
  });
});

describe('the breaker', () => {
  const fail = (code: ErrorCode, retryAfterMs?: number) =>
    budget.opened(new MailferryError(code, 'no answer', { side: 'old', retryAfterMs }), 'anna');

  it('opens at the third failure to reach the server in a row', async () => {
    fail('unreachable');
    fail('unreachable');
    (await budget.place('pass')).release();
    fail('unreachable');
    await expect(budget.place('pass')).rejects.toMatchObject({ code: 'unreachable', retryAfterMs: 1000 });
  });

  it('counts from the start after a success', async () => {
    for (const _ of [1, 2, 3]) {
      fail('unreachable');
      fail('unreachable');
      budget.opened(null, 'anna');
    }
    await budget.place('pass');
  });

  it('is not for what is wrong with one account', async () => {
    for (const _ of [1, 2, 3, 4]) fail('login-refused');
    await budget.place('pass');
  });

  it('lets one try after its time, and all when that one came through', async () => {
    for (const _ of [1, 2, 3]) fail('unreachable');
    await clock.advance(1000);
    const probe = await budget.place('pass');
    await expect(budget.place('pass')).rejects.toMatchObject({ code: 'unreachable' });
    budget.opened(null, 'anna');
    probe.release();
    await take('pass', 3);
  });

  it('stays open twice as long after each try that fails, up to a minute', async () => {
    for (const _ of [1, 2, 3]) fail('unreachable');
    const pauses: (number | undefined)[] = [];
    for (let i = 0; i < 8; i++) {
      const error: unknown = await budget.place('pass').catch((e: unknown) => e);
      if (!(error instanceof MailferryError)) throw new Error('it was not open');
      pauses.push(error.retryAfterMs);
      await clock.advance(error.retryAfterMs ?? 0);
      (await budget.place('pass')).release();
      fail('unreachable');
    }
    expect(pauses).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
  });

  it('opens at once where the server names a time, for that time', async () => {
    fail('throttled', 5000);
    await expect(budget.place('pass')).rejects.toMatchObject({ code: 'throttled', retryAfterMs: 5000 });
    await clock.advance(5000);
    await budget.place('pass');
  });

  it('is for those as well who already wait for a place', async () => {
    const places = await take('pass', 10);
    const waiting = [1, 2, 3].map(() => budget.place('pass'));
    for (const one of waiting) one.catch(() => {});
    fail('throttled', 60_000);
    for (const place of places) place.release();
    for (const one of waiting) {
      await expect(one).rejects.toMatchObject({ code: 'throttled', retryAfterMs: 60_000 });
    }
  });

  it('lets one of those try who wait for a place, once its time is over', async () => {
    const places = await take('pass', 10);
    fail('throttled', 5_000);
    await clock.advance(5_000);
    const waiting = [1, 2].map(() => budget.place('pass'));
    for (const one of waiting) one.catch(() => {});
    for (const place of places) place.release();
    await waiting[0];
    await expect(waiting[1]).rejects.toMatchObject({ code: 'throttled' });
  });

  it('lets another try where the one that was let through gave up before it had a connection', async () => {
    await take('pass', 10);
    for (const _ of [1, 2, 3]) fail('unreachable');
    await clock.advance(1000);
    const over = new AbortController();
    const gone = budget.place('pass', over.signal);
    over.abort();
    await expect(gone).rejects.toMatchObject({ code: 'interrupted' });
    budget.setConnections(12);
    await budget.place('pass');
  });
});

describe('a refused login', () => {
  const minutes = 60_000;
  const refuse = (account: string, retryAfterMs?: number, code: ErrorCode = 'throttled') => {
    const details = { side: 'old', retryAfterMs, atLogin: true } as const;
    budget.opened(new MailferryError(code, `not now, ${account}`, details), account);
  };

  it.each(['throttled', 'server-unavailable', 'too-many-connections'] as const)(
    'with a pause (%s) keeps this account waiting for so long, and no other',
    async (code) => {
      refuse('anna', 15 * minutes, code);
      await placeOf('berta');
      await clock.advance(15 * minutes - 1);
      await expect(placeOf('anna')).rejects.toMatchObject({ code, retryAfterMs: 1, atLogin: true });
      await clock.advance(1);
      await placeOf('anna');
    },
  );

  it('of one account, however often, is not the server’s', async () => {
    for (let n = 0; n < 10; n++) refuse('anna', undefined, 'server-unavailable');
    await placeOf('berta');
  });

  it('of three accounts within a minute is the server’s, for the shortest pause it named', async () => {
    refuse('anna', 15 * minutes);
    refuse('berta', 5 * minutes);
    await placeOf('dora');
    refuse('clara', 10 * minutes);
    await expect(placeOf('dora')).rejects.toMatchObject({ code: 'throttled', retryAfterMs: 5 * minutes });
    await clock.advance(5 * minutes);
    await placeOf('dora');
  });

  it('of three accounts without a pause opens the breaker as if it could not be reached', async () => {
    for (const account of ['anna', 'berta', 'clara']) refuse(account, undefined, 'server-unavailable');
    await expect(placeOf('dora')).rejects.toMatchObject({ code: 'server-unavailable', retryAfterMs: 1000 });
  });

  it('shows to nobody what was said to another', async () => {
    for (const account of ['anna', 'berta', 'clara']) refuse(account);
    const error: unknown = await placeOf('dora').catch((e: unknown) => e);
    expect(String(error)).not.toMatch(/anna|berta|clara/);
  });

  it('counts from the start when somebody got in, and after a minute', async () => {
    for (const account of ['anna', 'berta']) refuse(account, 5 * minutes);
    budget.opened(null, 'dora');
    refuse('clara', 5 * minutes);
    await placeOf('dora');
    await clock.advance(minutes + 1);
    for (const account of ['emil', 'fritz']) refuse(account, 5 * minutes);
    await placeOf('dora');
  });

  it('of the one who tries a server that was away keeps the others as long as any failure does', async () => {
    for (const _ of [1, 2, 3])
      budget.opened(new MailferryError('unreachable', 'no answer', { side: 'old' }), 'anna');
    await clock.advance(1000);
    const probe = await budget.place('pass', undefined, 'berta');
    refuse('berta', 15 * minutes);
    probe.release();
    await expect(placeOf('dora')).rejects.toMatchObject({ code: 'unreachable', retryAfterMs: 2000 });
    await clock.advance(2000);
    await placeOf('dora');
  });
});

describe('a master user that is refused', () => {
  const refuse = (account: string) =>
    budget.opened(new MailferryError('login-refused', `no ${account}`, { atLogin: true }), account, true);

  it('is told to the first accounts; from the third on the server is left alone but for one that tries', async () => {
    expect(refuse('anna')).toMatchObject({ code: 'login-refused' });
    expect(refuse('berta')).toMatchObject({ code: 'login-refused' });
    expect(refuse('clara')).toMatchObject({
      code: 'server-unavailable',
      message: 'the server refuses the master user',
    });
    await expect(placeOf('dora')).rejects.toMatchObject({ code: 'server-unavailable', retryAfterMs: 1000 });
    await clock.advance(1000);
    const probe = await budget.place('pass', undefined, 'dora');
    // Nobody else is told that its own login was refused.
    expect(refuse('dora')).toMatchObject({ code: 'server-unavailable' });
    probe.release();
    await expect(placeOf('emil')).rejects.toMatchObject({ code: 'server-unavailable', retryAfterMs: 2000 });
    await clock.advance(2000);
    await placeOf('emil');
    budget.opened(null, 'emil', true);
    await placeOf('fritz');
  });

  it('for single accounts between others that get in is about them', async () => {
    for (const account of ['anna', 'berta', 'clara', 'dora']) {
      expect(refuse(account)).toMatchObject({ code: 'login-refused' });
      budget.opened(null, 'emil', true);
    }
    await placeOf('emil');
  });

  it('of a password of its own is the account’s alone, however many', async () => {
    for (const account of ['anna', 'berta', 'clara', 'dora']) {
      const error = new MailferryError('login-refused', 'no', { atLogin: true });
      expect(budget.opened(error, account)).toBe(error);
    }
    await placeOf('emil');
  });
});

describe('latency', () => {
  it('is the median of the last 64 short commands, and unknown before there are eight', () => {
    for (let i = 1; i <= 7; i++) budget.took(i);
    expect(budget.latencyMs).toBe(0);
    budget.took(8);
    expect(budget.latencyMs).toBe(5);
    for (let i = 0; i < 64; i++) budget.took(100);
    expect(budget.latencyMs).toBe(100);
  });

  it('forgets what was slow more than a minute ago', async () => {
    for (let i = 0; i < 20; i++) budget.took(5_000);
    await clock.advance(50_000);
    for (let i = 0; i < 8; i++) budget.took(10);
    expect(budget.latencyMs).toBe(5_000);
    await clock.advance(11_000);
    expect(budget.latencyMs).toBe(10);
  });
});
