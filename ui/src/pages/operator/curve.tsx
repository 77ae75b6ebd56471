/**
 * One curve, or several stacked. uPlot draws on a canvas and comes only when a curve is shown; the last value stands
 * beside the title as text, for who does not see the canvas.
 */
import { type ReactNode, useEffect, useRef } from 'react';
import type uPlot from 'uplot';
import type { Format } from '../../format/format.ts';
import { useLanguage } from '../../words/language.tsx';

export interface Series {
  readonly name: string;
  /** Of a custom property in tokens.css. */
  readonly colour: string;
  readonly values: readonly (number | null)[];
}

export interface CurveProps {
  readonly title: string;
  readonly last: string;
  /** Seconds since 1970, ascending. */
  readonly times: readonly number[];
  readonly series: readonly Series[];
  readonly stacked?: boolean;
  /** Where to read on, below it. */
  readonly more?: ReactNode;
}

const height = 180;
const day = 86_400;
/** Of the marks below a curve: each says another minute, or another day. */
const timeSteps = [
  ...[1, 5, 10, 15, 30].map((minutes) => minutes * 60),
  ...[1, 2, 3, 6, 12].map((hours) => hours * 3_600),
  ...[1, 2, 5, 10].map((days) => days * day),
];
/** Beside it: numbers that are exact as they are written. */
const countSteps = Array.from({ length: 33 }, (_, n) => [1, 2, 5][n % 3]! * 10 ** (Math.floor(n / 3) - 1));

export function Curve({ title, last, times, series, stacked = false, more }: CurveProps) {
  const place = useRef<HTMLDivElement>(null);
  const { format } = useLanguage();
  useEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    let plot: uPlot | null = null;
    let gone = false;
    const draw = async (): Promise<void> => {
      const [{ default: Plot }] = await Promise.all([import('uplot'), import('uplot/dist/uPlot.min.css')]);
      if (gone) return;
      plot?.destroy();
      plot = new Plot(
        options(element, stacked ? series.toReversed() : series, stacked, format),
        [[...times], ...values(series, stacked)] as uPlot.AlignedData,
        element,
      );
    };
    void draw();
    const resized = new ResizeObserver(() => plot?.setSize({ width: element.clientWidth, height }));
    resized.observe(element);
    const dark = matchMedia('(prefers-color-scheme: dark)');
    const redraw = (): void => void draw();
    dark.addEventListener('change', redraw);
    const chosen = new MutationObserver(redraw);
    chosen.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
    return () => {
      gone = true;
      resized.disconnect();
      dark.removeEventListener('change', redraw);
      chosen.disconnect();
      plot?.destroy();
    };
  }, [times, series, stacked, format]);
  return (
    <section className="card stack tight">
      <div className="row between">
        <h2>{title}</h2>
        <span className="small soft">{last}</span>
      </div>
      <div ref={place} className="curve" aria-hidden="true" />
      {series.length > 1 && (
        <ul className="row small">
          {series.map(({ name, colour }) => (
            <li key={name} className="row">
              <span className="swatch" style={{ background: `var(${colour})` }} />
              {name}
            </li>
          ))}
        </ul>
      )}
      {more !== undefined && <p className="small">{more}</p>}
    </section>
  );
}

/** Stacked: each on top of those before it; drawn from the highest down, so that each covers the rest of the one above. */
function values(series: readonly Series[], stacked: boolean): (number | null)[][] {
  if (!stacked) return series.map((one) => [...one.values]);
  const sums: (number | null)[][] = [];
  for (const { values: own } of series) {
    const below = sums.at(-1);
    sums.push(own.map((value, i) => (value ?? 0) + (below?.[i] ?? 0)));
  }
  return sums.toReversed();
}

/** One value makes no line. */
function isAlone(plot: uPlot, series: number): boolean {
  return [...(plot.data[series] ?? [])].filter((value) => value !== null).length === 1;
}

function options(
  element: HTMLElement,
  series: readonly Series[],
  filled: boolean,
  format: Format,
): uPlot.Options {
  const style = getComputedStyle(element);
  // A canvas knows no light-dark(): a hidden element resolves each colour of the tokens.
  const probe = document.createElement('span');
  element.append(probe);
  const colour = (name: string): string => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  };
  const ink = colour('--ink-soft');
  const line = colour('--line');
  const axis = {
    stroke: ink,
    grid: { stroke: line, width: 1 },
    ticks: { show: false },
    font: `12px ${style.fontFamily}`,
  };
  const result: uPlot.Options = {
    width: element.clientWidth,
    height,
    legend: { show: false },
    cursor: { show: false },
    scales: { y: { range: (_plot, _low, high) => [0, Math.max(1, high * 1.1)] } },
    axes: [
      {
        ...axis,
        size: 28,
        incrs: timeSteps,
        values: (_plot, splits, _axis, _space, step) => {
          const said = step >= day ? format.day : format.time;
          return splits.map((at) => said(new Date(at * 1_000).toISOString()));
        },
      },
      { ...axis, size: 56, incrs: countSteps, values: (_plot, splits) => splits.map(format.perSecond) },
    ],
    series: [
      {},
      ...series.map(({ colour: name }) => ({
        stroke: colour(name),
        width: filled ? 1 : 2,
        points: { show: isAlone },
        ...(filled ? { fill: colour(name) } : {}),
      })),
    ],
  };
  probe.remove();
  return result;
}
