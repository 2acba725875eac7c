// How a passage is handed to the templates of these stages: its text, and its title where it has one.

import type { Passage } from '../../core/document.ts';
import type { PromptValue } from '../../ports/generation-prompts.ts';

/** A list for the title: templates show what is there, and an empty fence would look like an empty title. */
export function passageValues(passage: Passage): { readonly [name: string]: PromptValue } {
  const title = passage.title?.trim() ?? '';
  return { passage: passage.text, titles: title === '' ? [] : [title] };
}
