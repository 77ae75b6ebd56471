/** The pages' table of trouble is the program's, code by code. */
import { expect, test } from 'vitest';
import { type ErrorCode, errorTable } from '../../src/base/errors.ts';
import { troubleClassOf, troubleCodes, troubleTable } from '../../src/domain/trouble.ts';
import * as ui from '../../ui/src/words/trouble-class.ts';

test('each code is in the same class, and all that accounts want attention for are known', () => {
  for (const code of Object.keys(errorTable) as ErrorCode[]) {
    expect([code, ui.troubleClassOf(code)]).toEqual([code, troubleClassOf(code)]);
  }
  expect(ui.troubleCodes).toEqual(troubleCodes());
  expect(new Set(ui.troubleCodes.map(ui.troubleClassOf))).toEqual(new Set(Object.keys(troubleTable)));
});
