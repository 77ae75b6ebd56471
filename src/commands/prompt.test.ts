import { expect, test } from 'vitest';
import { HiddenLine } from './prompt.ts';

/** The line after everything, and how it ended. */
function typed(...pieces: string[]) {
  const line = new HiddenLine();
  let end: ReturnType<HiddenLine['type']> = null;
  for (const piece of pieces) end = line.type(piece);
  return [line.text, end?.by ?? null, end?.rest ?? null];
}

test('a line ends with Enter, in however many pieces it comes', () => {
  expect(typed('geheim\r')).toEqual(['geheim', 'enter', '']);
  expect(typed('ge', 'hei', 'm', '\n')).toEqual(['geheim', 'enter', '']);
});

test('what is typed ahead is left for the next line', () => {
  expect(typed('eins\rzwei\r')).toEqual(['eins', 'enter', 'zwei\r']);
});

test('backspace takes a whole character back, and nothing from an empty line', () => {
  expect(typed('\u007fgehö\u007f\b\b\b\b')[0]).toBe('');
  expect(typed('a💌\u007fb')[0]).toBe('ab');
});

test('Ctrl-U starts over', () => {
  expect(typed('falsch\u0015richtig\r')[0]).toBe('richtig');
});

test('Ctrl-D ends the line like Enter, Ctrl-C gives it up', () => {
  expect(typed('geheim\u0004')).toEqual(['geheim', 'enter', '']);
  expect(typed('geheim\u0003')[1]).toBe('interrupt');
});

test('arrows and control keys are no part of a password', () => {
  expect(typed('ge\u001b[Dhe\u001bOC\u001b[3~im\u001a\t\r')[0]).toBe('geheim');
});
