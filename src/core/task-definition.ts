// What a person writes to get a dataset for a task without any document: the three texts of Synthetic Data RL
// (arXiv 2505.17063), and perhaps demonstrations.

import type { AnswerType } from './qa-pair.ts';

export interface Demonstration {
  readonly input: string;
  readonly output: string;
}

export interface TaskDefinition {
  readonly name: string;
  /** Kind of task, domain, skill. */
  readonly description: string;
  readonly inputFormat: string | undefined;
  readonly outputFormat: string | undefined;
  readonly demonstrations: readonly Demonstration[];
  /** Decides the verifier that compares two answers; told from each answer when absent. */
  readonly answerType: AnswerType | undefined;
}
