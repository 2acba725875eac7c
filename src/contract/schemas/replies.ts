// What each call answers, for the reference and for the types of the codec. Replies are made by us, so nothing parses
// them at run time; the tests hold every reply against these. A client must pass over fields that it does not know.

import { z } from 'zod';
import { GROUP_FLAGS } from '../../core/advantages/estimator.ts';
import { EMPTY_REASONS, GROUP_STATES, RUN_STATES } from '../../core/calls.ts';
import { ERROR_CODES } from '../../core/errors.ts';
import { COMBINES, MISSING_RULES, SCORER_WHENS, TRUNCATED_RULES } from '../../core/recipe.ts';
import { SAMPLING_KINDS } from '../../core/sampling.ts';
import { UNSCORABLE_CAUSES } from '../../core/score.ts';
import { message } from './completions.ts';

const count = z.int().min(0);
const time = z.iso.datetime().describe('RFC 3339, UTC.');
const namedCount = z.object({ name: z.string(), count }).meta({ id: 'NamedCount' });
const estimatorExample = { name: 'grpo:verl', ddof: 1, epsilon: 1e-6 };
/** Rewards 1, 0 and none: the unscorable member leaves the baseline and has advantage 0. */
const membersExample = [
  {
    member_index: 0,
    reward: 1,
    advantage: 0.7071,
    scores: [{ scorer: 'math', score: 1, answer: '18', answer_source: 'boxed' }],
  },
  {
    member_index: 1,
    reward: 0,
    advantage: -0.7071,
    scores: [{ scorer: 'math', score: 0, answer: '17', answer_source: 'boxed', reason: 'Not equal' }],
  },
  {
    member_index: 2,
    unscorable: { cause: 'verifier_timeout', scorer: 'math', detail: 'Took longer than 5000 ms' },
    advantage: 0,
    scores: [],
  },
];
const flags = z.array(z.enum(GROUP_FLAGS));

export const recipe = z
  .object({
    scorers: z.array(
      z
        .object({
          name: z.string(),
          known_as: z.string().optional(),
          weight: z.number(),
          required: z.boolean(),
          when: z.enum(SCORER_WHENS),
          gate: z.number().optional(),
          undecided_between: z.array(z.number()).optional(),
          time_limit_ms: count.optional(),
        })
        .catchall(z.unknown()),
    ),
    combine: z.enum(COMBINES),
    formula: z.string().optional(),
    truncated: z.enum(TRUNCATED_RULES),
    no_answer: z.enum(MISSING_RULES),
    undecided: z.enum(MISSING_RULES),
    length_penalty: z.object({ max_tokens: count, buffer_tokens: count, factor: z.number() }).optional(),
    floor: z.number().optional(),
  })
  .meta({ id: 'RecipeUsed', description: 'A recipe with nothing left to defaults.' });

export const estimator = z
  .object({
    name: z.string(),
    ddof: z.int().optional(),
    epsilon: z.number().optional(),
    k: z.int().optional(),
    weights: z.record(z.string(), z.number()).optional(),
  })
  .meta({
    id: 'Estimator',
    description: 'The estimator that made the advantages, with all the constants that it used.',
    examples: [estimatorExample],
  });

const sampling = z
  .object({
    kind: z.enum(SAMPLING_KINDS),
    refill: z.boolean(),
    pools: z.array(z.object({ name: z.string(), pass_rate_max: z.number(), weight: z.number() })).optional(),
    unseen_weight: z.number().optional(),
  })
  .meta({ id: 'Sampling' });

export const dataset = z
  .object({
    name: z.string(),
    version: z.string().describe('Hash of the content.'),
    description: z.string(),
    created_at: time,
    splits: z.array(namedCount),
    answer_types: z.array(namedCount),
    domains: z.array(namedCount),
    reward: recipe.optional().describe('For rows that name none.'),
    provenance: z.object({ source: z.string(), license: z.string(), generator: z.string() }),
  })
  .meta({ id: 'Dataset' });

export const datasets = z.object({ datasets: z.array(dataset) }).meta({ id: 'ListDatasetsResponse' });

export const run = z
  .object({
    run_id: z.string(),
    state: z.enum(RUN_STATES),
    dataset: z.string(),
    dataset_version: z.string(),
    split: z.string(),
    group_size: count,
    seed: count,
    epochs: count,
    reward: recipe.optional().describe('Absent: what each row names.'),
    estimator,
    sampling,
    lease_ttl_ms: count,
    max_attempts: count,
    max_drift: count.optional(),
    prompt_template: z.string(),
    created_at: time,
    groups_total: count,
    groups_completed: count,
    policy_version: count.optional().describe('The newest that the server has heard of.'),
  })
  .meta({ id: 'Run' });

