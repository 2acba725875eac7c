// Metrics in Prometheus' text format, through prom-client. Labels are closed sets: nothing that a client sends becomes one.

import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { AuditAccount } from '../core/calls.ts';
import type { BatcherCounts, CallObserver, ServiceCounts } from '../ports/metrics.ts';

/** Seconds; rules answer in tenths of a millisecond, judges in tens of seconds. */
const CALL_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** Plain numbers of `ServiceCounts` and how operators see them. */
const COUNTS = [
  ['groupsLeased', 'groupwise_groups_leased_total', 'Leases granted'],
  ['groupsCompleted', 'groupwise_groups_completed_total', 'Groups whose rewards and advantages are known'],
  ['groupsQuarantined', 'groupwise_groups_quarantined_total', 'Groups given up after max_attempts leases'],
  ['leasesExpired', 'groupwise_leases_expired_total', 'Leases that ran out'],
  [
    'zeroVarianceGroups',
    'groupwise_groups_zero_variance_total',
    'Completed groups whose rewards were all equal',
  ],
  ['completionsScored', 'groupwise_completions_scored_total', 'Completions that have a reward'],
  [
    'submitsRepeated',
    'groupwise_submits_repeated_total',
    'Completions handed in again and answered from disk',
  ],
  ['verdictsKnown', 'groupwise_verdicts_known_total', 'Verdicts of judges that were known'],
  ['verdictsAsked', 'groupwise_verdicts_asked_total', 'Verdicts that judges were asked for'],
  ['verdictsUnpriced', 'groupwise_verdicts_unpriced_total', 'Verdicts of models whose price is unknown'],
  ['judgeCostUsd', 'groupwise_judge_cost_usd_total', 'US dollars for verdicts whose price is known'],
  ['judgePromptTokens', 'groupwise_judge_prompt_tokens_total', 'Tokens that judges read'],
  ['judgeCompletionTokens', 'groupwise_judge_completion_tokens_total', 'Tokens that judges wrote'],
] as const satisfies readonly (readonly [keyof ServiceCounts, string, string])[];

/** Numbers of the batches of a reward model, by its name. */
const BATCHES = [
  ['sequences', 'groupwise_reward_model_sequences_total', 'Texts that a reward model scored'],
  ['batches', 'groupwise_reward_model_batches_total', 'Batches that a reward model ran'],
  ['tokens', 'groupwise_reward_model_tokens_total', 'Tokens that a reward model read'],
  [
    'paddedTokens',
    'groupwise_reward_model_padded_tokens_total',
    'Tokens that a reward model worked on, padding included',
  ],
  ['truncated', 'groupwise_reward_model_truncated_total', 'Texts that were longer than a reward model takes'],
  ['shared', 'groupwise_reward_model_shared_total', 'Texts that were on their way already'],
  ['failed', 'groupwise_reward_model_failed_total', 'Texts that a reward model could not take'],
] as const satisfies readonly (readonly [keyof BatcherCounts, string, string])[];

/** What a cheap scorer and a judge said of the same answer, as a label. */
const AUDIT_OUTCOMES = [
  ['bothYes', 'both_yes'],
  ['onlyScorer', 'only_scorer'],
  ['onlyJudge', 'only_judge'],
  ['bothNo', 'both_no'],
  ['unjudged', 'unjudged'],
] as const satisfies readonly (readonly [keyof AuditAccount, string])[];

const GAUGES = [
  ['leasesOpen', 'groupwise_leases_open', 'Leases that hold now'],
  ['completionsInFlight', 'groupwise_completions_in_flight', 'Completions being scored or written now'],
] as const satisfies readonly (readonly [keyof ServiceCounts, string, string])[];

export interface PrometheusMetrics {
  readonly observeCall: CallObserver;
  /** A foreign dialect held a request and had it scored again. Both are of small sets. */
  readonly observeRetry: (retry: { readonly dialect: string; readonly cause: string }) => void;
  readonly contentType: string;
  /** The text of `/metrics`. */
  render(): Promise<string>;
}

/** @param counts read at each scrape, and `batches`, by the names of the reward models */
export function createMetrics(
  counts: () => ServiceCounts,
  batches: ReadonlyMap<string, () => BatcherCounts>,
): PrometheusMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const calls = new Histogram({
    name: 'groupwise_call_seconds',
    help: 'Calls by door, name and canonical code',
    labelNames: ['door', 'call', 'code'],
    buckets: CALL_SECONDS,
    registers: [registry],
  });
  const retries = new Counter({
    name: 'groupwise_compat_retries_total',
    help: 'Completions of foreign dialects that were scored again after a fault, while their request was held',
    labelNames: ['dialect', 'cause'],
    registers: [registry],
  });
  for (const [key, name, help] of COUNTS) registerCount(registry, { name, help, read: () => counts()[key] });
  for (const [key, name, help] of GAUGES) {
    registry.registerMetric(
      new Gauge({
        name,
        help,
        registers: [],
        collect() {
          this.set(counts()[key]);
        },
      }),
    );
  }
  registerUnscorable(registry, counts);
  registerAudits(registry, counts);
  if (batches.size > 0) registerBatches(registry, batches);
  return {
    observeCall: ({ door, call, code, milliseconds }) =>
      calls.observe({ door, call, code }, milliseconds / 1000),
    observeRetry: ({ dialect, cause }) => retries.inc({ dialect, cause }),
    contentType: registry.contentType,
    render: () => registry.metrics(),
  };
}

interface Count {
  readonly name: string;
  readonly help: string;
  readonly read: () => number;
}

/** prom-client's counters can only be added to: ours are kept elsewhere, so each scrape sets them anew. */
function registerCount(registry: Registry, { name, help, read }: Count): void {
  registry.registerMetric(
    new Counter({
      name,
      help,
      registers: [],
      collect() {
        this.reset();
        this.inc(read());
      },
    }),
  );
}

/** The names are those of the operator's own file. */
function registerBatches(registry: Registry, batches: ReadonlyMap<string, () => BatcherCounts>): void {
  for (const [key, name, help] of BATCHES) {
    registry.registerMetric(
      new Counter({
        name,
        help,
        labelNames: ['scorer'],
        registers: [],
        collect() {
          this.reset();
          for (const [scorer, read] of batches) this.inc({ scorer }, read()[key]);
        },
      }),
    );
  }
}

/** Domains and answer types come from datasets, and the books keep few of them apart: the labels stay a small set. */
function registerAudits(registry: Registry, counts: () => ServiceCounts): void {
  registry.registerMetric(
    new Counter({
      name: 'groupwise_audits_total',
      help: 'Cheap verdicts that a judge looked at as well, by what the two said',
      labelNames: ['scorer', 'domain', 'answer_type', 'outcome'],
      registers: [],
      collect() {
        this.reset();
        for (const audit of counts().audits) {
          const { scorer, domain, answerType: answer_type } = audit;
          for (const [key, outcome] of AUDIT_OUTCOMES)
            this.inc({ scorer, domain, answer_type, outcome }, audit[key]);
        }
      },
    }),
  );
}

function registerUnscorable(registry: Registry, counts: () => ServiceCounts): void {
  registry.registerMetric(
    new Counter({
      name: 'groupwise_completions_unscorable_total',
      help: 'Completions without a valid score, by cause',
      labelNames: ['cause'],
      registers: [],
      collect() {
        this.reset();
        for (const [cause, count] of Object.entries(counts().completionsUnscorable))
          this.inc({ cause }, count);
      },
    }),
  );
}
