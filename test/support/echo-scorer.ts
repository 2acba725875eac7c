// A scorer whose verdict is written in the completion, so that a test decides every score, when it comes, and whether it
// comes at all; and that counts how often it was asked.

import type { Finding } from '../../src/core/reward.ts';
import type { Scorer, ScorerLookup } from '../../src/services/scoring/scorer.ts';

/** Name of the scorer, for recipes. */
export const ECHO = 'echo';

/**
 * Completions: "right …", "wrong …", "crash …" (the scorer throws), "fault …" (no verdict can be had). Those that hold the
 * word "later" are decided when the test calls `decide`.
 */
export class EchoScorer implements ScorerLookup {
  /** How often each text was scored. */
  readonly asked = new Map<string, number>();
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

  find(name: string): Scorer | undefined {
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
