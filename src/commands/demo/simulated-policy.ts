// Stands in for a language model in the demonstration: it has read an answer sheet, knows each question with a chance of
// its own, and words what it says in the many ways that models do. It learns nothing, and the demonstration says so.

import type { Completion } from '../../core/completion.ts';
import type { QaPair } from '../../core/qa-pair.ts';
import { createRandom, type Random } from '../../core/random.ts';

const BOXED = (answer: string) => `Let me work it out step by step.\nThe final answer is \\boxed{${answer}}.`;
const LABELLED = (answer: string) => `I recall this one.\nAnswer: ${answer}`;
const TAGGED = (answer: string) => `<think>Checking once more.</think><answer>${answer}</answer>`;
const WORDINGS = [BOXED, LABELLED, TAGGED];

/** Shares of completions that are cut off, and that name two answers to be on the safe side. */
const TRUNCATED_SHARE = 0.04;
const HEDGED_SHARE = 0.04;

export class SimulatedPolicy {
  readonly #random: Random;
  readonly #answerSheet = new Map<string, QaPair>();

  /** @param answerSheet rows that the policy has "read": not something that a rollout client can get from a server */
  constructor(answerSheet: readonly QaPair[], seed: number) {
    this.#random = createRandom(seed);
    for (const pair of answerSheet) this.#answerSheet.set(pair.pairId, pair);
  }

  /** Samples `count` completions for one pair. */
  sample(pairId: string, count: number): readonly Completion[] {
    const pair = this.#answerSheet.get(pairId);
    const skill = pair === undefined ? 0 : skillOf(this.#random.next());
    return Array.from({ length: count }, () => this.#complete(pair, skill));
  }

  #complete(pair: QaPair | undefined, skill: number): Completion {
    if (pair === undefined) return finished('I do not know.');
    if (this.#random.next() < TRUNCATED_SHARE) {
      const text = 'Let me begin by listing everything that I know about';
      return { text, finishReason: 'length', tokenCount: 12 };
    }
    const right = pair.groundTruth.answer;
    const wrong = wrongAnswer(pair, this.#random);
    if (this.#random.next() < HEDGED_SHARE) return finished(LABELLED(`${right} or ${wrong}`));
    const wording = WORDINGS[Math.floor(this.#random.next() * WORDINGS.length)] ?? LABELLED;
    return finished(wording(this.#random.next() < skill ? right : wrong));
  }
}

/** Some questions are always known, some never, most sometimes: so that groups with and without variance are seen. */
function skillOf(draw: number): number {
  if (draw < 0.15) return 1;
  if (draw < 0.25) return 0;
  return 0.2 + 0.6 * draw;
}

function finished(text: string): Completion {
  return { text, finishReason: 'stop', tokenCount: Math.ceil(text.length / 4) };
}

/** A plausible wrong answer of the same kind. */
function wrongAnswer(pair: QaPair, random: Random): string {
  const right = pair.groundTruth.answer;
  switch (pair.answerType) {
    case 'choice': {
      const letters = (pair.choices ?? []).map((_, index) => String.fromCodePoint(65 + index));
      const others = letters.filter((letter) => letter !== right);
      return others[Math.floor(random.next() * others.length)] ?? 'Z';
    }
    case 'boolean':
      return /^(yes|true)$/i.test(right) ? 'no' : 'yes';
    case 'number':
    case 'quantity':
    case 'math':
    case 'date':
      return bumpFirstNumber(right, 1 + Math.floor(random.next() * 9));
    case 'list':
    case 'text':
    case 'pattern':
      return 'none of these';
  }
}

function bumpFirstNumber(text: string, by: number): string {
  const found = /\d+/.exec(text);
  if (found === null) return `${text} + ${by}`;
  return text.slice(0, found.index) + String(Number(found[0]) + by) + text.slice(found.index + found[0].length);
}
