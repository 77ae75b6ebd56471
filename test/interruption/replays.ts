/**
 * Random scripts that once broke a promise, made short. Each is played as it failed, and with its first crash moved to
 * every other step. An act is "side deed a b c", as in random-script.ts.
 */
import type { Act, Deed, Round, Script } from './random-script.ts';

export interface Replay {
  readonly title: string;
  readonly script: Script;
}

function acts(...lines: readonly string[]): Act[] {
  return lines.map((line) => {
    const [side, deed, ...numbers] = line.split(' ');
    const [a = 0, b = 0, c = 0] = numbers.map(Number);
    return { side: side === 'old' ? 'old' : 'fresh', deed: deed as Deed, a, b, c };
  });
}

function round(deeds: readonly Act[], more: Partial<Round> = {}): Round {
  return { acts: deeds, faults: [], crash: null, ...more };
}

export const replays: readonly Replay[] = [
  {
    title: 'a twin that was marked between two attempts keeps its flag, where each APPEND goes alone',
    script: {
      old: { abilities: {} },
      fresh: { abilities: { multiAppend: false }, superiors: 'implicit' },
      traits: [],
      rounds: [
        round(
          acts(
            'old append-big 251 278 973',
            'fresh append-big 531 930 98',
            'old append-big 383 326 198',
            'old append-twin 952 875 983',
            'old append 574 465 927',
            'old append-twin 22 299 282',
            'old append-twin 778 375 255',
            'old append 777 598 242',
            'old rename 757 180 415',
            'old append-twin 99 578 154',
            'old append-twin 424 228 977',
          ),
          { crash: { step: 6, when: 'after' } },
        ),
        round(acts('old append 272 250 570'), {
          faults: [{ side: 'fresh', rule: { kind: 'connection-limit', limit: 1 } }],
          crash: { step: 4, when: 'after' },
        }),
        round(acts('old flag 210 305 40'), {
          faults: [
            { side: 'fresh', rule: { kind: 'cut-before-store', skip: 1, afterBytes: 651 } },
            { side: 'fresh', rule: { kind: 'cut-after-store', skip: 3 } },
          ],
        }),
      ],
    },
  },
  {
    title: 'a streamed message that leaves old before its outcome is known is reported',
    script: {
      old: { abilities: {}, delimiter: '.' },
      fresh: { abilities: {}, superiors: 'required' },
      traits: [],
      rounds: [
        round(
          acts(
            'old append 516 282 143',
            'old append 310 763 44',
            'old append 191 318 651',
            'old create 723 409 34',
            'old append-big 712 10 155',
            'old append-twin 572 49 271',
            'old append-big 125 256 412',
          ),
          { crash: { step: 14, when: 'before' } },
        ),
        round(acts('old move 116 728 549')),
      ],
    },
  },
  {
    title: 'of big twins under wrong sizes each finds its own copy after a new UIDVALIDITY on old',
    script: {
      old: { abilities: {} },
      fresh: { abilities: {}, superiors: 'required' },
      traits: [{ side: 'old', rule: { kind: 'sizes-lie', by: -2 } }],
      rounds: [
        round(
          acts(
            'old append-big 818 863 497',
            'old append 760 980 190',
            'old append 422 50 548',
            'old append-twin 963 733 167',
          ),
          { crash: { step: 11, when: 'before' } },
        ),
        round(acts('old uidvalidity 657 451 690')),
      ],
    },
  },
  {
    title: 'a copy that a streamed twin of another date left behind is taken for no other message',
    script: {
      old: { abilities: {}, delimiter: '.' },
      fresh: { abilities: {}, superiors: 'implicit' },
      traits: [],
      rounds: [
        round(
          acts(
            'old append-big 134 354 409',
            'old append 964 222 817',
            'old append 936 624 712',
            'old append 67 395 317',
            'old append-big 638 75 307',
            'old append-twin 656 596 852',
          ),
          { crash: { step: 11, when: 'before' } },
        ),
        round(acts('old expunge 718 694 190')),
      ],
    },
  },
  {
    title: 'a move of unknown outcome is found though new alters what it stores',
    script: {
      old: { abilities: {} },
      fresh: { abilities: {}, superiors: 'required' },
      traits: [{ side: 'fresh', rule: { kind: 'adds-header', line: 'X-Scanned: yes' } }],
      rounds: [
        round(acts('old append 387 60 509', 'old append 676 766 409')),
        round(acts('old append 929 294 668', 'old append-twin 540 944 837')),
        round(acts('old expunge 411 396 388', 'old move 129 613 943'), {
          crash: { step: 3, when: 'before' },
        }),
      ],
    },
  },
  {
    title: 'a mailbox whose rename was proved is known after a crash, though what proved it is gone',
    script: {
      old: { abilities: { objectId: false } },
      fresh: { abilities: {}, superiors: 'required' },
      traits: [],
      rounds: [
        round(acts('old append 313 607 713', 'old append 548 896 98')),
        round(acts('old delete 391 700 37')),
        round(acts('old rename 171 475 145', 'old append-twin 747 790 539'), {
          crash: { step: 2, when: 'before' },
        }),
        round(acts('old expunge 601 580 604')),
      ],
    },
  },
  {
    title: 'a twin that arrives while a move is not settled is no copy that a person took away',
    script: {
      old: { abilities: {}, delimiter: '.' },
      fresh: { abilities: {}, superiors: 'created' },
      traits: [],
      rounds: [
        round(acts('old append 144 921 759', 'old append-twin 934 436 822', 'old append 155 586 801')),
        round(acts('old move 202 738 767'), { crash: { step: 3, when: 'before' } }),
        round(acts('old append-twin 142 827 13', 'old append 415 808 932')),
      ],
    },
  },
  {
    title: 'a copy that a person took away keeps one twin away, not two, where UIDs change',
    script: {
      old: { abilities: {} },
      fresh: { abilities: {}, superiors: 'required' },
      traits: [{ side: 'old', rule: { kind: 'poison', uid: 3 } }],
      rounds: [
        round(acts('old append 546 590 585', 'old append-big 82 271 117')),
        round(acts('fresh expunge 226 226 471')),
        round(
          acts(
            'fresh uidvalidity 918 953 282',
            'old append-twin 636 531 823',
            'old append-twin 752 720 631',
            'old uidvalidity 495 932 598',
          ),
        ),
      ],
    },
  },
  {
    title: 'deletions of two mailboxes that end at the same time are both followed after a crash',
    script: {
      old: { abilities: {}, delimiter: '.' },
      fresh: { abilities: {}, superiors: 'created' },
      traits: [],
      rounds: [
        round(
          acts(
            'fresh append 86 258 950',
            'old append 613 908 706',
            'old append 869 750 197',
            'old append-big 579 100 859',
            'old append 926 990 700',
          ),
        ),
        round(acts('old expunge 528 589 97', 'old expunge 136 78 496', 'fresh move 40 178 27'), {
          crash: { step: 7, when: 'after' },
        }),
      ],
    },
  },
];

/** The script, and the same with its first crash before and after every other step. */
export function* crashedElsewhere(script: Script, steps: number): Generator<Script> {
  yield script;
  const at = script.rounds.findIndex((r) => r.crash !== null);
  if (at < 0) return;
  for (let step = 1; step <= steps; step++) {
    for (const when of ['before', 'after'] as const) {
      const moved = (r: Round, i: number) => (i === at ? { ...r, crash: { step, when } } : r);
      yield { ...script, rounds: script.rounds.map(moved) };
    }
  }
}
