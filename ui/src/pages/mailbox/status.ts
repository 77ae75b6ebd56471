/**
 * What an account's page says first, decided from its crossing: one headline, sentences, and the one thing to do. Pure,
 * so that every phase can be read in one place.
 */
import type { Crossing } from '../../api/contract.ts';
import type { Format } from '../../format/format.ts';
import type { Words } from '../../words/en.ts';

export type Scene =
  | 'before'
  | 'planned'
  | 'copying'
  | 'paused'
  | 'in-step'
  | 'switching'
  | 'switched'
  | 'rolling-back'
  | 'done';

export type Action = 'choose' | 'undo-plan' | 'pause' | 'resume' | 'go-back' | 'none';

export function sceneOf({ account: { phase, paused }, plan }: Crossing): Scene {
  // Nobody waits in the seconds of a switch: these phases cannot be paused.
  if (phase === 'switching' || phase === 'switched' || phase === 'rolling-back' || phase === 'done')
    return phase;
  if (paused !== null) return 'paused';
  if (phase === 'old') return plan === null ? 'before' : 'planned';
  return phase;
}

/** What may be done from here by somebody who may move the account. */
export function actionOf(crossing: Crossing): Action {
  switch (sceneOf(crossing)) {
    case 'before':
      return 'choose';
    case 'planned':
      return 'undo-plan';
    case 'copying':
    case 'in-step':
      return 'pause';
    case 'paused':
      return 'resume';
    case 'switched':
      return crossing.capabilities.switch ? 'go-back' : 'none';
    default:
      return 'none';
  }
}

export interface Telling {
  readonly head: string;
  readonly sentences: readonly string[];
}

/** How soon new mail follows: nothing is promised that was not measured. */
function newMail(
  { lagMs, heardBy, askedEveryMs }: Crossing,
  text: Words['mailbox']['text'],
  format: Format,
): string {
  if (askedEveryMs !== null) {
    const every = format.duration(askedEveryMs / 1_000);
    return heardBy === 'inbox' ? text.inStepInbox(every) : text.inStepAsked(every);
  }
  if (lagMs === null || heardBy !== 'all') return text.inStepSoon;
  return lagMs >= unnoticedMs ? text.inStepLag(format.lag(lagMs)) : text.inStep;
}

/** A lag that needs no number: the sentence says "within a second". */
const unnoticedMs = 1_000;

/** `owner`: to whom the mailbox belongs; otherwise to who looks after it. */
export function telling(crossing: Crossing, words: Words, format: Format, owner = true): Telling {
  const { others } = words.mailbox;
  const head = owner ? words.mailbox.head : { ...words.mailbox.head, ...others.head };
  const text = owner ? words.mailbox.text : { ...words.mailbox.text, ...others.text };
  const { old, done, plan, account, secondsLeft, estimate } = crossing;
  const total = old?.messages ?? 0;
  const size =
    old === null
      ? text.uncounted
      : total === 0
        ? text.nothing
        : text.size(old.messages, old.bytes === null ? null : format.bytes(old.bytes));
  const progress =
    old === null
      ? text.uncounted
      : total === 0
        ? text.nothing
        : text.copying(Math.min(done.messages, total), total);
  const scene = sceneOf(crossing);
  // Nothing goes on before a person has acted, whatever the phase says.
  if (account.attention?.asks === true && (scene === 'copying' || scene === 'in-step'))
    return { head: head.stuck, sentences: [progress] };
  switch (scene) {
    case 'before':
      return {
        head: head.before,
        sentences: [
          size,
          ...(total === 0
            ? []
            : [estimate === null ? text.takesUnknown : text.takes(format.duration(estimate.seconds))]),
        ],
      };
    case 'planned': {
      const at = plan?.at ?? account.scheduledFor;
      return {
        head: at === null ? head.copying : head.planned(format.moment(at)),
        sentences: [size, text.planned],
      };
    }
    case 'copying':
      return {
        head: head.copying,
        sentences: [
          progress,
          ...(secondsLeft === null ? [] : [text.left(format.duration(secondsLeft))]),
          ...(owner ? [text.close] : []),
        ],
      };
    case 'paused':
      return {
        head: head.paused,
        sentences: [
          progress,
          account.paused?.by === `customer:${account.address}` ? text.paused : text.pausedByOther,
        ],
      };
    case 'in-step':
      return {
        head: head.inStep,
        sentences: [progress, newMail(crossing, text, format)],
      };
    case 'switching':
      return { head: head.switching, sentences: [text.switching] };
    case 'switched':
      return {
        head: head.switched,
        sentences: [crossing.refused > 0 ? progress : text.switched(total)],
      };
    case 'rolling-back':
      return { head: head.rollingBack, sentences: [text.rollingBack] };
    default:
      return { head: head.done, sentences: [text.done] };
  }
}
