/** Small drawings that stand beside words, never instead of them: hidden from screen readers. */
import type { TeamState } from '../api/contract.ts';

const frame = { width: 18, height: 18, viewBox: '0 0 18 18', 'aria-hidden': true } as const;

/** Each state has a shape of its own: full circle with a tick, half circle, empty circle, bars, triangle. */
export function StateIcon({ state }: { readonly state: TeamState }) {
  switch (state) {
    case 'across':
      return (
        <svg {...frame}>
          <circle cx="9" cy="9" r="8" fill="currentColor" />
          <path d="M5 9.500l2.700 2.700L13 6.500" fill="none" stroke="var(--sheet)" strokeWidth="2" />
        </svg>
      );
    case 'under-way':
      return (
        <svg {...frame}>
          <circle cx="9" cy="9" r="7" fill="none" stroke="currentColor" strokeWidth="2" />
          <path d="M9 2a7 7 0 0 1 0 14z" fill="currentColor" />
        </svg>
      );
    case 'waiting':
      return (
        <svg {...frame}>
          <circle cx="9" cy="9" r="7" fill="none" stroke="currentColor" strokeWidth="2" />
        </svg>
      );
    case 'paused':
      return (
        <svg {...frame}>
          <path d="M4 3h4v12H4zM10 3h4v12h-4z" fill="currentColor" />
        </svg>
      );
    default:
      return (
        <svg {...frame}>
          <path d="M9 1.500L17.500 16.500H.5z" fill="currentColor" />
          <path d="M9 7v4.500M9 13v1.600" stroke="var(--sheet)" strokeWidth="1.800" />
        </svg>
      );
  }
}

export function StateMark({ state, word }: { readonly state: TeamState; readonly word: string }) {
  return (
    <span className={`mark ${state}`}>
      <StateIcon state={state} />
      <span>{word}</span>
    </span>
  );
}

export function Tick() {
  return (
    <svg {...frame} className="mark across">
      <path d="M3 9.500l4 4L15 5" fill="none" stroke="currentColor" strokeWidth="2.200" />
    </svg>
  );
}

export function Change() {
  return (
    <svg {...frame} className="mark under-way">
      <path d="M3 9h11M10 4.500L14.500 9L10 13.500" fill="none" stroke="currentColor" strokeWidth="2.200" />
    </svg>
  );
}

export function Info() {
  return (
    <svg {...frame}>
      <circle cx="9" cy="9" r="8" fill="none" stroke="currentColor" strokeWidth="2" />
      <path d="M9 8v5M9 4.500v1.800" stroke="currentColor" strokeWidth="2" />
    </svg>
  );
}
