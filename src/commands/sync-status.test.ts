import { expect, it } from 'vitest';
import { statusText } from './sync-status.ts';

const status = {
  accounts: 200,
  paused: 0,
  phases: { 'in-step': 200 },
  trouble: {},
  troubleClasses: {},
  mailboxProblems: 0,
  activities: {},
  uncounted: 0,
  messagesTotal: 10,
  messagesDone: 10,
  messagesRefused: 0,
  bytesCopied: 100,
  lagMeanMs: null,
  lagMaxMs: null,
  lastEvent: 0,
};
const text = (heardBy: Readonly<Record<string, number>>) =>
  statusText({ status: { ...status, heardBy }, copying: [], trouble: [] }, { isTTY: false });

it('tells how many accounts are only asked for news, and what makes them fewer', () => {
  expect(text({ all: 25, inbox: 5, nothing: 170 })).toContain(
    'heard of at once: 30; asked for news now and then: 170 (more connections in [old.limits]',
  );
});

it('says nothing of it where old tells of all', () => {
  expect(text({ all: 200 })).not.toContain('heard of');
});
