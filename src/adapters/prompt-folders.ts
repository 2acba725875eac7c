// Finds prompt files: the ones that come along and the user's own, by stage. It reads them and knows nothing of their text.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { invalidArgument } from '../core/errors.ts';
import { PROMPT_EXTENSION, type PromptSourceFile } from './front-matter.ts';

export type PromptStage = 'policy' | 'judge';

export interface PromptFolders {
  /** Holds a folder for each stage. */
  readonly builtIn?: string | undefined;
  /** Laid out as the built-in one; a file here stands for the built-in one of its name. */
  readonly user?: string | undefined;
}

/**
 * All files of a stage, the user's after the built-in ones. Throws `invalid_argument` for a folder that is not there and for a
 * template that lies beside the folders of the stages.
 */
export function promptFilesOf(stage: PromptStage, folders: PromptFolders): readonly PromptSourceFile[] {
  const builtIn = folders.builtIn ?? builtInFolder();
  return [builtIn, ...(folders.user === undefined ? [] : [folders.user])].flatMap((folder) =>
    filesIn(folder, stage),
  );
}

/** `prompts/` of the clone or of the installed package: two folders up from `src/adapters` and from `dist/adapters`. */
function builtInFolder(): string {
  return fileURLToPath(new URL('../../prompts', import.meta.url));
}

function filesIn(folder: string, stage: PromptStage): readonly PromptSourceFile[] {
  if (!existsSync(folder)) {
    throw invalidArgument('prompts', `Cannot load prompt templates: folder "${folder}" does not exist`);
  }
  const stray = readdirSync(folder).find((name) => name.endsWith(PROMPT_EXTENSION));
  if (stray !== undefined) {
    throw invalidArgument(
      'prompts',
      `Cannot load prompt template "${join(folder, stray)}": it belongs into the folder of its stage, as "${join(folder, stage, stray)}"`,
    );
  }
  const stageFolder = join(folder, stage);
  if (!existsSync(stageFolder)) return [];
  return readdirSync(stageFolder)
    .filter((name) => name.endsWith(PROMPT_EXTENSION))
    .map((name) => join(stageFolder, name))
    .map((path) => ({ path, text: readFileSync(path, 'utf8') }));
}
