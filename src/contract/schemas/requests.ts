// What each call takes, one schema a call, for both doors: limits, ranges, names and the words of refusals. Path and
// query parameters of REST are fields like any other.

import { z } from 'zod';
import { SAMPLING_KINDS } from '../../core/sampling.ts';
import { INTEGER_MAX, LIMITS, UINT32_MAX } from '../limits.ts';
import { must } from '../wording.ts';
import { groupsOfCompletions, rewardGroup, scoreGroup } from './completions.ts';
import { estimator, reward } from './recipe.ts';
import { byName, counter, decimal, finite, flag, id, integer, list, name, object, oneOf } from './values.ts';

const pool = object('a pool', {
  name: name(),
  pass_rate_max: decimal(0, 1).describe('Pairs whose pass rate is at most this, and above the pool before.'),
  weight: decimal(0, LIMITS.weightAbsMax),
}).meta({ id: 'CurriculumPool' });

const samplingObject = object('a sampling', {
  kind: oneOf(SAMPLING_KINDS).optional().describe('Default "shuffled".'),
  refill: flag()
    .optional()
    .describe('Replace zero-variance groups, so that a batch keeps its size (DAPO, arXiv 2503.14476).'),
  pools: list(pool, 0, LIMITS.curriculumPoolsMax, 'pools')
    .optional()
    .describe('Only "curriculum": pools by observed pass rate, in rising order, the last one up to 1.'),
  unseen_weight: decimal(0, LIMITS.weightAbsMax)
    .optional()
    .describe('Only "curriculum": weight of pairs that no completion was seen for. Default 1.'),
}).meta({ id: 'SamplingAsked', description: 'Which pair is next.' });

const sampling = z.union([oneOf(SAMPLING_KINDS), samplingObject], {
  error: must(
    `one of ${SAMPLING_KINDS.map((kind) => `"${kind}"`).join(', ')}, or an object with such a kind`,
  ),
});

const leaseIds = list(id(), 1, LIMITS.leaseIdsPerRequestMax, 'lease ids');
const window = integer(1, LIMITS.groupsPerLeaseMax);
const ofRun = { run_id: id() };

export const empty = object('this request', {});
export const getDataset = object('this request', { name: id() });
export const ofOneRun = object('this request', ofRun);

export const openRun = object('a run', {
  run_id: z
    .union([z.literal(''), name()])
    .optional()
    .describe('Chosen by the client to make opening idempotent; made by the server when absent or empty.'),
  dataset: name(),
  split: name().optional().describe('Default "train".'),
  group_size: integer(1, LIMITS.groupSizeMax).optional().describe('Completions per prompt, G. Default 8.'),
  seed: integer(0, UINT32_MAX).optional().describe('Decides the order. Default 0.'),
  epochs: integer(1, LIMITS.epochsMax).optional().describe('Walks over the split. Default 1.'),
  reward: reward.optional().describe('Default: what each row names.'),
  estimator: estimator.optional().describe('Default "grpo:verl".'),
  sampling: sampling.optional().describe('Default "shuffled".'),
  lease_ttl_ms: integer(LIMITS.leaseTtlMsMin, LIMITS.leaseTtlMsMax)
    .optional()
    .describe('How long a lease holds without a heartbeat. Default 600000.'),
  max_attempts: integer(1, LIMITS.maxAttemptsMax)
    .optional()
    .describe('Leases of one group before it is quarantined. Default 3.'),
  max_drift: counter()
    .optional()
    .describe(
      'Completions that are more policy versions behind than this are unscorable. Default: no limit.',
    ),
  prompt_template: name()
    .optional()
    .describe('A template that words the question for the policy. Default "plain": the question itself.'),
}).meta({
  id: 'OpenRunRequest',
  examples: [{ dataset: 'gsm8k', split: 'train', group_size: 8, seed: 7, reward: 'math' }],
});

