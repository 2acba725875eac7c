// A scorer whose verdict is written in the completion, so that a test decides every score, when it comes, and whether it
// comes at all; and that counts how often it was asked.

import type { Finding } from '../../src/core/reward.ts';
import type { Scorer, ScorerLookup } from '../../src/services/scoring/scorer.ts';

/** Name of the scorer, for recipes. */
export const ECHO = 'echo';

/** Name of a group-wise one: the share of the group whose text comes after one's own in the alphabet. */
export const DUEL = 'duel';

/**
 * Completions: "right …", "wrong …", "crash …" (the scorer throws), "fault …" (no verdict can be had). Those that hold the
 * word "later" are decided when the test calls `decide`.
 */
export class EchoScorer implements ScorerLookup {
  /** How often each text was scored. */
  readonly asked = new Map<string, number>();
  /** The texts of each group that was compared. */
  readonly compared: (readonly string[])[] = [];
  readonly #waiting: (() => void)[] = [];
  readonly #scorer: Scorer = {
    name: ECHO,
    reads: 'completion',
    fallback: 'none',
    parseOptions: () => ({}),
    score: ({ answer }) => {
      this.asked.set(answer, (this.asked.get(answer) ?? 0) + 1);
      if (!answer.includes('later')) return verdictOf(answer);
      return new Promise((resolve) => {
        this.#waiting.push(() => resolve(verdictOf(answer)));
      });
    },
  };

  readonly #duel: Scorer = {
    ...this.#scorer,
    name: DUEL,
    groupWise: {
      sizeProblem: (size) => (size < 2 ? 'there is nobody to compare with' : undefined),
      reads: () => 'completion',
      scoreGroup: async (inputs) => {
        const texts = inputs.map(({ answer }) => answer);
        this.compared.push(texts);
        if (texts.some((text) => text.includes('later'))) {
          await new Promise<void>((resolve) => void this.#waiting.push(resolve));
        }
        if (texts.some((text) => text.includes('crash'))) throw new TypeError('The scorer has a bug');
        return texts.map((text): Finding => {
          if (text.includes('fault'))
            return { kind: 'fault', cause: 'judge_unavailable', detail: 'no reply' };
          const others = texts.length - 1;
          return { kind: 'score', score: texts.filter((other) => other > text).length / Math.max(1, others) };
        });
      },
    },
  };

  find(name: string): Scorer | undefined {
    if (name === DUEL) return this.#duel;
    return name === ECHO ? this.#scorer : undefined;
  }

  names(): readonly string[] {
    return [ECHO];
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Gives the verdict that has waited longest, or the one at `index`. */
  decide(index = 0): void {
    this.#waiting.splice(index, 1)[0]?.();
  }

  decideAll(): void {
    while (this.#waiting.length > 0) this.decide();
  }
}

function verdictOf(text: string): Finding {
  if (text.includes('crash')) throw new TypeError('The scorer has a bug');
  if (text.includes('fault')) return { kind: 'fault', cause: 'judge_unavailable', detail: 'no reply' };
  return text.includes('right') ? { kind: 'correct' } : { kind: 'incorrect', reason: 'is not right' };
}
