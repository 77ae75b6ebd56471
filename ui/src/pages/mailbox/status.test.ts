import { expect, test } from 'vitest';
import { crossingFixture, scenes } from '../../../dev/fixtures.ts';
import { formatFor } from '../../format/format.ts';
import { de } from '../../words/de.ts';
import { en } from '../../words/en.ts';
import { actionOf, sceneOf, telling } from './status.ts';

const say = (scene: Parameters<typeof crossingFixture>[0], locale: 'de' | 'en') => {
  const format = formatFor(locale);
  return telling(crossingFixture(scene), (locale === 'de' ? de : en)(format), format);
};

test('before the start it says where the mail is, how much, and how long it takes', () => {
  const { head, sentences } = say('before', 'de');
  expect(head).toBe('Ihr Postfach liegt noch auf dem bisherigen Server.');
  expect(sentences.join(' ')).toBe(
    '12.480 Nachrichten, 3,2\u00a0GB. Das Kopieren dauert etwa 9 Minuten; Sie können dabei weiterarbeiten.',
  );
});

test('while copying it says how much is across, how long it still takes, and that one may leave', () => {
  expect(say('copying', 'en').sentences.join(' ')).toBe(
    '8,112 of 12,480 messages are across. About 3 minutes left. You can close this window.',
  );
});

test('a paused account offers to go on, and says when somebody else paused it', () => {
  const paused = crossingFixture('paused');
  expect([sceneOf(paused), actionOf(paused)]).toEqual(['paused', 'resume']);
  const held = { ...paused, account: { ...paused.account, paused: { by: 'operator', why: 'x' } } };
  const format = formatFor('en');
  expect(telling(held, en(format), format).sentences).toContain(
    'Somebody who looks after your mailbox has paused this. What is across stays across.',
  );
  expect(say('paused', 'en').sentences.join(' ')).not.toContain('Somebody');
});

test('who looks after an account is not spoken to as its owner', () => {
  const addressed = /\b(you|your|ihr|ihre|ihrem|ihren|sie)\b/i;
  for (const [locale, words] of [['de', de] as const, ['en', en] as const]) {
    const format = formatFor(locale);
    for (const scene of scenes) {
      const crossing = crossingFixture(scene);
      const { head, sentences } = telling(crossing, words(format), format, false);
      expect([head, ...sentences].join(' '), `${scene} ${locale}`).not.toMatch(addressed);
      expect(head).not.toBe('');
    }
    expect(telling(crossingFixture('copying'), words(format), format).head).toMatch(addressed);
  }
});

test('nothing is offered in the seconds of a switch, even to who had paused', () => {
  const switching = crossingFixture('switching');
  const account = { ...switching.account, paused: { by: 'account', why: '' } };
  expect(actionOf({ ...switching, account })).toBe('none');
});

test('before anything was copied anywhere it says when the time is known', () => {
  const fresh = { ...crossingFixture('before'), estimate: null };
  const told = (locale: 'de' | 'en') => {
    const format = formatFor(locale);
    return telling(fresh, (locale === 'de' ? de : en)(format), format).sentences.join(' ');
  };
  expect(told('de')).toBe(
    '12.480 Nachrichten, 3,2\u00a0GB. Wie lange das Kopieren dauert, ist nach den ersten Minuten bekannt; Sie können dabei weiterarbeiten.',
  );
  expect(told('en')).toContain(
    'How long copying takes is known after the first minutes; you can keep working.',
  );
  expect(say('nothing', 'en').sentences.join(' ')).not.toContain('How long');
});

test('how soon new mail follows is what was measured, or how often the old server is asked', () => {
  const told = (more: object, locale: 'de' | 'en' = 'en') => {
    const format = formatFor(locale);
    const crossing = { ...crossingFixture('in-step'), ...more };
    return telling(crossing, (locale === 'de' ? de : en)(format), format).sentences.at(-1);
  };
  expect(told({ lagMs: 640 })).toBe('New mail follows within a second.');
  expect(told({ lagMs: 4_200 })).toBe('New mail followed last after 4.2 seconds.');
  // Nothing was carried yet: nothing was measured.
  expect(told({ lagMs: null })).toBe('New mail follows by itself.');
  const asked = { lagMs: 640, heardBy: 'nothing', askedEveryMs: 30_000 };
  expect(told(asked)).toBe(
    'The old server does not tell of new mail. We ask it every 30 seconds; new mail follows then.',
  );
  expect(told(asked, 'de')).toBe(
    'Der bisherige Server meldet neue Nachrichten nicht. Wir fragen ihn im Abstand von 30 Sekunden; dann kommen sie mit.',
  );
  expect(told({ ...asked, heardBy: 'inbox', askedEveryMs: 300_000 })).toBe(
    'New mail in the inbox follows at once. We look into the other folders every 5 minutes.',
  );
  // A worker that has just begun does not know yet what its server tells.
  expect(told({ ...asked, askedEveryMs: null })).toBe('New mail follows by itself.');
});

test('an account without a count promises no duration', () => {
  expect(say('empty', 'en').sentences).toEqual(['We are still counting your messages.']);
});

test('an empty mailbox is called empty, and not none of none', () => {
  expect(say('nothing', 'en').sentences[0]).toBe('There are no messages in it yet.');
});

test('what waits for a person is not said to go on', () => {
  const { head, sentences } = say('trouble', 'en');
  expect(head).toBe('It does not go on by itself right now.');
  expect(sentences).toEqual(['8,112 of 12,480 messages are across.']);
  const passing = crossingFixture('trouble');
  const attention = { ...passing.account.attention, asks: false } as never;
  const format = formatFor('en');
  const goesOn = telling({ ...passing, account: { ...passing.account, attention } }, en(format), format);
  expect(goesOn.head).toBe('Your messages are being copied.');
});
