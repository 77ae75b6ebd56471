import { describe, expect, it } from 'vitest';
import { counted, fitTo, table, width } from './format.ts';

const long = 'Projekte/2024/Umzug des ganzen Büros in den zweiten Stock';
const rows = [
  [long, 'Projekte', '12'],
  ['INBOX', '', '1'],
];
const head = ['Mailbox', 'On new as', 'Messages'];

describe('a table', () => {
  it('is whole where a program may read it', () => {
    expect(fitTo({ columns: 40 }, [0, 1])).toBeNull();
    expect(table(head, rows, [2])).toContain(long);
  });

  it('fits a terminal: the longest names are cut, with an ellipsis, numbers never are', () => {
    const shown = table(head, rows, [2], fitTo({ isTTY: true, columns: 50 }, [0, 1]));
    const lines = shown.trimEnd().split('\n');
    expect(Math.max(...lines.map(width))).toBe(50);
    expect(lines[1]).toMatch(/^Projekte\/2024\/Umzug des ganz…  Projekte {9}12$/);
  });

  it('does not cut names beyond recognition, however narrow the terminal', () => {
    const shown = table(head, rows, [2], fitTo({ isTTY: true, columns: 10 }, [0, 1]));
    expect(shown).toContain('Projekte/20…');
  });

  it.each([
    ['at the end', ['Verein/Vorstand/Protokolle', 'Privat/Familie/Briefe']],
    ['in the middle', ['Archiv/Rechnungen/2023', 'Archiv/Rechnungen/2024']],
    ['at the beginning', ['Archiv/Rechnungen/a 2024', 'Archiv/Rechnunger/a 2024', 'Bestand/ab/c 2024']],
  ])('cuts names so that none looks like another: %s', (_, names) => {
    const shown = table(
      ['Mailbox', 'Old'],
      names.map((name) => [name, '1']),
      [1],
      fitTo({ isTTY: true, columns: 18 }, [0]),
    );
    const lines = shown.trimEnd().split('\n');
    expect(new Set(lines).size).toBe(names.length + 1);
    expect(Math.max(...lines.map(width))).toBe(18);
  });

  it('leaves names whole that would look alike however they are cut', () => {
    const names = ['Verein/Rechnungen/2023/Aktenordner', 'Verein/Rechnungen/2024/Aktenordner'];
    const within = fitTo({ isTTY: true, columns: 14 }, [0]);
    const shown = table(
      ['Mailbox', 'Old'],
      names.map((name) => [name, '1']),
      [1],
      within,
    );
    for (const name of names) expect(shown).toContain(name);
  });

  it('stays as it is where it fits', () => {
    expect(table(head, rows, [2], fitTo({ isTTY: true, columns: 200 }, [0, 1]))).toBe(table(head, rows, [2]));
  });
});

it('counts one and many', () => {
  expect([counted(1, 'message'), counted(2000, 'message'), counted(1, 'is', 'are')]).toEqual([
    '1 message',
    '2,000 messages',
    '1 is',
  ]);
});
