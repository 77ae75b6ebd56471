import { expect, it } from 'vitest';
import { hostPlaceOf, localPlaceOf } from './host-place.ts';

it.each([
  ['new.example.org', { host: 'new.example.org', port: 25 }],
  ['192.0.2.7:2525', { host: '192.0.2.7', port: 2525 }],
  ['[2001:db8::1]', { host: '2001:db8::1', port: 25 }],
  ['[2001:db8::1]:26', { host: '2001:db8::1', port: 26 }],
  ['2001:db8::1', null],
  ['new.example.org:0', null],
  ['new.example.org:65536', null],
  ['new.example.org:', null],
  ['two words', null],
  ['', null],
])('%s is %o', (text, place) => {
  expect(hostPlaceOf(text, 25)).toEqual(place);
});

it.each([
  ['127.0.0.1:8425', { host: '127.0.0.1', port: 8425 }],
  ['[::1]:8425', { host: '::1', port: 8425 }],
  ['/run/mailferry/socketmap', { path: '/run/mailferry/socketmap' }],
  ['127.0.0.1:65536', null],
  ['192.0.2.7:8425', null],
  ['0.0.0.0:8425', null],
  ['127.0.0.1', null],
  ['run/socketmap', null],
])('only this machine may ask at %s: %o', (text, place) => {
  expect(localPlaceOf(text)).toEqual(place);
});
