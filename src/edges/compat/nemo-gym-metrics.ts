// The metrics that NeMo Gym asks its resources server for at the end of a collection: each number of the replies of /verify,
// over all of them and for each task. Replies that are masked, or of a class of failure, are no measurement: they are counted
// and left out. Pure.

import { mean, standardDeviation } from '../../core/statistics.ts';

type Reply = Readonly<Record<string, unknown>>;
type Metrics = Readonly<Record<string, number>>;

/** Names a task; the collector puts it into each row. */
const TASK = '_ng_task_index';
/** Numbers of a row that number it, and measure nothing. */
const INDEXES: ReadonlySet<string> = new Set([TASK, '_ng_rollout_index', '_ng_attempt_index']);

export interface AggregateMetrics {
  readonly group_level_metrics: readonly Metrics[];
  readonly agent_metrics: Metrics;
  readonly key_metrics: Metrics;
}

export function aggregateMetrics(replies: readonly Reply[]): AggregateMetrics {
  const valid = replies.filter((reply) => reply['mask_sample'] !== true && !isFailure(reply));
  const tasks = Map.groupBy(
    valid.filter((reply) => typeof reply[TASK] === 'number'),
    (reply) => Number(reply[TASK]),
  );
  const all = describe(valid);
  const means = Object.entries(all).filter(([name]) => name.startsWith('mean/'));
  return {
    group_level_metrics: [...tasks]
      .toSorted(([a], [b]) => a - b)
      .map(([task, group]) => ({ [TASK]: task, ...describe(group) })),
    agent_metrics: {
      ...all,
      'groupwise/scored': valid.length,
      'groupwise/masked': replies.length - valid.length,
    },
    key_metrics: Object.fromEntries(means),
  };
}

function isFailure(reply: Reply): boolean {
  const failure = reply['_ng_failure_class'];
  return failure !== undefined && failure !== null;
}

/** Mean, largest, smallest, median and sample deviation of each numeric field; truth counts as 1. */
function describe(replies: readonly Reply[]): Metrics {
  const values = new Map<string, number[]>();
  for (const reply of replies) {
    for (const [name, value] of [...Object.entries(reply), ...usageOf(reply)]) {
      if (INDEXES.has(name) || name === 'mask_sample') continue;
      const number = typeof value === 'boolean' ? Number(value) : value;
      if (typeof number !== 'number') continue;
      const known = values.get(name);
      if (known === undefined) values.set(name, [number]);
      else known.push(number);
    }
  }
  const metrics = [...values].flatMap(([name, list]) => describeOne(name, list));
  return Object.fromEntries(metrics);
}

function describeOne(name: string, values: readonly number[]): readonly (readonly [string, number])[] {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  const median = mean(sorted.slice(Math.ceil(half) - 1, Math.floor(half) + 1));
  return [
    [`mean/${name}`, mean(values)],
    [`max/${name}`, sorted.at(-1) ?? 0],
    [`min/${name}`, sorted[0] ?? 0],
    [`median/${name}`, median],
    [`std/${name}`, standardDeviation(values, 1)],
  ];
}

/** Tokens, as the response states them. */
function usageOf({ response }: Reply): readonly (readonly [string, unknown])[] {
  if (typeof response !== 'object' || response === null || !('usage' in response)) return [];
  const { usage } = response;
  return typeof usage === 'object' && usage !== null ? Object.entries(usage) : [];
}
