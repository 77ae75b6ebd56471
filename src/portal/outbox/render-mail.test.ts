import { describe, expect, it } from 'vitest';
import { type MailFacts, renderMail } from './render-mail.ts';

const facts: MailFacts = {
  what: 'in-step',
  locale: 'en',
  address: 'anna@example.org',
  messages: 12_480,
  refused: 0,
  code: null,
  isSecond: false,
  url: 'https://move.example.org/',
};
const text = (more: Partial<MailFacts>) => renderMail({ ...facts, ...more }).text.replace(/\s+/g, ' ');

describe('the mail to an owner', () => {
  it('is English from subject to foot, with the way to the portal', () => {
    const { subject, text: plain, html } = renderMail(facts);
    expect(subject).toBe('Both servers are in step');
    for (const part of [
      'Your mailbox has been copied and checked: 12,480 messages. New mail follows by itself.',
      'See how far it is:',
      'https://move.example.org/',
      'This message is about the mailbox anna@example.org. We never ask for your password by mail.',
    ]) {
      expect(plain.replace(/\s+/g, ' ')).toContain(part);
    }
    expect(html).toContain('lang="en"');
    expect(plain).not.toMatch(/could not be copied|Postfach|Nachricht/);
    expect(renderMail({ ...facts, what: 'started' }).subject).toBe('Your mailbox is being copied');
    const trouble = renderMail({ ...facts, what: 'trouble', code: 'login-refused' });
    expect(trouble.subject).toBe('Your mailbox needs you');
    expect(trouble.text.replace(/\s+/g, ' ')).toContain('Tell your provider that the password has changed');
  });

  it('that asks for the password says that nothing has to be done, asks for no answer, and reminds once', () => {
    const first = text({ what: 'password' });
    expect(first).toContain('sign in to the portal as you do to your mailbox, and confirm it there');
    expect(first).toContain('As long as you do nothing, all stays as it is.');
    expect(first).toContain('It is safest to type this address yourself: https://move.example.org/');
    expect(first).toContain('We never ask for your password by mail.');
    expect(first).not.toContain('We remind you');
    expect(text({ what: 'password', isSecond: true })).toContain('We remind you of it this once');
    expect(text({ what: 'password', locale: 'de', isSecond: true })).toContain(
      'noch einmal und dann nicht mehr',
    );
  });

  it('counts one message as one, in both languages', () => {
    expect(text({ messages: 1 })).toContain('checked: 1 message. New');
    expect(text({ messages: 0 })).toContain('checked: 0 messages. New');
    expect(text({ locale: 'de', messages: 1 })).toContain('geprüft: 1 Nachricht. Neue');
    expect(text({ locale: 'de', messages: 12_480 })).toContain('geprüft: 12.480 Nachrichten. Neue');
  });

  it('tells of refused messages, one or several', () => {
    expect(text({ refused: 1 })).toContain('1 message could not be copied. It is still on the old server;');
    expect(text({ refused: 1_002 })).toContain('1,002 messages could not be copied. They are still');
    expect(text({ locale: 'de', refused: 1 })).toContain(
      '1 Nachricht konnte nicht übernommen werden. Sie liegt weiterhin auf dem bisherigen Server;',
    );
    expect(text({ locale: 'de', refused: 2 })).toContain(
      '2 Nachrichten konnten nicht übernommen werden. Sie liegen weiterhin',
    );
  });
});
