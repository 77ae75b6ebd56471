/** The words of the operator's pages in the language that is spoken. */
import { useMemo } from 'react';
import { useLanguage } from './language.tsx';
import { operatorDe } from './operator-de.ts';
import { operatorEn, type OperatorWords } from './operator-en.ts';

export function useOperatorWords(): OperatorWords {
  const { locale, format } = useLanguage();
  return useMemo(() => (locale === 'de' ? operatorDe : operatorEn)(format), [locale, format]);
}
