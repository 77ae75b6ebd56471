/** The mark: a paper boat on water. */
import { PaperBoat } from '../crossing/crossing-picture.tsx';

export function Brand() {
  return (
    <svg viewBox="-20 -20 40 40" aria-hidden="true" className="brand-mark">
      <g className="crossing">
        <PaperBoat size={34} />
        <path className="wave" d="M-17 13q4.250 -4 8.500 0t8.500 0t8.500 0t8.500 0" />
      </g>
    </svg>
  );
}
