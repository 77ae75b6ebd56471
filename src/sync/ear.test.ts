import { expect, it } from 'vitest';
import { FakeClock } from '../../test/fakes/fake-clock.ts';
import { FakeMailStore } from '../../test/fakes/fake-mail-store.ts';
import { FakeServer } from '../../test/fakes/fake-server.ts';
import { Ear } from './ear.ts';

async function listening() {
  const clock = new FakeClock();
  const server = new FakeServer({ clock });
  const { signal } = new AbortController();
  const ear = new Ear({ old: new FakeMailStore(server, 'old'), clock, signal, random: () => 0.5 });
  ear.listen();
  await clock.advance(0);
  ear.forget();
  return { clock, server, ear };
}

/** Whether it has come true by now. */
const has = (clock: FakeClock, work: Promise<unknown>) =>
  Promise.race([work.then(() => true), clock.advance(0).then(() => false)]);

it('tells of news to who waits', async () => {
  const { clock, server, ear } = await listening();
  const news = ear.news(10_000);
  expect(await has(clock, news)).toBe(false);
  server.user.append('INBOX', 'x');
  expect(await has(clock, news)).toBe(true);
  await ear.close();
});

it('tells of news to who waits now, also when somebody who waited before has had enough', async () => {
  const { clock, server, ear } = await listening();
  const before = ear.news(1_000);
  await clock.advance(500);
  const news = ear.news(10_000);
  await clock.advance(600);
  await before;
  expect(await has(clock, news)).toBe(false);
  server.user.append('INBOX', 'x');
  expect(await has(clock, news)).toBe(true);
  await ear.close();
});

it('rejects to who waits when the server lets nobody in any more', async () => {
  const { clock, server, ear } = await listening();
  const news = ear.news(100_000);
  news.catch(() => {});
  server.misbehave({ kind: 'refuse-login', code: 'login-refused' });
  server.cutAll();
  await clock.advance(2_000);
  await expect(news).rejects.toMatchObject({ code: 'login-refused' });
});

it('comes again no sooner than the server asked for', async () => {
  const { clock, server, ear } = await listening();
  const logins = () => server.log.filter(({ op }) => op === 'LOGIN').length;
  server.misbehave({ kind: 'refuse-login', code: 'throttled', retryAfterMs: 900_000 });
  server.cutAll();
  await clock.advance(2_000);
  const before = logins();
  await clock.advance(890_000);
  expect(logins()).toBe(before);
  await clock.advance(10_000);
  expect(logins()).toBe(before + 1);
  expect(ear.hears).toBe('all');
  await ear.close();
});
