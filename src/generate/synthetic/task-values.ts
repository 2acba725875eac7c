// How a task definition is handed to the templates of these stages.

import { invalidArgument } from '../../core/errors.ts';
import type { Demonstration, TaskDefinition } from '../../core/task-definition.ts';
import type { PromptValue } from '../../ports/generation-prompts.ts';
import type { StageTools } from '../stage.ts';

/** The plan refuses a run without a task for a stage that needs one. */
export function taskOf({ task }: StageTools): TaskDefinition {
  if (task !== undefined) return task;
  throw invalidArgument('task', 'Cannot run these stages without a task definition');
}

/** Lists where something may be absent: templates show what is there. */
export function taskValues(
  task: TaskDefinition,
  demonstrations: readonly Demonstration[] = task.demonstrations,
): Readonly<Record<string, PromptValue>> {
  return {
    description: task.description,
    input_formats: task.inputFormat === undefined ? [] : [task.inputFormat],
    output_formats: task.outputFormat === undefined ? [] : [task.outputFormat],
    demonstrations: demonstrations.map(({ input, output }) => ({ input, output })),
  };
}

/** The same where a stage works without a task as well: then there is nothing to show. */
export function taskValuesOf({ task }: StageTools): Readonly<Record<string, PromptValue>> {
  if (task !== undefined) return taskValues(task, []);
  return { description: '', input_formats: [], output_formats: [], demonstrations: [] };
}
