// Templates that word a question for a judge. No prompt text lives in code.

import type { VerdictScale } from '../core/judge-verdict.ts';
import type { Message } from '../core/prompt.ts';

/** What a judge may be shown. Which of them a template shows, it declares. */
export interface JudgePromptValues {
  readonly question: string;
  readonly groundTruth: string;
  readonly aliases: readonly string[];
  readonly answer: string;
  readonly other: string;
  /** What a template shows of row and completion by name: `item.email` → text. */
  readonly variables?: Readonly<Record<string, string>> | undefined;
}

export interface JudgeTemplate {
  readonly name: string;
  /** Name, version and the first 8 hex digits of the file's sha256: `equivalence@3-9f86d081`. */
  readonly id: string;
  readonly scale: VerdictScale;
  /** Shows a ground truth: without one there is nothing to ask. */
  readonly usesGroundTruth: boolean;
  /** Compares `answer` with `other`, and is asked in both orders. */
  readonly isPairwise: boolean;
  /** Shows the whole completion also where it shows a ground truth. */
  readonly readsCompletion?: boolean | undefined;
  /** Names of `variables` that it shows, as `item.email`. */
  readonly variables?: readonly string[] | undefined;
  /** Values are data: each is printed inside a fence, and becomes no role, delimiter or template. */
  render(values: JudgePromptValues): readonly Message[];
}

export interface JudgeTemplates {
  names(): readonly string[];
  /** Throws `invalid_argument` (field `template`) for an unknown name. */
  find(name: string): JudgeTemplate;
}
