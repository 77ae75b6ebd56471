/**
 * Which language the pages speak: what the person chose, else what their account says, else what the browser asks for.
 * Changing it needs no reload; the document's `lang` follows, so that screen readers pronounce it rightly.
 */
import { createContext, type ReactNode, use, useEffect, useMemo, useState } from 'react';
import { I18nProvider } from 'react-aria-components';
import type { Locale } from '../api/contract.ts';
import { type Format, formatFor } from '../format/format.ts';
import { de } from './de.ts';
import { en, type Words } from './en.ts';

interface Language {
  readonly locale: Locale;
  readonly words: Words;
  readonly format: Format;
  readonly choose: (locale: Locale) => void;
}

const storageKey = 'mailferry.locale';
const Context = createContext<Language | null>(null);

/** A browser may forbid storage; then the choice holds until the page is left. */
function stored(): Locale | null {
  try {
    const value = localStorage.getItem(storageKey);
    return value === 'de' || value === 'en' ? value : null;
  } catch {
    return null;
  }
}

function preferred(): Locale {
  for (const tag of navigator.languages) {
    if (tag.startsWith('de')) return 'de';
    if (tag.startsWith('en')) return 'en';
  }
  return 'en';
}

export function LanguageProvider({ children }: { readonly children: ReactNode }) {
  const [locale, setLocale] = useState<Locale>(() => stored() ?? preferred());
  useEffect(() => {
    document.documentElement.lang = locale;
  }, [locale]);
  const language = useMemo((): Language => {
    const format = formatFor(locale);
    return {
      locale,
      format,
      words: locale === 'de' ? de(format) : en(format),
      choose: (chosen) => {
        try {
          localStorage.setItem(storageKey, chosen);
        } catch {
          // Holds until the page is left.
        }
        setLocale(chosen);
      },
    };
  }, [locale]);
  return (
    <Context value={language}>
      <I18nProvider locale={locale === 'de' ? 'de-DE' : 'en-GB'}>{children}</I18nProvider>
    </Context>
  );
}

export function useLanguage(): Language {
  const language = use(Context);
  if (language === null) throw new Error('outside LanguageProvider');
  return language;
}

export function useWords(): Words {
  return useLanguage().words;
}
