// A resources server of NeMo Gym: rows of a task with the policy's response in, the same rows with a reward out. Its protocol
// has words for a reward that is none: the sample is masked, and its class sends it to the file of failures, from where it is
// verified again. So nothing is held here: the collector tries again itself.

import { z } from 'zod';
import { LIMITS } from '../../contract/limits.ts';
import type { MountedCall, MountedRequest } from '../../contract/mounted-call.ts';
import { list } from '../../contract/schemas/values.ts';
import { must } from '../../contract/wording.ts';
import { invalidArgument } from '../../core/errors.ts';
import type { CompletionOutcome, Unscorable } from '../../core/score.ts';
import { recipeFor } from './asked.ts';
import type { Dialect, Translator } from './dialect.ts';
import { readLabel } from './label.ts';
import { aggregateMetrics } from './nemo-gym-metrics.ts';
import { completionOf, responseSchema } from './openai-response.ts';
import { json, openObject, parse, scoresByScorer } from './replies.ts';
import { promptSchema, readPrompt, withoutEndTokens } from './texts.ts';

/** Where rows have their ground truth, in the order in which they are looked at. */
const TRUTH_FIELDS = ['expected_answer', 'ground_truth', 'answer'] as const;

/** What a verification adds. A row that is verified again brings that of the last time, which must not stay. */
const VERDICT_FIELDS = [
  'reward',
  'reward_components',
  'mask_sample',
  'failure_kind',
  'failure_reason',
  '_ng_failure_class',
  '_ng_failure_judge_error',
] as const;

const request = openObject({
  responses_create_params: openObject({ input: promptSchema }),
  response: responseSchema,
});
const metricsRequest = openObject({
  verify_responses: list(
    z.looseObject({}, { error: must('a reply of /verify') }),
    0,
    LIMITS.completionsPerRequestMax,
    'replies of /verify',
  ),
});

type Row = Readonly<Record<string, unknown>>;

export const nemoGym: Dialect = (translator) => [
  // A row needs nothing to be ready for it: whatever it holds is taken.
  call('POST', 'seed_session', () => json({})),
  call('POST', 'verify', (received) => verify(translator, received)),
  call('POST', 'aggregate_metrics', ({ body }) =>
    json(aggregateMetrics(parse(metricsRequest, body).verify_responses)),
  ),
  call('GET', 'reverify_mode', () => json('stateless')),
];

function call(method: MountedCall['method'], name: string, answer: MountedCall['answer']): MountedCall {
  return { method, path: `/compat/nemo-gym/${name}`, name: 'compat/nemo-gym', answer };
}

async function verify({ scoring, choices }: Translator, { body, query, signal }: MountedRequest) {
  const choice = choices.of(query, undefined);
  const wire = parse(request, body);
  const row: Row = wire;
  const { value, field } = truthOf(row);
  const label = readLabel(value, field);
  const { text, isTruncated } = completionOf(wire.response);
  const group = {
    prompt: readPrompt(wire.responses_create_params.input),
    reference: label.reference,
    completions: [
      {
        memberIndex: 0,
        text: withoutEndTokens(text).toWellFormed(),
        finishReason: isTruncated ? ('length' as const) : undefined,
      },
    ],
  };
  const { holdMs } = choice;
  const reward = recipeFor(label, choice);
  const outcome = await scoring.outcome(group, { dialect: 'nemo-gym', reward, holdMs, signal, field });
  const kept = Object.entries(row).filter(([name]) => !VERDICT_FIELDS.some((known) => known === name));
  return json({ ...Object.fromEntries(kept), ...verdictOf(outcome) });
}

/** A ground truth in the row itself, or the row of a dataset here that it names. */
function truthOf(row: Row): { readonly value: unknown; readonly field: string } {
  const field = TRUTH_FIELDS.find((name) => row[name] !== undefined && row[name] !== null);
  if (field !== undefined) return { value: row[field], field };
  const { dataset, pair_id: pairId } = row;
  if (dataset !== undefined && pairId !== undefined)
    return { value: { dataset, pair_id: pairId }, field: 'row' };
  throw invalidArgument(
    'expected_answer',
    `Is missing: a row needs one of ${TRUTH_FIELDS.join(', ')}, or pair_id with dataset`,
  );
}

function verdictOf(outcome: CompletionOutcome) {
  if (outcome.kind === 'unscorable') return maskOf(outcome.unscorable);
  const components = scoresByScorer(outcome.scores);
  return {
    reward: outcome.reward,
    // Trainers of several objectives read these instead of the reward; of one objective there is nothing to read.
    ...(Object.keys(components).length > 1 && { reward_components: components }),
    mask_sample: false,
  };
}

/** The 0 is the placeholder that the protocol demands beside a class of failure: no reader takes it for a reward. */
function maskOf({ cause, scorer, detail }: Unscorable) {
  const isJudge = cause.startsWith('judge_');
  return {
    reward: 0,
    mask_sample: true,
    failure_kind: `groupwise:${cause}`,
    failure_reason: scorer === '' ? detail : `${scorer}: ${detail}`,
    _ng_failure_class: isJudge ? 'judge_failed' : cause,
    ...(isJudge && { _ng_failure_judge_error: `${cause}: ${detail}` }),
  };
}
