// Data that prompts are filled with and that people may change without touching code: lists and examples, in files beside the
// templates, `prompts/<stage>/**/<name>.yaml`.

import type { JsonValue } from '../core/json.ts';

export interface PromptData {
  /**
   * The data of a file by its path without the ending: `generate/examples/math`. Undefined where no such file lies. Whoever
   * reads it checks what is in it. Throws `invalid_argument` for a name that is no path within the folder.
   */
  find(name: string): JsonValue | undefined;
}
