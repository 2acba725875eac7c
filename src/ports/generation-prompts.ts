// Templates that word questions for the models of the dataset engine, by stage: `prompts/<stage>/<name>.prompt.md`.

import type { Message } from '../core/prompt.ts';

/** Data of a prompt. Each text in it, however deep, is printed inside a fence that it cannot close. */
export type PromptValue =
  | string
  | number
  | boolean
  | readonly PromptValue[]
  | { readonly [name: string]: PromptValue };

export interface GenerationPrompt {
  /** Stage, name, version and the first 8 hex digits of the file's sha256: `check/pair@2-9f86d081`. */
  readonly id: string;
  render(values: Readonly<Record<string, PromptValue>>): readonly Message[];
}

export interface GenerationPrompts {
  /** `name`: `<stage>/<name>`, as the file lies. Throws `invalid_argument` (field `template`) for an unknown one. */
  find(name: string): GenerationPrompt;
}
