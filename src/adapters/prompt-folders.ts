// Finds prompt files: the ones that come along and the user's own, by stage. It reads them and knows nothing of their text.

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { invalidArgument } from '../core/errors.ts';
import { PROMPT_EXTENSION, type PromptSourceFile } from './front-matter.ts';

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
export function promptFilesOf(stage: string, folders: PromptFolders): readonly PromptSourceFile[] {
  return foldersOf(folders).flatMap((folder) => filesIn(folder, stage));
}

/** Names of all folders of stages, built-in and the user's. Throws as `promptFilesOf` does. */
export function promptStagesOf(folders: PromptFolders): readonly string[] {
  const names = foldersOf(folders).flatMap((folder) => {
    if (!existsSync(folder)) throw missing(folder);
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
      entry.isDirectory() ? [entry.name] : [],
    );
  });
  return [...new Set(names)].toSorted();
}

/**
 * A folder without templates is one; nothing is overridden then.
 *
 * @throws EnvError `invalid_argument` for a user's folder that is not there
 */
export function requirePromptFolder(user: string | undefined): void {
  if (user === undefined || statSync(user, { throwIfNoEntry: false })?.isDirectory() === true) return;
  throw invalidArgument('prompts', `Cannot use --prompts: there is no folder "${user}"`);
}

function foldersOf({ builtIn = builtInPrompts(), user }: PromptFolders): readonly string[] {
  requirePromptFolder(user);
  return [builtIn, ...(user === undefined ? [] : [user])];
}

/** `prompts/` of the clone or of the installed package: two folders up from `src/adapters` and from `dist/adapters`. */
export function builtInPrompts(): string {
  return fileURLToPath(new URL('../../prompts', import.meta.url));
}

function filesIn(folder: string, stage: string): readonly PromptSourceFile[] {
  if (!existsSync(folder)) throw missing(folder);
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

function missing(folder: string): Error {
  return invalidArgument('prompts', `Cannot load prompt templates: folder "${folder}" does not exist`);
}
