// A task definition from a YAML file: the texts that say what a dataset without documents is about. An error names the file and
// the key.

import { basename } from 'node:path';
import { z } from 'zod';
import { ANSWER_TYPES } from '../core/qa-pair.ts';
import type { TaskDefinition } from '../core/task-definition.ts';
import { type NamedFile, readTextOf, readYamlAs } from './yaml-file.ts';

/** @throws EnvError `invalid_argument` that names the file and the key */
export function readTaskFile(path: string): TaskDefinition {
  return parseTaskFile(path, readTextOf(fileAt(path)));
}

/** The same of a text that was read from `path`. */
export function parseTaskFile(path: string, text: string): TaskDefinition {
  const shape = readYamlAs(fileAt(path), text, taskFileShape());
  return {
    name: shape.name ?? basename(path).replace(/\.ya?ml$/u, ''),
    description: shape.description,
    inputFormat: shape.input_format,
    outputFormat: shape.output_format,
    demonstrations: shape.demonstrations,
    answerType: shape.answer_type,
  };
}

function fileAt(path: string): NamedFile {
  return { path, field: 'task', called: `the task definition in "${path}"` };
}

/** Built when a file is read: a schema at the top level would be work for whoever imports this. */
function taskFileShape() {
  const text = z.string().trim().min(1, 'must not be empty');
  /** What a model is asked and answers: YAML reads a bare 18 as a number, and it is a text all the same. */
  const shown = z.union([z.string(), z.number(), z.boolean()]).transform(String).pipe(text);
  return z.strictObject({
    name: text.optional(),
    description: text,
    input_format: text.optional(),
    output_format: text.optional(),
    demonstrations: z.array(z.strictObject({ input: shown, output: shown })).default([]),
    answer_type: z.enum(ANSWER_TYPES, `must be one of ${ANSWER_TYPES.join(', ')}`).optional(),
  });
}
