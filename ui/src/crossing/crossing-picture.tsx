/**
 * Two shores and what lies between, drawn from real numbers. For a screen reader it is one image with one sentence; all
 * that it shows stands on the page as text as well.
 */
import type { ReactNode } from 'react';
import { useEffect, useRef, useState } from 'react';
import type { Phase } from '../api/contract.ts';
import { useMediaQuery } from '../parts/use-media-query.ts';
import { type Load, narrowFrame, shareAcross, shores, vessels, wavePath, wideFrame } from './geometry.ts';

export interface CrossingPictureProps {
  readonly loads: readonly Load[];
  readonly done: number;
  readonly total: number;
  readonly phase: Phase;
  readonly where: 'old' | 'new';
  /** What the picture says, as a sentence. */
  readonly label: string;
  readonly caption: ReactNode;
}

export function CrossingPicture({ loads, done, total, phase, where, label, caption }: CrossingPictureProps) {
  const narrow = useMediaQuery('(max-width: 40rem)');
  const frame = narrow ? narrowFrame : wideFrame;
  const { width, height } = frame;
  const { left, right } = shores(frame);
  const share = shareAcross(done, total);
  const level = height * 0.34;
  const front = left + (right - left) * share;
  const linked = phase === 'in-step' || phase === 'switching' || phase === 'rolling-back';
  const pulse = usePulse(done, linked);
  return (
    <figure className="crossing">
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label}>
        <rect className="sea" x={0} y={level} width={width} height={height - level} />
        {share > 0 && (
          <path
            className="sea-across"
            d={`M0 ${level}H${front}q${share < 1 ? 14 : 0} ${(height - level) / 2} 0 ${height - level}H0Z`}
          />
        )}
        {[0.5, 0.68, 0.86].map((at, row) => (
          <path
            key={at}
            className="wave"
            d={wavePath(left + 20 + row * 24, right - 20 - (2 - row) * 24, height * at, 3, narrow ? 30 : 46)}
            opacity={0.55}
          />
        ))}
        <Land x={left} frameHeight={height} level={level} />
        <g transform={`translate(${width} 0) scale(-1 1)`}>
          <Land x={left} frameHeight={height} level={level} />
        </g>
        <PostOffice x={left * 0.46} y={level} home={where === 'old'} />
        <PostOffice x={width - left * 0.46} y={level} home={where === 'new'} />
        {linked && (
          <path
            className="link"
            d={`M${left} ${level - 26}Q${width / 2} ${level - 70} ${right} ${level - 26}`}
          />
        )}
        {pulse > 0 && linked && <circle key={pulse} className="pulse" cx={left} cy={level - 30} r={5} />}
        {[...vessels(loads, frame)]
          .sort((a, b) => a.y - b.y)
          .map(({ name, x, y, size, waiting }) => (
            <g
              key={name}
              className={waiting ? 'vessel waiting' : 'vessel'}
              style={{ transform: `translate(${x}px, ${y}px)` }}
            >
              <PaperBoat size={size} />
            </g>
          ))}
      </svg>
      <figcaption>{caption}</figcaption>
    </figure>
  );
}

/** Rises with each new message carried while in step, for one quiet pulse. */
function usePulse(done: number, linked: boolean): number {
  const last = useRef(done);
  const [pulse, setPulse] = useState(0);
  useEffect(() => {
    if (linked && done > last.current) setPulse((n) => n + 1);
    last.current = done;
  }, [done, linked]);
  return pulse;
}

/** A shore from the left edge to `x`, rising above the water. */
function Land({
  x,
  frameHeight,
  level,
}: {
  readonly x: number;
  readonly frameHeight: number;
  readonly level: number;
}) {
  return (
    <path
      className="land"
      d={`M-4 ${level - 14}C${x * 0.4} ${level - 26} ${x * 0.75} ${level - 12} ${x} ${level + 4}C${x * 1.02} ${level + 60} ${x * 0.82} ${frameHeight - 40} ${x * 0.9} ${frameHeight + 4}H-4Z`}
    />
  );
}

/** A post office; with its flag up it is the one where the mailbox lives. */
function PostOffice({ x, y, home }: { readonly x: number; readonly y: number; readonly home: boolean }) {
  return (
    <g transform={`translate(${x} ${y - 16})`}>
      <path className="post" d="M-22 0V-26L0 -44L22 -26V0Z" />
      <path className="post" d="M-6 0v-14h12v14M-15 -22h8v7h-8zM7 -22h8v7h-8z" />
      {home && (
        <>
          <path className="flag-pole" d="M0 -44V-66" />
          <path className="home" d="M0 -66h20l-5 6l5 6h-20Z" />
        </>
      )}
    </g>
  );
}

/** A folded paper boat, its middle at the waterline. */
export function PaperBoat({ size }: { readonly size: number }) {
  const s = size / 2;
  return (
    <>
      <path className="sail" d={`M0 ${-s * 1.15}L${s * 0.5} ${-s * 0.1}H${-s * 0.5}Z`} />
      <path className="fold" d={`M0 ${-s * 1.15}L${s * 0.5} ${-s * 0.1}H0Z`} />
      <path
        className="hull"
        d={`M${-s} ${-s * 0.28}L${-s * 0.55} ${s * 0.3}H${s * 0.55}L${s} ${-s * 0.28}L${s * 0.4} ${-s * 0.02}H${-s * 0.4}Z`}
      />
    </>
  );
}
