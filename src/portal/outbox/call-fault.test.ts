import { expect, it } from 'vitest';
import { callFaultOf, callFaultWords } from './call-fault.ts';

const failed = (cause: object) => new TypeError('fetch failed', { cause });

it.each([
  [failed({ code: 'ENOTFOUND' }), 'name-unknown'],
  [failed({ code: 'ECONNREFUSED' }), 'refused'],
  [failed({ code: 'EHOSTUNREACH' }), 'unreachable'],
  [new DOMException('x', 'TimeoutError'), 'timeout'],
  [failed({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }), 'certificate'],
  [failed({ code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' }), 'certificate'],
  [failed({ code: 'ECONNRESET' }), 'connection-lost'],
  [failed(new Error('unexpected redirect')), 'redirect'],
  [failed({}), 'failed'],
  ['x', 'failed'],
])('%s is told as %s', (error, fault) => {
  expect(callFaultOf(error)).toBe(fault);
});

it('names what fetch itself throws', async () => {
  const error = await fetch('http://127.0.0.1:1/').catch((thrown: unknown) => thrown);
  // Port 1 is one that fetch refuses by itself.
  expect(callFaultOf(error)).toBe('failed');
  expect(callFaultOf(await fetch('http://name.invalid/').catch((thrown: unknown) => thrown))).toBe(
    'name-unknown',
  );
});

it('has words in both languages, and leaves sentences of before as they are', () => {
  expect(callFaultWords('refused', null)).toEqual({
    de: 'Dort nimmt niemand die Verbindung an.',
    en: 'Nobody takes the connection there.',
  });
  expect(callFaultWords('it answered 503', 503).de).toBe('die Antwort war 503');
  expect(callFaultWords('fetch failed', null)).toEqual({ de: 'fetch failed', en: 'fetch failed' });
});
