import { expect, it } from 'vitest';
import { acceptedLocale } from './locale-of.ts';

it.each([
  [undefined, 'en'],
  ['', 'en'],
  ['de', 'de'],
  ['de-AT,de;q=0.9,en;q=0.8', 'de'],
  ['en;q=0.5, de;q=0.9', 'de'],
  ['fr, de;q=0.2', 'de'],
  ['en, de', 'en'],
  ['de;q=0', 'en'],
  ['DE;q=x', 'en'],
  ['*', 'en'],
])('who asks for %s gets %s', (header, locale) => {
  expect(acceptedLocale(header)).toBe(locale);
});
