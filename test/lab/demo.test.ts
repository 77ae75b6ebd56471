import { expect, test } from 'vitest';
import { demoScreen } from './demo-screen.ts';

const results = [
  {
    account: 'anna@example.org',
    mailboxes: 10,
    messages: 1_442,
    bytes: 36_000_000,
    seconds: 2,
    verified: true,
    problem: '',
  },
  {
    account: 'kati@example.org',
    mailboxes: 4,
    messages: 161,
    bytes: 28_000_000,
    seconds: 0.5,
    verified: false,
    problem: 'x',
  },
];

function shown(
  kind: 'terminal' | 'plain' | 'json',
  use: (screen: ReturnType<typeof demoScreen>) => void,
): string {
  let text = '';
  use(
    demoScreen(kind, {
      write: (chunk: string) => {
        text += chunk;
        return true;
      },
    } as NodeJS.WritableStream),
  );
  return text;
}

test('the table adds up and says which account is not verified', () => {
  const lines = shown('plain', (screen) => screen.table(results)).split('\n');
  expect(lines[1]).toMatch(/^account +mailboxes +messages +MB +seconds +msg\/s +verified$/);
  expect(lines).toContainEqual(expect.stringMatching(/^kati@example\.org +4 +161 +28\.0 +0\.5 +322 +NO$/));
  expect(lines).toContainEqual(expect.stringMatching(/^total +14 +1,603 +64\.0 +2\.5 +641 +NO$/));
});

test('plain output has no control characters and few lines of progress', () => {
  const text = shown('plain', (screen) => {
    for (let i = 0; i <= 100; i++) screen.progress('anna@example.org', i, 100, i * 1_000, i / 10);
    for (const result of results) screen.finished(result);
  });
  expect(['\r', '\u001b'].filter((control) => text.includes(control))).toEqual([]);
  expect(text.split('\n').length).toBeLessThan(8);
});

test('JSON output is one object a line', () => {
  const lines = shown('json', (screen) => {
    screen.say('hello');
    for (const result of results) screen.finished(result);
    screen.data({ type: 'summary', ok: false });
  });
  expect(
    lines
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { type: string }).type),
  ).toEqual(['account', 'account', 'summary']);
});
