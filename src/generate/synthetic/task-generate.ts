// The first questions of Synthetic Data RL (arXiv 2505.17063): one for each passage, after the task's three texts. With demonstrations, a
// general pattern of them is drawn up once and shown, so that questions follow what they have in common rather than copy one of them.

import { z } from 'zod';

import type { Demonstration } from '../../core/task-definition.ts';
import { keyedPermutation, type Random } from '../../core/random.ts';
import { answerIn } from '../draft-answers.ts';
import { childKey, type Draft, type PassageItem } from '../item.ts';
import { dropped, kept, stageKind, type Outcome, type StageTools } from '../stage.ts';
import { taskOf, taskValues } from './task-values.ts';

const generateOptions = () =>
  z.strictObject({
    /** Demonstrations that a call shows, drawn for each passage. */
    demonstrations: z.int().min(0).max(16).default(3),
    temperature: z.number().min(0).max(2).default(0.7),
  });
type GenerateOptions = z.output<ReturnType<typeof generateOptions>>;

/** Demonstrations that the pattern is drawn up from. */
const PATTERN_FROM_MAX = 50;

export const inputOutputReply = () => z.strictObject({ input: z.string(), output: z.string() });

export const taskGenerate = stageKind({
  name: 'task_generate',
  summary: 'The teacher writes one input of the task with its output for each passage.',
  takes: 'passage',
  gives: 'pair',
  model: 'teacher',
  needs: ['task'],
  options: generateOptions,
  estimate: () => ({
    calls: 1,
    promptTokens: 900,
    showsPassage: true,
    completionTokens: 350,
    yield: 0.95,
  }),
  build: (options: GenerateOptions) => ({
    kind: 'each',
    apply: (item, tools) =>
      item.kind === 'passage' ? write(item, tools, options) : Promise.resolve(kept(item)),
  }),
});

async function write(item: PassageItem, tools: StageTools, options: GenerateOptions): Promise<Outcome> {
  const task = taskOf(tools);
  const pattern = await patternOf(tools);
  const shown = drawn(task.demonstrations, options.demonstrations, tools.random);
  const { passage } = item;
  const answer = await tools.ask({
    prompt: 'task_generate/input-output',
    values: {
      ...taskValues(task, shown),
      patterns: pattern === undefined ? [] : [pattern],
      passages: passage.text === '' ? [] : [passage.text],
      topics: passage.title === undefined ? [] : [passage.title],
      // Without a passage two questions would be one: the number makes them two.
      number: passage.source,
    },
    reply: inputOutputReply(),
    temperature: options.temperature,
  });
  if (answer.kind === 'unreadable') return dropped('unreadable_reply', answer.detail);
  const draft = draftFrom(answer.value, tools, { generator: 'task_generate', written: answer.written });
  if (draft === undefined) return dropped('empty_input', `made of ${passage.source}`);
  return kept({
    kind: 'pair',
    key: childKey(item.key, 0),
    draft: { ...draft, domain: item.domain },
    ...(passage.text !== '' && { passage }),
    // The pattern is one call for all passages: no pair bears its cost.
    costUsd: answer.costUsd,
    notes: item.notes,
  });
}

/** The draft of an input and its output; its answer is what the output ends with, and empty where that cannot be told. */
export function draftFrom(
  { input, output }: { readonly input: string; readonly output: string },
  { task }: StageTools,
  origin: Pick<Draft, 'generator' | 'written'>,
): Draft | undefined {
  const question = input.trim();
  if (question === '') return undefined;
  const bare: Draft = { ...origin, question, answer: '', aliases: [], answerType: task?.answerType };
  return { ...bare, answer: answerIn(bare, output) ?? '' };
}

/** What the demonstrations have in common, asked for once in a run: all passages ask the same question. */
async function patternOf(tools: StageTools): Promise<string | undefined> {
  const task = taskOf(tools);
  if (task.demonstrations.length === 0) return undefined;
  const answer = await tools.ask<string>({
    prompt: 'pattern/task',
    values: taskValues(task, task.demonstrations.slice(0, PATTERN_FROM_MAX)),
    reply: 'text',
    temperature: 0,
  });
  return answer.kind === 'answer' ? answer.value : undefined;
}

function drawn(
  demonstrations: readonly Demonstration[],
  size: number,
  random: Random,
): readonly Demonstration[] {
  const count = demonstrations.length;
  if (count === 0) return [];
  const at = keyedPermutation({ count, words: [random.uint32()] });
  return Array.from({ length: Math.min(size, count) }, (_, position) => demonstrations[at(position)]).filter(
    (each) => each !== undefined,
  );
}
