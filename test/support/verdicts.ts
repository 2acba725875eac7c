// Verdicts for tests, and a judge that gives them and counts what it was asked.

import type { Judge, JudgeOutcome, JudgeQuestion } from '../../src/services/judging/judge.ts';
import type { StoredVerdict } from '../../src/ports/verdict-cache.ts';

export function verdictWith(fields: Partial<StoredVerdict> = {}): StoredVerdict {
  return {
    score: 1,
    label: 'equivalent',
    reason: 'Same value',
    agreement: 1,
    costUsd: 0.000_132,
    promptTokens: 312,
    completionTokens: 8,
    model: 'gpt-4.1-mini',
    template: 'equivalence@3-9f86d081',
    at: Date.UTC(2026, 0, 1),
    ...fields,
  };
}

export function questionWith(fields: Partial<JudgeQuestion> = {}): JudgeQuestion {
  return { question: 'What is 1 + 1?', groundTruth: '2', aliases: [], answer: 'two', ...fields };
}

/** Answers when the test says so, unless it was given a ready answer. */
export class CountingJudge implements Judge {
  readonly name: string = 'judge';
  readonly model: string = 'gpt-4.1-mini';
  readonly template: string;
  readonly sampling = { temperature: 0, maxTokens: 64, votes: 1, seed: 0 };
  readonly asked: { readonly question: JudgeQuestion; readonly signal: AbortSignal }[] = [];
  readonly #answer: (question: JudgeQuestion, signal: AbortSignal) => JudgeOutcome | Promise<JudgeOutcome>;

  constructor(
    answer: (question: JudgeQuestion, signal: AbortSignal) => JudgeOutcome | Promise<JudgeOutcome>,
    template = 'equivalence@3-9f86d081',
  ) {
    this.#answer = answer;
    this.template = template;
  }

  async judge(question: JudgeQuestion, signal: AbortSignal): Promise<JudgeOutcome> {
    this.asked.push({ question, signal });
    return this.#answer(question, signal);
  }
}
