// Inputs and answers for tasks, the second half of Self-Instruct (arXiv 2212.10560). A task with few possible answers is given the answers
// first and inputs that fit them, since inputs that come first all have the same answer; any other task the other way round.

import { z } from 'zod';

import { costShare, costSum } from '../costs.ts';
import { compareAnswer } from '../draft-answers.ts';
import { asPair, childKey, type Draft, type Drop, type PairItem } from '../item.ts';
import { dropped, kept, noted, stageKind, type Outcome, type StageTools } from '../stage.ts';

const instancesOptions = () =>
  z.strictObject({
    /** Instances of one task at most. */
    per_task: z.int().min(1).max(20).default(5),
    temperature: z.number().min(0).max(2).default(0),
  });
type InstancesOptions = z.output<ReturnType<typeof instancesOptions>>;

/** The order of the keys is the order of writing. */
const replies = () => ({
  kind: z.strictObject({ reasoning: z.string(), few_answers: z.boolean(), answers: z.array(z.string()) }),
  outputFirst: z.strictObject({
    instances: z.array(z.strictObject({ output: z.string(), input: z.string() })),
  }),
  inputFirst: z.strictObject({
    instances: z.array(z.strictObject({ input: z.string(), output: z.string() })),
  }),
});
type Replies = ReturnType<typeof replies>;

export const instances = stageKind({
  name: 'instances',
  summary:
    'Gives tasks without an answer inputs and answers; answers come first where there are few (Self-Instruct).',
  takes: 'pair',
  gives: 'pair',
  model: 'teacher',
  options: instancesOptions,
  estimate: ({ per_task: perTask }: InstancesOptions) => ({
    calls: 2,
    promptTokens: 350,
    showsPassage: false,
    completionTokens: 60 + 60 * perTask,
    yield: 0.7 * perTask,
  }),
  build: (options: InstancesOptions) => {
    const forms = replies();
    return { kind: 'each', apply: async (item, tools) => exemplify(asPair(item), { options, tools, forms }) };
  },
});

async function exemplify(
  item: PairItem,
  {
    options,
    tools,
    forms,
  }: { readonly options: InstancesOptions; readonly tools: StageTools; readonly forms: Replies },
): Promise<Outcome> {
  const { draft } = item;
  if (draft.answer !== '') return kept(item);
  const kind = await tools.ask({
    prompt: 'instances/kind',
    values: { task: draft.question },
    reply: forms.kind,
    temperature: 0,
  });
  if (kind.kind === 'unreadable') return dropped('unreadable_reply', kind.detail);
  const isOutputFirst = kind.value.few_answers;
  const answer = await tools.ask({
    prompt: isOutputFirst ? 'instances/output-first' : 'instances/input-first',
    values: {
      task: draft.question,
      count: options.per_task,
      ...(isOutputFirst && { answers: kind.value.answers }),
    },
    reply: isOutputFirst ? forms.outputFirst : forms.inputFirst,
    temperature: options.temperature,
  });
  if (answer.kind === 'unreadable') return dropped('unreadable_reply', answer.detail);
  const written = answer.value.instances;
  const costUsd = costShare(costSum(item.costUsd, kind.costUsd, answer.costUsd), written.length);
  const all = written.map(({ input, output }, index): PairItem => ({
    ...item,
    key: childKey(item.key, index),
    draft: {
      ...draft,
      question: joined(draft.question, input.trim()),
      answer: output.trim(),
      written: answer.written,
    },
    family: item.family ?? draft.question,
    costUsd,
    notes: noted(item.notes, 'instances', isOutputFirst ? 'output_first' : 'input_first'),
  }));
  return outcomeOf(draft, all, written, options.per_task);
}

function joined(task: string, input: string): string {
  return input === '' ? task : `${task}\n\n${input}`;
}

function outcomeOf(
  { question: task }: Draft,
  all: readonly PairItem[],
  written: readonly { readonly input: string; readonly output: string }[],
  most: number,
): Outcome {
  if (all.length === 0) return dropped('nothing_written', task);
  const conflict = conflictIn(all);
  // Who gives two answers to one question does not know the task.
  if (conflict !== undefined) return dropped('conflicting_outputs', conflict);
  const stays: PairItem[] = [];
  const drops: Drop[] = [];
  for (const [index, item] of all.entries()) {
    const { question, answer } = item.draft;
    const input = written[index]?.input.trim() ?? '';
    const reason = reasonAgainst({ input, output: answer });
    if (reason !== undefined) drops.push({ reason, detail: `"${answer}": ${question}` });
    else if (stays.some(({ draft }) => draft.question === question)) {
      drops.push({ reason: 'repeated_instance', detail: question });
    } else if (stays.length >= most) drops.push({ reason: 'more_than_asked', detail: question });
    else stays.push(item);
  }
  return { kept: stays, drops };
}

function reasonAgainst({
  input,
  output,
}: {
  readonly input: string;
  readonly output: string;
}): string | undefined {
  if (output === '') return 'empty_output';
  if (input === output) return 'input_is_output';
  // The text that was announced is missing.
  return input.endsWith(':') || output.endsWith(':') ? 'ends_in_colon' : undefined;
}

/** Two instances that ask the same and answer differently. */
function conflictIn(all: readonly PairItem[]): string | undefined {
  const byQuestion = new Map<string, Draft>();
  for (const { draft } of all) {
    const first = byQuestion.get(draft.question);
    if (first === undefined) byQuestion.set(draft.question, draft);
    else if (first.answer !== draft.answer && compareAnswer(first, draft.answer).kind !== 'correct') {
      return `"${first.answer}" and "${draft.answer}": ${draft.question}`;
    }
  }
  return undefined;
}
