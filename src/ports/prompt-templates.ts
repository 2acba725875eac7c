// Templates that word a question for the policy. No prompt text lives in code.

import type { Message, PromptValues } from '../core/prompt.ts';

export type PolicyPromptValues = PromptValues;

export interface PromptTemplates {
  /** Names of the templates for policies. */
  names(): readonly string[];
  /** Throws `invalid_argument` (field `prompt_template`) for an unknown name. Values are data: they never become roles. */
  render(template: string, values: PolicyPromptValues): readonly Message[];
}
