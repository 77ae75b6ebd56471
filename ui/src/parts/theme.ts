/** Light, dark, or as the device has it. Kept in this browser. */
import { useState } from 'react';

const key = 'mailferry.theme';
export const themes = ['auto', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

function stored(): Theme {
  try {
    const value = localStorage.getItem(key);
    return value === 'light' || value === 'dark' ? value : 'auto';
  } catch {
    return 'auto';
  }
}

function apply(theme: Theme): void {
  if (theme === 'auto') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
}

/** Before the first paint, so that a dark page never flashes light. */
export function applyStoredTheme(): void {
  apply(stored());
}

export function useTheme(): readonly [Theme, (theme: Theme) => void] {
  const [theme, setTheme] = useState(stored);
  return [
    theme,
    (chosen) => {
      try {
        localStorage.setItem(key, chosen);
      } catch {
        // Holds until the page is left.
      }
      apply(chosen);
      setTheme(chosen);
    },
  ];
}
