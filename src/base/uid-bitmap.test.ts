import fc from 'fast-check';
import { expect, test } from 'vitest';
import { UidBitmap } from './uid-bitmap.ts';

test('holds what a Set holds, up to the largest UID', () => {
  const uid = fc.oneof(
    fc.integer({ min: 0, max: 70 }),
    fc.integer({ min: 8_100, max: 8_300 }),
    fc.integer({ min: 0, max: 4_294_967_295 }),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(uid, fc.boolean())), (acts) => {
      const bitmap = new UidBitmap();
      const model = new Set<number>();
      for (const [n, add] of acts) {
        if (add) {
          bitmap.add(n);
          model.add(n);
        } else {
          bitmap.delete(n);
          model.delete(n);
        }
      }
      for (const [n] of acts)
        for (const near of [n - 1, n, n + 1]) if (near >= 0) expect(bitmap.has(near)).toBe(model.has(near));
    }),
  );
});
