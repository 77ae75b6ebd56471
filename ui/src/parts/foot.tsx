/** Language and appearance: on every page, the sign-in included. */
import { useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ask } from '../api/ask.ts';
import type { Locale } from '../api/contract.ts';
import { sessionQuestion } from '../api/questions.ts';
import { useLanguage } from '../words/language.tsx';
import { type Theme, themes, useTheme } from './theme.ts';

/** `children` stand before them. */
export function Foot({ children }: { readonly children?: ReactNode }) {
  const { words, locale, choose } = useLanguage();
  const [theme, setTheme] = useTheme();
  const client = useQueryClient();
  const chooseLocale = (chosen: Locale): void => {
    choose(chosen);
    // Mails are written in this language too. If telling fails, the page speaks it all the same.
    if (client.getQueryData(sessionQuestion.queryKey))
      ask('PATCH', '/session', { locale: chosen }).catch(() => undefined);
  };
  return (
    <footer className="foot no-print">
      {children}
      <label>
        <span>{words.language}</span>
        <select
          className="input slim"
          value={locale}
          onChange={(event) => chooseLocale(event.target.value === 'de' ? 'de' : 'en')}
        >
          <option value="de" lang="de">
            Deutsch
          </option>
          <option value="en" lang="en">
            English
          </option>
        </select>
      </label>
      <label>
        <span>{words.theme.label}</span>
        <select
          className="input slim"
          value={theme}
          onChange={(event) => setTheme(event.target.value as Theme)}
        >
          {themes.map((name) => (
            <option key={name} value={name}>
              {words.theme[name]}
            </option>
          ))}
        </select>
      </label>
    </footer>
  );
}
