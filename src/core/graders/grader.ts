// OpenAI's graders as they are written: the kinds that become recipes, and their parts. Read by grader-json.ts, turned into
// recipes by grader-recipe.ts.

import type { Formula } from '../formula.ts';
import type { Role } from '../prompt.ts';
import type { STRING_OPERATIONS } from '../verifiers/string-check.ts';
import type { TextTemplate } from './text-template.ts';

interface Named {
  readonly name: string;
  /** From which score on OpenAI's evaluations count a grade as passed; no part of the grade. */
  readonly passThreshold?: number | undefined;
}

export interface OpenAiStringCheck extends Named {
  readonly kind: 'string_check';
  readonly operation: (typeof STRING_OPERATIONS)[number];
  readonly input: string;
  readonly reference: string;
}

export interface OpenAiTextSimilarity extends Named {
  readonly kind: 'text_similarity';
  readonly metric: string;
  readonly input: string;
  readonly reference: string;
}

export interface OpenAiMessage {
  readonly role: Role;
  readonly content: TextTemplate;
}

export interface OpenAiSampling {
  readonly temperature?: number | undefined;
  readonly topP?: number | undefined;
  readonly seed?: number | undefined;
  readonly maxTokens?: number | undefined;
  readonly reasoningEffort?: string | undefined;
}

export interface OpenAiScoreModel extends Named {
  readonly kind: 'score_model';
  readonly model: string;
  readonly messages: readonly OpenAiMessage[];
  readonly range: readonly [number, number];
  readonly sampling: OpenAiSampling;
}

export type SingleOpenAiScorer = OpenAiStringCheck | OpenAiTextSimilarity | OpenAiScoreModel;

export interface MultiOpenAiScorer extends Named {
  readonly kind: 'multi';
  /** By the names that the formula calls them. */
  readonly graders: ReadonlyMap<string, SingleOpenAiScorer>;
  readonly formula: Formula;
}

export type OpenAiScorer = SingleOpenAiScorer | MultiOpenAiScorer;
