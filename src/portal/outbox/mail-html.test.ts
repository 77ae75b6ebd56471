/** What the HTML of our mails holds: text that stays text, one link, and nothing that is fetched from anywhere. */
import { describe, expect, it } from 'vitest';
import { mailPage } from './mail-page.ts';
import { type MailFacts, renderMail } from './render-mail.ts';
import { renderSummary, type SummaryFacts } from './render-summary.ts';

const hostile = `<img src=x onerror="alert(1)">&'"</body>`;
const escaped = "&lt;img src=x onerror=&quot;alert(1)&quot;&gt;&amp;'&quot;&lt;/body&gt;";
const url = 'https://move.example.org/';

const owner: MailFacts = {
  what: 'in-step',
  locale: 'en',
  address: 'anna@example.org',
  messages: 12_480,
  refused: 2,
  code: null,
  isSecond: false,
  url,
};
const summary: SummaryFacts = {
  locale: 'en',
  team: 'Müller & Söhne',
  teamId: 't/1?x=<y>',
  wave: null,
  url,
  accounts: 3,
  states: { across: 1, 'needs-you': 2 },
  refused: 1,
  needing: [{ address: 'anna@example.org', code: 'login-refused' }],
};

const every = (['de', 'en'] as const).flatMap((locale) => [
  ...(['started', 'in-step', 'trouble', 'password'] as const).map((what) => ({
    name: `${what}, ${locale}`,
    locale,
    mail: renderMail({ ...owner, what, locale, code: what === 'trouble' ? 'login-refused' : null }),
  })),
  { name: `summary, ${locale}`, locale, mail: renderSummary({ ...summary, locale }) },
]);

/** What a reader sees of it, in one line. */
const seen = (html: string) =>
  html
    .replace(/^.*<body[^>]*>/s, '')
    .replace(/<[^>]*>/g, ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
    .replace(/\s+/g, ' ');

describe.each(every)('the HTML of the mail: $name', ({ mail, locale }) => {
  const { html, text, subject } = mail;

  it('fetches nothing, runs nothing, sends nothing', () => {
    expect(html).not.toMatch(
      /<(img|script|link|iframe|object|embed|form|input|video|audio|svg|style|base|meta http)/i,
    );
    expect(html).not.toMatch(/url\(|@import|\bsrc\s*=|srcset|background\s*=|\son\w+\s*=/i);
    const links = [...html.matchAll(/<a href="([^"]*)"/g)].map(([, href]) => href ?? '');
    expect(links).toHaveLength(1);
    expect(links[0]?.startsWith(url)).toBe(true);
    // No address of anything but where the link leads, and that without a mark of who reads it.
    expect([...html.matchAll(/https?:\/\/[^"<\s]*/g)].map(([one]) => one)).toEqual([links[0], links[0]]);
  });

  it('says in its language what the text says, all of it', () => {
    expect(html).toContain(`<html lang="${locale}">`);
    expect(html).toContain('<meta charset="utf-8">');
    const said = seen(html);
    for (const line of text.split('\n').map((one) => one.replace(/^- /, '').trim()))
      if (line !== '' && line !== '--') expect(said).toContain(line.replace(/\s+/g, ' '));
    expect(html).toMatch(/<title>[^<]+<\/title>/);
    expect(subject).not.toBe('');
    const other =
      locale === 'de' ? /\b(mailbox|messages?|address|password)\b/i : /Postfach|Nachricht|Passwort|Adresse/;
    expect(said).not.toMatch(other);
  });
});

describe('what strangers chose', () => {
  it('is text in each place of a page', () => {
    const { html } = mailPage({
      locale: 'en',
      subject: hostile,
      parts: [hostile, [hostile]],
      link: { words: hostile, url: `https://move.example.org/"><b>` },
      foot: hostile,
    });
    expect(html).not.toMatch(/<img|<b>|<\/body>.*<\/body>/s);
    // Title, paragraph, item, words of the link, foot.
    expect(html.split(escaped)).toHaveLength(6);
    expect(html).toContain('href="https://move.example.org/&quot;&gt;&lt;b&gt;"');
  });

  it('is text in each mail', () => {
    const mails = [
      renderMail({ ...owner, address: `${hostile}@example.org` }),
      renderSummary({ ...summary, team: hostile, wave: hostile }),
      renderSummary({ ...summary, needing: [{ address: `${hostile}@example.org`, code: 'login-refused' }] }),
    ];
    for (const { html } of mails) {
      expect(html).toContain(escaped);
      expect(html).not.toMatch(/<img/);
    }
    expect(renderSummary(summary).html).toContain(`href="${url}teams/t%2F1%3Fx%3D%3Cy%3E?state=needs-you"`);
    expect(renderSummary(summary).html).toContain('Müller &amp; Söhne');
  });
});
