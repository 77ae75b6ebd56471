/**
 * Where everything of the crossing's picture stands. Pure: data and a size in, numbers out. The water's filled part is
 * the share of messages across; each vessel is one mailbox, its area its bytes, its place its own share.
 */

export interface Load {
  readonly name: string;
  readonly bytes: number;
  readonly messages: number;
  readonly done: number;
}

export interface Vessel {
  readonly name: string;
  readonly x: number;
  readonly y: number;
  /** Of the hull, in the picture's units. */
  readonly size: number;
  /** Nothing of it has left yet. */
  readonly waiting: boolean;
}

export interface Frame {
  readonly width: number;
  readonly height: number;
  /** Vessels beyond are drawn as one. */
  readonly most: number;
}

export const wideFrame: Frame = { width: 960, height: 260, most: 14 };
export const narrowFrame: Frame = { width: 420, height: 250, most: 7 };

const smallest = 20;
const largest = 74;

/** The shores' inner edges, at the waterline. */
export function shores(frame: Frame): { readonly left: number; readonly right: number } {
  const land = frame.width * 0.17;
  return { left: land, right: frame.width - land };
}

/** From 0 to 1; 1 only when all is across. Nothing to carry is nothing across. */
export function shareAcross(done: number, total: number): number {
  if (total <= 0) return 0;
  return done >= total ? 1 : Math.max(0, Math.min(0.995, done / total));
}

/** The largest `frame.most - 1` loads, and the rest as one, in the order they came in. */
export function fleet(loads: readonly Load[], frame: Frame): readonly Load[] {
  const full = loads.filter(({ messages }) => messages > 0);
  if (full.length <= frame.most) return full;
  const kept = new Set([...full].sort((a, b) => b.bytes - a.bytes).slice(0, frame.most - 1));
  const rest = full.filter((load) => !kept.has(load));
  const sum = (of: (load: Load) => number): number => rest.reduce((total, load) => total + of(load), 0);
  return [
    ...full.filter((load) => kept.has(load)),
    {
      name: '',
      bytes: sum((l) => l.bytes),
      messages: sum((l) => l.messages),
      done: sum((l) => l.done),
    },
  ];
}

/** Vessels keep their lane, so that none jumps while it moves. Those farther down are nearer and drawn later. */
export function vessels(loads: readonly Load[], frame: Frame): readonly Vessel[] {
  const crew = fleet(loads, frame);
  const heaviest = Math.max(1, ...crew.map(({ bytes }) => bytes));
  const { left, right } = shores(frame);
  const top = frame.height * 0.44;
  const bottom = frame.height - 22;
  return crew.map(({ name, bytes, messages, done }, index) => {
    const size =
      smallest +
      (largest - smallest) * Math.sqrt(Math.max(0, bytes) / heaviest) * (frame.width > 600 ? 1 : 0.75);
    const share = shareAcross(done, messages);
    // Neighbours start apart at the quay: every other one a little farther out.
    const berth = (index % 3) * 18;
    const from = left + size / 2 + 6 + berth;
    const to = right - size / 2 - 6 - berth;
    const lane = crew.length === 1 ? 0.55 : laneOf(index, crew.length);
    return {
      name,
      x: from + (to - from) * share,
      y: top + (bottom - top) * lane,
      size,
      waiting: share === 0,
    };
  });
}

/** Spreads neighbours over the height: 0, 2, 4, ... then 1, 3, 5, ... */
function laneOf(index: number, count: number): number {
  const half = Math.ceil(count / 2);
  const place = index < half ? index * 2 : (index - half) * 2 + 1;
  return place / (count - 1);
}

/** A waterline from `from` to `to` at height `y`, as a path of gentle waves. */
export function wavePath(from: number, to: number, y: number, height = 4, length = 40): string {
  const parts = [`M${from} ${y}`];
  const waves = Math.floor((to - from) / length);
  for (let i = 0; i < waves; i += 1) {
    const x = from + i * length;
    parts.push(`Q${x + length / 2} ${y + (i % 2 === 0 ? -height : height)} ${x + length} ${y}`);
  }
  return parts.join('');
}
