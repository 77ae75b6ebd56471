/** The mail about a team to who looks after it, in German and English. Pure. */
import { type ErrorCode, errorTable } from '../../base/errors.ts';
import { troubleClassOf, troubleTable } from '../../domain/trouble.ts';
import type { Locale } from '../../state/database/sessions.ts';
import { mailPage, type MailPart, type RenderedMail } from './mail-page.ts';
import type { TeamFacts } from './team-facts.ts';

export interface SummaryFacts extends TeamFacts {
  readonly locale: Locale;
  readonly team: string;
  readonly teamId: string;
  /** The wave that ended; null for the daily one. */
  readonly wave: string | null;
  readonly url: string | null;
}

export function renderSummary(facts: SummaryFacts): RenderedMail {
  const { locale, team, teamId, wave, url, accounts, states, refused, needing } = facts;
  const german = locale === 'de';
  const number = (n: number) => new Intl.NumberFormat(locale).format(n);
  const count = (n: number) =>
    german
      ? `${number(n)} ${n === 1 ? 'Adresse' : 'Adressen'}`
      : `${number(n)} ${n === 1 ? 'address' : 'addresses'}`;
  const many = states['needs-you'] ?? 0;
  const lines = (
    [
      ['across', 'drüben', 'drüben', 'across', 'across'],
      ['under-way', 'unterwegs', 'unterwegs', 'under way', 'under way'],
      ['waiting', 'wartet noch', 'warten noch', 'still waiting', 'still waiting'],
      ['paused', 'angehalten', 'angehalten', 'paused', 'paused'],
      ['needs-you', 'braucht jemanden', 'brauchen jemanden', 'needs somebody', 'need somebody'],
    ] as const
  ).flatMap(([state, einer, viele, one, other]) => {
    const n = states[state] ?? 0;
    const word = german ? (n === 1 ? einer : viele) : n === 1 ? one : other;
    return n === 0 ? [] : [`${number(n)} ${word}`];
  });
  const named = needing.map(({ address, code }) => `${line(address)}: ${reason(code, locale)}`);
  const rest = many - named.length;
  const parts: MailPart[] = [
    wave === null
      ? german
        ? `So steht es um ${line(team)}, ${count(accounts)}:`
        : `This is how ${line(team)} stands, ${count(accounts)}:`
      : german
        ? `Die Welle „${line(wave)}“ ist zu Ende. So steht es um ${line(team)}, ${count(accounts)}:`
        : `The wave “${line(wave)}” has ended. This is how ${line(team)} stands, ${count(accounts)}:`,
    lines,
    ...(many === 0
      ? [german ? 'Sie müssen nichts tun.' : 'There is nothing to do.']
      : [
          german ? 'Hier sollte jemand nachsehen:' : 'Somebody should look here:',
          [
            ...named,
            ...(rest > 0 ? [german ? `und ${number(rest)} weitere` : `and ${number(rest)} more`] : []),
          ],
        ]),
    ...(refused === 0
      ? []
      : [
          german
            ? `${number(refused)} ${refused === 1 ? 'Nachricht konnte' : 'Nachrichten konnten'} nicht übernommen werden und ${refused === 1 ? 'liegt' : 'liegen'} weiterhin auf dem bisherigen Server.`
            : `${number(refused)} ${refused === 1 ? 'message' : 'messages'} could not be moved and ${refused === 1 ? 'is' : 'are'} still on the old server.`,
        ]),
  ];
  return mailPage({
    locale,
    subject: subjectOf(facts, many),
    parts,
    link:
      url === null
        ? null
        : {
            words: german ? 'Alle Adressen sehen Sie hier:' : 'All addresses are here:',
            url: `${url.replace(/\/+$/, '')}/teams/${encodeURIComponent(teamId)}${many === 0 ? '' : '?state=needs-you'}`,
          },
    foot: german
      ? `Sie bekommen dies, weil Sie es auf der Seite des Teams ${line(team)} eingeschaltet haben; dort schalten Sie es auch aus. Wir fragen Sie nie per E-Mail nach Ihrem Passwort.`
      : `You get this because you turned it on in the page of the team ${line(team)}; there you turn it off. We never ask for your password by mail.`,
  });
}

function subjectOf({ locale, team, wave }: SummaryFacts, many: number): string {
  if (locale === 'de') {
    if (wave !== null) return `${line(team)}: Die Welle „${line(wave)}“ ist zu Ende`;
    return many === 1
      ? `${line(team)}: 1 Adresse braucht jemanden`
      : `${line(team)}: ${many} Adressen brauchen jemanden`;
  }
  if (wave !== null) return `${line(team)}: the wave “${line(wave)}” has ended`;
  return many === 1
    ? `${line(team)}: 1 address needs somebody`
    : `${line(team)}: ${many} addresses need somebody`;
}

function reason(code: string | null, locale: Locale): string {
  const known = code !== null && code in errorTable ? (code as ErrorCode) : 'internal';
  return troubleTable[troubleClassOf(known)].what[locale];
}

/** Names that people chose, in one line of text whose direction nobody turns. */
function line(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ').trim();
}
