import { describe, expect, it } from 'vitest';
import { fitTo, table, width } from './format.ts';

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

  it('stays as it is where it fits', () => {
    expect(table(head, rows, [2], fitTo({ isTTY: true, columns: 200 }, [0, 1]))).toBe(table(head, rows, [2]));
  });
});
