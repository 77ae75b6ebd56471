/** In which language a caller is answered where words are for people. Pure. */
import type { Locale } from '../state/database/sessions.ts';
import { may, type Principal } from './policies/scopes.ts';

/** The first of the languages that we have in the order of the caller's wishes (RFC 9110 §12.5.4); English otherwise. */
export function acceptedLocale(header: string | undefined): Locale {
  const wishes = (header ?? '').split(',', mostWishes).map((part) => {
    const [tag = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
    const weight = parameters.find((text) => text.startsWith('q='));
    return { language: tag.split('-')[0], weight: weight === undefined ? 1 : Number(weight.slice(2)) };
  });
  const best = wishes
    .filter(({ language, weight }) => (language === 'de' || language === 'en') && weight > 0)
    .toSorted((a, b) => b.weight - a.weight)[0];
  return best?.language === 'de' ? 'de' : 'en';
}

/** Browsers send a handful. */
const mostWishes = 20;

/** Whom words on what to do are for. */
export interface Reader {
  readonly locale: Locale;
  /** Who can do what only the operator can: tokens are theirs too. */
  readonly operator: boolean;
}

/** The language is that of the session, which a person chose; for a token what the request asks for. */
export function readerOf(request: {
  readonly principal: Principal | null;
  readonly headers: { readonly 'accept-language'?: string | undefined };
}): Reader {
  const session = request.principal?.session ?? null;
  return {
    locale: session?.locale ?? acceptedLocale(request.headers['accept-language']),
    operator: session === null || (request.principal !== null && may(request.principal, 'admin')),
  };
}
