import { describe, expect, test } from 'vitest';
import { width } from './format.ts';
import { barText } from './progress.ts';

const state = {
  done: 1442,
  total: 3166,
  copied: 1000,
  bytes: 36_400_000,
  seconds: 2,
  mailbox: 'INBOX.Projekte.2024.Umzug Büro',
};

test('80 columns show all with words, and as much bar as there is room', () => {
  expect(barText({ ...state, mailbox: 'INBOX' }, 80)).toBe(
    '████████░░░░░░░░░░  45 %  1,442/3,166 messages  36 MB  500/s  3.4 s left  INBOX',
  );
  expect(barText(state, 80)).toBe(
    ' 45 %  1,442/3,166 messages  36 MB  500/s  3.4 s left INBOX.Projekte.2024.Umzu…',
  );
});

test('40 columns show the same in fewer words', () => {
  expect(barText(state, 40)).toBe('1,442/3,166 36 MB 500/s 3.4 s INBOX.Pr…');
  expect(barText({ ...state, mailbox: 'INBOX' }, 40)).toBe('1,442/3,166 36 MB 500/s 3.4 s INBOX');
});

describe('whatever is shown', () => {
  const names = ['', 'INBOX', '受信箱.添付ファイル.二〇二四', 'a💌'.repeat(40), 'u\u0308'.repeat(50)];
  test.each([1, 2, 5, 10, 20, 40, 79, 80, 200])('%i columns are never filled', (columns) => {
    for (const mailbox of names) {
      for (const total of [0, 7, 3166, 99_999_999]) {
        const text = barText({ ...state, total, done: Math.min(total, 1442), mailbox }, columns);
        expect(width(text), text).toBeLessThan(columns);
      }
    }
  });
});

test('the time left is unknown before anything was copied', () => {
  expect(barText({ ...state, done: 0, copied: 0, bytes: 0, seconds: 0.2, mailbox: '' }, 60)).toContain(
    '? left',
  );
});
