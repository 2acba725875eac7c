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
import { json, openObject, parse, requireReward, scoresByScorer } from './replies.ts';
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

/** verifiers gives up a request after 60 s. */
const VERIFIERS_HOLD_MS = 45_000;

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

type ReplyOf = (outcome: CompletionOutcome) => object;

export const nemoGym: Dialect = (translator) => [
  // A row needs nothing to be ready for it: whatever it holds is taken.
  call('POST', 'seed_session', () => json({})),
  call('POST', 'verify', (received) =>
    verify(translator, received, { dialect: 'nemo-gym', holdMs: undefined, replyOf: verdictOf }),
  ),
  call('POST', 'aggregate_metrics', ({ body }) =>
    json(aggregateMetrics(parse(metricsRequest, body).verify_responses)),
  ),
  call('GET', 'reverify_mode', () => json('stateless')),
];

/**
 * The same for verifiers (and prime-rl), which takes the reward of a masked row as it is: a placeholder would teach. A request that
 * is refused makes a rollout with an error there, which no baseline has.
 */
export const verifiers: Dialect = (translator) => {
  const asked = { dialect: 'verifiers', holdMs: VERIFIERS_HOLD_MS, replyOf: rewardOf };
  const calls = [
    call('POST', 'seed_session', () => json({})),
    call('POST', 'verify', (received) => verify(translator, received, asked)),
  ];
  return calls.map((each) => ({
    ...each,
    path: each.path.replace('nemo-gym', 'verifiers'),
    name: 'compat/verifiers',
  }));
};

function call(method: MountedCall['method'], name: string, answer: MountedCall['answer']): MountedCall {
  return { method, path: `/compat/nemo-gym/${name}`, name: 'compat/nemo-gym', answer };
}

async function verify(
  { scoring, choices }: Translator,
  { body, query, signal }: MountedRequest,
  asked: { readonly dialect: string; readonly holdMs: number | undefined; readonly replyOf: ReplyOf },
) {
  const choice = choices.of(query, asked.holdMs);
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
  const { dialect, replyOf } = asked;
  const outcome = await scoring.outcome(group, {
    dialect,
    ...recipeFor(label, choice, field),
    holdMs,
    signal,
    field,
  });
  const kept = Object.entries(row).filter(([name]) => !VERDICT_FIELDS.some((known) => known === name));
  return json({ ...Object.fromEntries(kept), ...replyOf(outcome) });
}

/** A ground truth in the row itself, or the row of a dataset here that it names. */
function truthOf(row: Row): { readonly value: unknown; readonly field: string } {
  const field = TRUTH_FIELDS.find((name) => row[name] !== undefined && row[name] !== null);
  if (field !== undefined) return { value: row[field], field };
  const { dataset, pair_id: pairId } = row;
  if (dataset !== undefined && pairId !== undefined)
    return { value: { dataset, pair_id: pairId }, field: '' };
  throw invalidArgument(
    'expected_answer',
    `Is missing: a row needs one of ${TRUTH_FIELDS.join(', ')}, or pair_id with dataset`,
  );
}

/** For readers that know nothing but the reward. Throws as `requireReward` does. */
function rewardOf(outcome: CompletionOutcome): object {
  requireReward(outcome, 'response');
  return verdictOf(outcome);
}

function verdictOf(outcome: CompletionOutcome): object {
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
