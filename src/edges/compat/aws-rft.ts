// Record lists of AWS reinforcement fine-tuning (Nova, Bedrock): a Lambda function passes its event on and returns the reply. A
// result must have a number, so a fault is held and tried again here, and then refused as a whole: the Lambda raises, and AWS
// asks it again. A result is never left out: whoever counts them would find another number than it sent.

import { z } from 'zod';
import { LIMITS } from '../../contract/limits.ts';
import type { MountedRequest } from '../../contract/mounted-call.ts';
import { list } from '../../contract/schemas/values.ts';
import { must } from '../../contract/wording.ts';
import { isJsonObject } from '../../core/canonical-json.ts';
import { invalidArgument } from '../../core/errors.ts';
import { recipeFor } from './asked.ts';
import type { Dialect, Translator } from './dialect.ts';
import { readLabel } from './label.ts';
import { openObject, json, parse, requireReward, type Rewarded, scoresByScorer } from './replies.ts';
import { messageSchema, readPrompt, withoutEndTokens } from './texts.ts';

/** A Lambda function may run for 15 minutes, and is given 3 s unless it asks for more: see the documentation. */
const HOLD_MS = 60_000;

const record = openObject({
  id: z.union([z.string(), z.number()], { error: must('a text or a number') }),
  messages: list(messageSchema, 1, LIMITS.promptMessagesMax, 'messages'),
  reference_answer: z.unknown().optional(),
  metadata: z.unknown().optional(),
});
const request = list(record, 0, LIMITS.completionsPerRequestMax, 'records');

type RftRecord = z.output<typeof record>;

export const awsRft: Dialect = (translator) => [
  {
    method: 'POST',
    path: '/compat/aws-rft',
    name: 'compat/aws-rft',
    answer: (received) => answer(translator, received),
  },
];

async function answer({ scoring, choices }: Translator, { body, query, signal }: MountedRequest) {
  const choice = choices.of(query, HOLD_MS);
  const samples = parse(request, body).map((each, index) => sampleOf(each, `[${index}]`));
  const outcomes = await Promise.all(
    samples.map(({ group, label, field }) =>
      scoring.outcome(group, {
        dialect: 'aws-rft',
        ...recipeFor(label, choice, field),
        holdMs: choice.holdMs,
        signal,
        field,
      }),
    ),
  );
  return json(
    samples.map(({ id }, index) => {
      const outcome = outcomes[index];
      // One for each sample.
      if (outcome === undefined) throw new RangeError(`No outcome for record ${index}`);
      return resultOf(id, requireReward(outcome, `[${index}]`));
    }),
  );
}

/** The last message is the policy's own. */
function sampleOf({ id, messages, ...rest }: RftRecord, field: string) {
  const said = readPrompt(messages);
  const last = said.at(-1);
  if (last?.role !== 'assistant') {
    throw invalidArgument(`${field}.messages`, 'Must end with a message of the assistant');
  }
  const truth = truthOf(rest, field);
  const completion = { memberIndex: 0, text: withoutEndTokens(last.content) };
  const label = readLabel(truth.value, truth.field);
  const group = { prompt: said.slice(0, -1), reference: label.reference, completions: [completion] };
  return { id, group, label, field: truth.field };
}

/** `reference_answer` beside the messages, or in the metadata; an object that has an `answer` is read as that answer. */
function truthOf({ reference_answer: direct, metadata }: Omit<RftRecord, 'id' | 'messages'>, field: string) {
  const isNested =
    direct === undefined && isJsonObject(metadata) && metadata['reference_answer'] !== undefined;
  const value = isNested ? metadata['reference_answer'] : direct;
  const own = `${field}.${isNested ? 'metadata.' : ''}reference_answer`;
  const isWrapped =
    isJsonObject(value) && value['ground_truth'] === undefined && value['answer'] !== undefined;
  return isWrapped ? { value: value['answer'], field: `${own}.answer` } : { value, field: own };
}

function resultOf(id: string | number, { reward, scores }: Rewarded) {
  const metrics = Object.entries(scoresByScorer(scores));
  return {
    id,
    aggregate_reward_score: reward,
    metrics_list: metrics.map(([name, value]) => ({ name, value, type: 'Metric' })),
  };
}
