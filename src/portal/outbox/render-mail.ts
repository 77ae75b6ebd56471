/** The mails to owners, in German and English, as text and HTML. Pure. */
import type { ErrorCode } from '../../base/errors.ts';
import { troubleClassOf, troubleTable } from '../../domain/trouble.ts';
import type { Locale } from '../../state/database/sessions.ts';
import { mailPage, type RenderedMail } from './mail-page.ts';

export interface MailFacts {
  /** `password`: new has none for this account, and its owner may give theirs in the portal. */
  readonly what: 'started' | 'in-step' | 'trouble' | 'password';
  readonly locale: Locale;
  readonly address: string;
  readonly messages: number;
  readonly refused: number;
  /** Of trouble. */
  readonly code: ErrorCode | null;
  /** Of `password`: the last one. */
  readonly isSecond: boolean;
  /** The portal; null where nobody said where it is. */
  readonly url: string | null;
}

export function renderMail(facts: MailFacts): RenderedMail {
  const { what, locale, address, url } = facts;
  const { subject, paragraphs } = words(facts);
  const german = locale === 'de';
  const more =
    what === 'password'
      ? german
        ? 'Das Portal. Am sichersten tippen Sie diese Adresse selbst ein:'
        : 'The portal. It is safest to type this address yourself:'
      : german
        ? 'Wie weit es ist, sehen Sie hier:'
        : 'See how far it is:';
  const why = german
    ? `Diese Nachricht betrifft das Postfach ${address}. Wir fragen Sie nie per E-Mail nach Ihrem Passwort.`
    : `This message is about the mailbox ${address}. We never ask for your password by mail.`;
  const link = url === null ? null : { words: more, url };
  return mailPage({ locale, subject, parts: paragraphs, link, foot: why });
}

function words({ what, locale, messages, refused, code, isSecond }: MailFacts): {
  readonly subject: string;
  readonly paragraphs: readonly string[];
} {
  const german = locale === 'de';
  const counted = (n: number) =>
    `${new Intl.NumberFormat(locale).format(n)} ${messageWords[locale][isOne(n, locale) ? 'one' : 'other']}`;
  const one = isOne(refused, locale);
  switch (what) {
    case 'started':
      return german
        ? {
            subject: 'Ihr Postfach wird kopiert',
            paragraphs: [
              'Die Nachrichten Ihres Postfachs werden jetzt auf den neuen Server kopiert. Sie können dabei weiterarbeiten.',
              'Ihre Adresse, Ihr Passwort und die Einstellungen in Ihren Geräten bleiben, wie sie sind. Sie müssen nichts tun.',
            ],
          }
        : {
            subject: 'Your mailbox is being copied',
            paragraphs: [
              'The messages of your mailbox are now copied to the new server. You can keep working.',
              'Your address, your password and the settings in your devices stay as they are. There is nothing to do.',
            ],
          };
    case 'in-step':
      return {
        subject: german ? 'Beide Server sind auf gleichem Stand' : 'Both servers are in step',
        paragraphs: german
          ? [
              `Ihr Postfach ist kopiert und geprüft: ${counted(messages)}. Neue Nachrichten kommen von selbst mit.`,
              ...(refused === 0
                ? []
                : [
                    `${counted(refused)} ${one ? 'konnte' : 'konnten'} nicht übernommen werden. Sie ${one ? 'liegt' : 'liegen'} weiterhin auf dem bisherigen Server; im Portal sehen Sie, welche und warum.`,
                  ]),
            ]
          : [
              `Your mailbox has been copied and checked: ${counted(messages)}. New mail follows by itself.`,
              ...(refused === 0
                ? []
                : [
                    `${counted(refused)} could not be copied. ${one ? 'It is' : 'They are'} still on the old server; the portal shows which and why.`,
                  ]),
            ],
      };
    case 'trouble': {
      const trouble = troubleTable[troubleClassOf(code ?? 'internal')];
      return {
        subject: german ? 'Ihr Postfach braucht Sie' : 'Your mailbox needs you',
        paragraphs: [
          trouble.what[locale],
          trouble.action[locale],
          german
            ? 'Ihre Nachrichten auf dem bisherigen Server sind davon nicht berührt.'
            : 'Your messages on the old server are not affected.',
        ],
      };
    }
    case 'password':
      return german
        ? {
            subject: 'Ihr Passwort auf dem neuen Server',
            paragraphs: [
              'Ihr Postfach liegt nun auch auf dem neuen Server. Ihr Passwort kennt dort noch niemand, denn es lässt sich vom bisherigen Server nicht mitnehmen.',
              'Soll es auch dort gelten, dann melden Sie sich im Portal an, wie sonst bei Ihrem Postfach, und bestätigen Sie es dort. Sie brauchen kein neues Passwort.',
              'An Ihren Geräten ändert sich nichts. Solange Sie nichts tun, bleibt alles, wie es ist.',
              ...(isSecond ? ['Wir erinnern Sie damit noch einmal und dann nicht mehr.'] : []),
            ],
          }
        : {
            subject: 'Your password on the new server',
            paragraphs: [
              'Your mailbox is now on the new server as well. Nobody knows your password there yet, for it cannot be taken along from the old server.',
              'If it should work there too, sign in to the portal as you do to your mailbox, and confirm it there. You need no new password.',
              'Nothing changes on your devices. As long as you do nothing, all stays as it is.',
              ...(isSecond ? ['We remind you of it this once, and not again.'] : []),
            ],
          };
    default:
      return { subject: '', paragraphs: [] };
  }
}

const messageWords = {
  de: { one: 'Nachricht', other: 'Nachrichten' },
  en: { one: 'message', other: 'messages' },
} as const;

/** Both languages know one and other only (Unicode CLDR). */
function isOne(n: number, locale: Locale): boolean {
  return new Intl.PluralRules(locale).select(n) === 'one';
}
