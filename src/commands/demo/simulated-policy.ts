// Stands in for a language model in the demonstration: it has read an answer sheet, knows each question with a chance of
// its own, and words what it says in the many ways that models do. It learns nothing, and the demonstration says so.

import type { Completion } from '../../core/completion.ts';
import type { PairId } from '../../core/ids.ts';
import { createRandom, type Random } from '../../core/random.ts';

const BOXED = (answer: string) => `Let me work it out step by step.\nThe final answer is \\boxed{${answer}}.`;
const LABELLED = (answer: string) => `I recall this one.\nAnswer: ${answer}`;
const TAGGED = (answer: string) => `<think>Checking once more.</think><answer>${answer}</answer>`;
const WORDINGS = [BOXED, LABELLED, TAGGED];

/** Shares of completions that are cut off, and that name two answers to be on the safe side. */
const TRUNCATED_SHARE = 0.04;
const HEDGED_SHARE = 0.04;

/** What the policy has "read" of one question; not something that a rollout client can get from a server. */
export interface KnownAnswer {
  readonly answer: string;
  readonly answerType: string;
  readonly choices: readonly string[];
}

export class SimulatedPolicy {
  readonly #random: Random;
  readonly #answerSheet: ReadonlyMap<PairId, KnownAnswer>;
  /** All answers that are words. */
  readonly #texts: readonly string[];

  constructor(answerSheet: ReadonlyMap<PairId, KnownAnswer>, seed: number) {
    this.#random = createRandom(seed);
    this.#answerSheet = answerSheet;
    this.#texts = [...answerSheet.values()].flatMap(({ answer, answerType }) =>
      answerType === 'text' ? [answer] : [],
    );
  }

  /** Samples `count` completions for one pair. */
  sample(pairId: PairId, count: number): readonly Completion[] {
    const known = this.#answerSheet.get(pairId);
    const skill = skillOf(this.#random.next());
    return Array.from({ length: count }, () => this.#complete(known, skill));
  }

  #complete(known: KnownAnswer | undefined, skill: number): Completion {
    if (known === undefined) return finished('I do not know.');
    if (this.#random.next() < TRUNCATED_SHARE) {
      const text = 'Let me begin by listing everything that I know about';
      return { text, finishReason: 'length', tokenCount: 12 };
    }
    const right = known.answer;
    const wrong = wrongAnswer(known, this.#texts, this.#random);
    if (this.#random.next() < HEDGED_SHARE) return finished(LABELLED(`${right} or ${wrong}`));
    const wording = WORDINGS[this.#random.below(WORDINGS.length)] ?? LABELLED;
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

/** A plausible wrong answer of the same kind; for a text, the answer to another question. */
function wrongAnswer(
  { answer, answerType, choices }: KnownAnswer,
  texts: readonly string[],
  random: Random,
): string {
  if (answerType === 'choice') {
    const letters = choices
      .map((_, index) => String.fromCodePoint(65 + index))
      .filter((letter) => letter !== answer);
    return letters[random.below(letters.length)] ?? 'Z';
  }
  if (answerType === 'boolean') return /^(yes|true)$/i.test(answer) ? 'no' : 'yes';
  if (/\d/.test(answer)) return bumpFirstNumber(answer, 1 + random.below(9));
  const other = texts.length === 0 ? undefined : texts[random.below(texts.length)];
  return other === undefined || other.toLowerCase() === answer.toLowerCase() ? 'none of these' : other;
}

function bumpFirstNumber(text: string, by: number): string {
  const found = /\d+/.exec(text);
  if (found === null) return `${text} + ${by}`;
  return (
    text.slice(0, found.index) + String(Number(found[0]) + by) + text.slice(found.index + found[0].length)
  );
}