export const runs = z.object({ runs: z.array(run) }).meta({ id: 'ListRunsResponse' });

export const leasedGroup = z
  .object({
    group_id: z.string(),
    lease_id: z.string(),
    batch_id: z.string(),
    pair_id: z.string(),
    prompt: z.array(message),
    group_size: count,
    attempt: count.describe('1 at first; each expired lease of the group adds one.'),
    expires_at: time,
    epoch: count,
  })
  .meta({ id: 'LeasedGroup', description: 'A prompt to complete. It never holds the ground truth.' });

export const leasedGroups = z
  .object({
    batch_id: z.string(),
    groups: z.array(leasedGroup),
    empty_reason: z
      .enum(EMPTY_REASONS)
      .optional()
      .describe('Why there are no groups. Only when there are none.'),
    retry_after_ms: count
      .optional()
      .describe('When to ask again. Only with `empty_reason`, not when exhausted.'),
  })
  .meta({
    id: 'LeaseGroupsResponse',
    examples: [
      {
        batch_id: 'b-1',
        groups: [
          {
            group_id: 'g-1',
            lease_id: 'l-1',
            batch_id: 'b-1',
            pair_id: 'p-1',
            prompt: [{ role: 'user', content: 'What is 9 + 9?' }],
            group_size: 8,
            attempt: 1,
            expires_at: '2026-01-02T03:04:05.678Z',
            epoch: 0,
          },
        ],
      },
    ],
  });

export const heartbeat = z
  .object({
    leases: z.array(z.object({ lease_id: z.string(), expires_at: time })),
    lost: z.array(z.string()).describe('Leases that no longer hold: expired, released or completed.'),
  })
  .meta({ id: 'HeartbeatResponse' });

export const released = z
  .object({ released: count.describe('Leases that this call released.') })
  .meta({ id: 'ReleaseGroupsResponse' });

export const unscorable = z
  .object({ cause: z.enum(UNSCORABLE_CAUSES), scorer: z.string(), detail: z.string() })
  .meta({
    id: 'Unscorable',
    description:
      'No valid score exists. Never 0: a member like this leaves the baseline and has advantage 0.',
  });

const scoreCost = z
  .object({
    usd: z.number().min(0).optional().describe("US dollars. Absent when the model's price is unknown."),
    is_cached: z.boolean().describe('The verdict was known, so nobody was asked.'),
    prompt_tokens: count,
    completion_tokens: count,
    verdicts_asked: count
      .optional()
      .describe('Only of scorers that compare, of whose verdicts this is the sum: how many were asked for.'),
    verdicts_known: count.optional().describe('And how many were known. Other costs are of one verdict.'),
  })
  .meta({ id: 'ScoreCost', description: "What a judge's verdict cost." });

const scorerScore = z
  .object({
    scorer: z.string(),
    score: z.number().min(0).max(1).optional(),
    unscorable: unscorable.optional(),
    answer: z.string().optional().describe('The answer that was compared, where there was one.'),
    answer_source: z
      .string()
      .optional()
      .describe('Where in the completion it was found, for example "boxed".'),
    reason: z.string().optional().describe('Why, in a few words. Never tells the ground truth.'),
    replaced_by: z
      .string()
      .optional()
      .describe(
        'The scorer whose second opinion stands in for this score, which then has no part in the reward.',
      ),
    cost: scoreCost.optional().describe('Only where a judge was asked.'),
  })
  .meta({ id: 'ScorerScore', description: 'What one scorer said: a score, or why there is none.' });

const completionResult = z
  .object({
    member_index: count,
    reward: z.number().optional(),
    unscorable: unscorable.optional(),
    advantage: z.number().optional().describe('Absent until all that the estimator needs is known.'),
    scores: z.array(scorerScore),
    drift: count.optional(),
  })
  .meta({ id: 'CompletionResult', description: 'What became of one completion: `reward`, or `unscorable`.' });

export const groupResult = z
  .object({
    group_id: z.string(),
    lease_id: z.string(),
    batch_id: z.string(),
    state: z.enum(GROUP_STATES),
    completions: z.array(completionResult).describe('Members that have been scored, by member index.'),
    missing: z.array(count).describe('Member indexes not handed in yet.'),
    flags,
    estimator,
    batch_owed: count.optional().describe('Groups that the batch is owed for zero-variance ones.'),
  })
  .meta({ id: 'GroupResult' });