export const leaseGroups = object('this request', {
  ...ofRun,
  groups: integer(1, LIMITS.groupsPerLeaseMax).optional().describe('At most this many. Default 1.'),
  batch_id: id().optional().describe('Adds to a batch of before. Without it: a new batch.'),
  policy_version: counter().optional().describe("The client's newest weights."),
}).meta({ id: 'LeaseGroupsRequest', examples: [{ groups: 4, policy_version: 0 }] });

export const leases = object('this request', { ...ofRun, lease_ids: leaseIds }).meta({
  id: 'LeaseIdsRequest',
  examples: [{ lease_ids: ['l-1'] }],
});

export const submitCompletions = object('this request', {
  ...ofRun,
  groups: groupsOfCompletions,
  wait: flag()
    .optional()
    .describe('Answer when all is scored and on disk (default), or at once when it is taken in and on disk.'),
}).meta({
  id: 'SubmitCompletionsRequest',
  examples: [{ groups: [{ lease_id: 'l-1', completions: [{ text: 'The answer is \\boxed{18}' }] }] }],
});

export const getGroup = object('this request', { ...ofRun, group_id: id() });

export const watchRun = object('this request', {
  ...ofRun,
  after_sequence: counter().optional().describe('Only events after this one. Without it: from now on.'),
});

export const trainingStep = object('a training step', {
  number: counter(),
  metrics: byName(finite(), LIMITS.metricsPerStepMax, 'metrics')
    .optional()
    .describe('By name, for example loss, kl, entropy, mean_reward, tokens, grad_norm, learning_rate.'),
  policy_version: counter().optional().describe('The weights after this update.'),
}).meta({ id: 'TrainingStepReported', description: 'One optimiser update of the trainer.' });

export const reportTrainingStep = object('this request', { ...ofRun, training_step: trainingStep }).meta({
  id: 'ReportTrainingStepRequest',
  examples: [{ training_step: { number: 1, metrics: { loss: 0.12, kl: 0.003 }, policy_version: 1 } }],
});

export const listTrainingSteps = object('this request', {
  ...ofRun,
  after_number: integer(0, INTEGER_MAX).optional().describe('Only steps with a larger number.'),
  limit: integer(1, LIMITS.trainingStepsPageMax).optional().describe('At most this many. Default 1000.'),
});

export const score = object('this request', {
  reward: reward
    .optional()
    .describe('Default: the verifier that the row names; "math" for inline ground truths.'),
  estimator: estimator.optional().describe('Default "grpo:verl".'),
  groups: list(scoreGroup, 1, LIMITS.groupsPerRequestMax, 'groups').describe(
    'Together one batch, for estimators that scale by batch.',
  ),
}).meta({
  id: 'ScoreRequest',
  examples: [
    {
      reward: 'math',
      estimator: 'grpo:verl',
      groups: [
        { ground_truth: '18', completions: [{ text: '9 + 9 = \\boxed{18}' }, { text: '\\boxed{17}' }] },
      ],
    },
  ],
});

export const computeAdvantages = object('this request', {
  estimator: estimator.optional().describe('Default "grpo:verl".'),
  groups: list(rewardGroup, 1, LIMITS.groupsPerRequestMax, 'groups'),
}).meta({
  id: 'ComputeAdvantagesRequest',
  examples: [{ estimator: 'grpo:trl', groups: [{ rewards: [1, 0, null, 1] }] }],
});

export const rolloutOpen = object('this frame', {
  ...ofRun,
  window,
  policy_version: counter().optional(),
  batch_groups: integer(1, LIMITS.groupsPerLeaseMax).optional(),
});
export const rolloutSubmit = object('this frame', { groups: groupsOfCompletions });
export const rolloutLeases = object('this frame', { run_id: id().optional(), lease_ids: leaseIds });
export const rolloutUpdate = object('this frame', {
  window: integer(0, LIMITS.groupsPerLeaseMax).optional(),
  policy_version: counter().optional(),
});
