/** The words of a team's pages in the language that is spoken. */
import { useMemo } from 'react';
import { useLanguage } from './language.tsx';
import { teamDe } from './team-de.ts';
import { teamEn, type TeamWords } from './team-en.ts';

export function useTeamWords(): TeamWords {
  const { locale, format } = useLanguage();
  return useMemo(() => (locale === 'de' ? teamDe : teamEn)(format), [locale, format]);
}
