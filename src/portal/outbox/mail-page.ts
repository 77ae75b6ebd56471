/** What all our mails have in common: text and HTML of the same words. Pure. */
import type { Locale } from '../../state/database/sessions.ts';

export interface RenderedMail {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** A paragraph, or a list under the one before. */
export type MailPart = string | readonly string[];

export interface MailPage {
  readonly locale: Locale;
  readonly subject: string;
  readonly parts: readonly MailPart[];
  /** Where to see more, and the words before it; null where nobody said where the portal is. */
  readonly link: { readonly words: string; readonly url: string } | null;
  /** Why it comes, and how it ends. */
  readonly foot: string;
}

/** Every text is taken for text: names and addresses that strangers chose are no markup. */
export function mailPage({ locale, subject, parts, link, foot }: MailPage): RenderedMail {
  const asText = (part: MailPart) =>
    typeof part === 'string' ? part : part.map((one) => `- ${one}`).join('\n');
  const asHtml = (part: MailPart) =>
    typeof part === 'string'
      ? `<p>${escape(part)}</p>`
      : `<ul>\n${part.map((one) => `<li>${escape(one)}</li>`).join('\n')}\n</ul>`;
  const more = link === null ? [] : [`${link.words}\n${link.url}`];
  const text = [...parts.map(asText), ...more, '-- ', foot].join('\n\n');
  const linked =
    link === null
      ? ''
      : `<p>${escape(link.words)}<br><a href="${escape(link.url)}">${escape(link.url)}</a></p>`;
  const html = `<!doctype html>
<html lang="${locale}"><head><meta charset="utf-8"><title>${escape(subject)}</title></head>
<body style="font:16px/1.5 system-ui,sans-serif;max-width:36em;margin:2em auto;padding:0 1em;color:#1d2a33">
${parts.map(asHtml).join('\n')}
${linked}
<p style="color:#5a6b76;font-size:14px">${escape(foot)}</p>
</body></html>
`;
  return { subject, text: `${text}\n`, html };
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