export const submitted = z
  .object({ results: z.array(groupResult).describe('In the order of the request.') })
  .meta({
    id: 'SubmitCompletionsResponse',
    examples: [
      {
        results: [
          {
            group_id: 'g-1',
            lease_id: 'l-1',
            batch_id: 'b-1',
            state: 'completed',
            completions: membersExample,
            missing: [],
            flags: [],
            estimator: estimatorExample,
          },
        ],
      },
    ],
  });

export const accounting = z
  .object({
    leases: z
      .object({
        leased: count,
        completed: count,
        expired: count,
        released: count,
        quarantined: count,
        open: count,
      })
      .describe('completed + expired + released + quarantined + open = leased.'),
    groups: z
      .object({ total: count, issued: count, completed: count, quarantined: count, in_progress: count })
      .describe('issued = completed + quarantined + in_progress.'),
    completions: z
      .object({
        submitted: count,
        scored: count,
        unscorable: count,
        in_flight: count,
        unscorable_by_cause: z.array(namedCount),
        truncated: count,
        repeats: count,
      })
      .describe('submitted = scored + unscorable + in_flight.'),
    mean_reward: z.number().optional(),
    pass_rate: z.number().optional(),
    pass_threshold: z.number(),
    zero_variance_groups: count,
    zero_variance_share: z.number().optional(),
    insufficient_valid_groups: count,
    cache: z.object({ hits: count, misses: count }).describe('Verdicts of judges: known, and asked for.'),
    cost_usd: z.number().optional().describe('What judges cost. Absent when a price was unknown.'),
    judge_prompt_tokens: count.describe('What judges read, audits included, as far as their servers say.'),
    judge_completion_tokens: count.describe('What they wrote.'),
    drift: z.array(z.object({ drift: count, completions: count })),
    audits: z
      .array(
        z.object({
          scorer: z.string(),
          domain: z.string().describe('Empty where rows name none; "(other)" where there are very many.'),
          answer_type: z.string(),
          both_yes: count,
          only_scorer: count,
          only_judge: count,
          both_no: count,
          unjudged: count.describe('Verdicts that the judge was to look at and could not.'),
          agreement: z.number().optional(),
          precision: z.number().optional(),
          recall: z.number().optional(),
        }),
      )
      .describe('Shares of the cheap verdicts that went to a judge as well, which never changes a reward.'),
  })
  .meta({ id: 'Accounting' });

export const trainingStep = z
  .object({
    number: count,
    metrics: z.record(z.string(), z.number()),
    policy_version: count.optional(),
  })
  .meta({ id: 'TrainingStep', description: 'One optimiser update of the trainer.' });

export const reported = z.object({}).meta({ id: 'ReportTrainingStepResponse' });

export const trainingSteps = z
  .object({ training_steps: z.array(trainingStep) })
  .meta({ id: 'ListTrainingStepsResponse' });

export const runEvent = z
  .object({
    sequence: count,
    at: time,
    kind: z.string(),
    group_leased: leasedGroup.optional(),
    group_scored: groupResult.optional(),
    lease_ended: z.object({ group_id: z.string(), lease_id: z.string(), attempt: count }).optional(),
    training_step: trainingStep.optional(),
    events_lost: count.optional().describe('How many events the server no longer had.'),
  })
  .meta({
    id: 'RunEvent',
    description: 'The `data` of one server-sent event; `id` is its sequence, `event` its kind.',
  });

export const scored = z
  .object({
    estimator,
    groups: z.array(z.object({ flags, completions: z.array(completionResult) })),
  })
  .meta({
    id: 'ScoreResponse',
    examples: [{ estimator: estimatorExample, groups: [{ flags: [], completions: membersExample }] }],
  });

export const advantages = z
  .object({
    estimator,
    groups: z.array(z.object({ advantages: z.array(z.number()), flags })),
  })
  .meta({
    id: 'ComputeAdvantagesResponse',
    examples: [
      {
        estimator: { name: 'grpo:trl', ddof: 1, epsilon: 0.0001 },
        groups: [{ advantages: [0.5773, -1.1545, 0, 0.5773], flags: [] }],
      },
    ],
  });

export const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.enum(ERROR_CODES),
    field: z.string().optional().describe('The field at fault, for example "groups[0].completions[3].text".'),
    retry_after_ms: count.optional(),
    request_id: z.string(),
  })
  .meta({
    id: 'Problem',
    description: 'RFC 9457 problem details; `code` is the gRPC code of the same refusal.',
    examples: [
      {
        type: 'urn:groupwise:problem:invalid_argument',
        title: 'Invalid argument',
        status: 400,
        detail: 'Must be an integer from 1 to 1024, not 5000',
        code: 'invalid_argument',
        field: 'group_size',
        request_id: '53ff3308-9430-44b6-acb3-f794dcbfdea8',
      },
    ],
  });
