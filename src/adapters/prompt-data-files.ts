// Data beside the templates: `prompts/<stage>/**/<name>.yaml`, a user's folder over the built-in one, file by file. It is read once,
// at start, and says nothing about what must be in a file: that is for the stage that uses it.

import { existsSync, readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { z } from 'zod';
import { invalidArgument } from '../core/errors.ts';
import type { JsonValue } from '../core/json.ts';
import type { PromptData } from '../ports/prompt-data.ts';
import { builtInPrompts, type PromptFolders } from './prompt-folders.ts';
import { readTextOf, readYamlAs } from './yaml-file.ts';

const EXTENSION = '.yaml';
/** No part of a path that begins with a dot, and none that is empty. */
const NAME = /^[^./\\][^/\\]*(?:\/[^./\\][^/\\]*)*$/u;

/** Reads all data files. Throws `invalid_argument` that names the file and what is wrong with it. */
export function loadPromptDataFiles(folders: PromptFolders = {}): PromptData {
  const data = new Map<string, JsonValue>();
  for (const folder of [folders.builtIn ?? builtInPrompts(), folders.user]) {
    if (folder === undefined || !existsSync(folder)) continue;
    for (const [name, value] of dataIn(folder)) data.set(name, value);
  }
  return {
    find: (name) => {
      if (NAME.test(name)) return data.get(name);
      throw invalidArgument(
        'prompts',
        `Cannot look for the data file "${name}": names are paths within the folder of prompts, as "generate/examples/other"`,
      );
    },
  };
}

function* dataIn(folder: string): Generator<readonly [string, JsonValue]> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  for (const file of files.filter((name) => name.endsWith(EXTENSION)).toSorted()) {
    const path = join(folder, file);
    const named = { path, field: 'prompts', called: `the data file "${path}"` };
    const name = relative(folder, path).slice(0, -EXTENSION.length).split(sep).join('/');
    yield [name, readYamlAs(named, readTextOf(named), z.json())];
  }
}
