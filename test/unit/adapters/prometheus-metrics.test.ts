import { expect, test } from 'vitest';
import { createMetrics } from '../../../src/adapters/prometheus-metrics.ts';
import type { ServiceCounts } from '../../../src/ports/metrics.ts';

const COUNTS: ServiceCounts = {
  leasesOpen: 3,
  completionsInFlight: 5,
  groupsLeased: 70,
  groupsCompleted: 60,
  groupsQuarantined: 1,
  leasesExpired: 6,
  zeroVarianceGroups: 12,
  completionsScored: 480,
  completionsUnscorable: { verifier_timeout: 2 },
  submitsRepeated: 4,
  verdictsKnown: 30,
  verdictsAsked: 10,
  judgeCostUsd: 0.25,
  verdictsUnpriced: 0,
  judgePromptTokens: 900,
  judgeCompletionTokens: 80,
  audits: [
    {
      scorer: 'math',
      domain: 'physics',
      answerType: 'number',
      bothYes: 5,
      onlyScorer: 1,
      onlyJudge: 2,
      bothNo: 4,
      unjudged: 0,
      agreement: 0.75,
      precision: 5 / 6,
      recall: 5 / 7,
    },
  ],
};

test('createMetrics() renders the counts as they are at each scrape, not the sum of scrapes', async () => {
  let counts = COUNTS;
  const metrics = createMetrics(() => counts, new Map());
  await metrics.render();
  counts = { ...COUNTS, completionsScored: 500 };
  const text = await metrics.render();
  expect(text).toContain('\ngroupwise_completions_scored_total 500\n');
  expect(text).toContain('\ngroupwise_leases_open 3\n');
  expect(text).toContain('\ngroupwise_groups_zero_variance_total 12\n');
  expect(text).toContain('\ngroupwise_judge_cost_usd_total 0.25\n');
  expect(text).toContain('\ngroupwise_judge_prompt_tokens_total 900\n');
  expect(text).toContain('\ngroupwise_judge_completion_tokens_total 80\n');
  expect(text).toContain(
    'groupwise_audits_total{scorer="math",domain="physics",answer_type="number",outcome="only_judge"} 2',
  );
  expect(text).toContain('groupwise_completions_unscorable_total{cause="verifier_timeout"} 2');
});

test('createMetrics() counts calls by door, name and code', async () => {
  const metrics = createMetrics(() => COUNTS, new Map());
  metrics.observeCall({ door: 'grpc', call: 'Score', code: 'ok', milliseconds: 2 });
  metrics.observeCall({ door: 'rest', call: 'Score', code: 'invalid_argument', milliseconds: 1 });
  const text = await metrics.render();
  expect(text).toContain('groupwise_call_seconds_count{door="grpc",call="Score",code="ok"} 1');
  expect(text).toContain(
    'groupwise_call_seconds_bucket{le="0.001",door="rest",call="Score",code="invalid_argument"} 1',
  );
});

test('createMetrics() renders what the batches of each reward model did', async () => {
  let sequences = 3;
  const counts = () => ({
    sequences,
    batches: 2,
    tokens: 40,
    paddedTokens: 48,
    truncated: 1,
    shared: 5,
    failed: 0,
  });
  const metrics = createMetrics(() => COUNTS, new Map([['helpful', counts]]));
  await metrics.render();
  sequences = 4;
  const text = await metrics.render();
  expect(text).toContain('\ngroupwise_reward_model_sequences_total{scorer="helpful"} 4\n');
  expect(text).toContain('\ngroupwise_reward_model_batches_total{scorer="helpful"} 2\n');
  expect(text).toContain('\ngroupwise_reward_model_tokens_total{scorer="helpful"} 40\n');
  expect(text).toContain('\ngroupwise_reward_model_padded_tokens_total{scorer="helpful"} 48\n');
  expect(text).toContain('\ngroupwise_reward_model_truncated_total{scorer="helpful"} 1\n');
  expect(text).toContain('\ngroupwise_reward_model_shared_total{scorer="helpful"} 5\n');
  expect(text).toContain('\ngroupwise_reward_model_failed_total{scorer="helpful"} 0\n');
});
