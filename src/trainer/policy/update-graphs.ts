// The graphs of a training step: one adds the gradients of a part to the sum of those before it, and one takes the sum, clips it
// and moves the weights. A batch that is worked off in parts so takes the very step that it takes in one piece.

import { adamw, clipByNorm, globalNorm, type AdamwOptions } from '../engine/adamw.ts';
import { gradients } from '../engine/gradients.ts';
import { Graph } from '../engine/graph.ts';
import { add, mul, neg } from '../engine/ops/arithmetic.ts';
import { aggregate, k3, policyTerms } from '../losses/policy-terms.ts';
import type { LossPlan } from '../policy.ts';
import type { PolicyModel } from '../policy-model.ts';
import { addScoredSequences, COMPLETION_DIMS } from './scored-sequences.ts';

/** What of a tensor is kept on the engine; its name is behind it. `sum`: of gradients so far, `zero`: what a sum begins with. */
export const KEPT = ['weight', 'mean', 'variance', 'sum', 'zero', 'reference'] as const;
export type Kept = (typeof KEPT)[number];

export function keptName(kind: Kept, name: string): string {
  return `${kind} ${name}`;
}

/** The parts of a loss plan that are built into a graph; the others are numbers that a run brings. */
export type BuiltLoss = Pick<LossPlan, 'loss' | 'clip'> & { readonly hasReference: boolean };

export interface BuiltGraph {
  readonly graph: Graph;
  /** Output → the name that it is kept under. */
  readonly keep: Readonly<Record<string, string>>;
  /** As in `LoadOptions`: many tokens at once gain nothing from it. */
  readonly packWeights?: boolean;
}

/**
 * Gradients of a policy loss, or for `supervised` of −Σ weight·ℓ. Inputs beside those of `addScoredSequences`: `weights`,
 * and for a policy loss `old`, `mask`, `advantages` [completions, 1], with a reference `reference` and `kl_weight` [].
 * Outputs: `loss`, and `log_probabilities` as they were before the step.
 */
export function gradientGraph(model: PolicyModel, loss: BuiltLoss | 'supervised'): BuiltGraph {
  const graph = new Graph();
  const { logProbabilities, trained } = addScoredSequences(graph, model);
  const each = (name: string) => graph.input(name, 'float', COMPLETION_DIMS);
  const weights = each('weights');
  const terms = (() => {
    if (loss === 'supervised') return neg(logProbabilities);
    const advantages = graph.input('advantages', 'float', ['completions', 1]);
    const tokens = { logProbabilities, old: each('old'), mask: each('mask'), advantages };
    const gain = policyTerms(loss.loss, tokens, loss.clip);
    if (!loss.hasReference) return gain;
    return add(gain, mul(k3(tokens, each('reference')), graph.input('kl_weight', 'float', [])));
  })();
  const total = aggregate(terms, weights);
  graph.output('loss', total);
  graph.output('log_probabilities', logProbabilities);

  const keep: Record<string, string> = {};
  gradients(total, trained).forEach((gradient, index) => {
    const { name, dims } = shapeAt(model, index);
    const sum = keptName('sum', name);
    graph.output(`next ${sum}`, add(graph.input(sum, 'float', dims), gradient));
    keep[`next ${sum}`] = sum;
  });
  return { graph, keep, packWeights: false };
}

/**
 * One step of AdamW on the sums of gradients. Inputs beside them: weights and moments, and `learning_rate`, `correction1`,
 * `correction2`, `norm_max`, all []. Output: `norm`, before clipping.
 */
export function updateGraph(model: PolicyModel, options: AdamwOptions): BuiltGraph {
  const graph = new Graph();
  const scalar = (name: string) => graph.input(name, 'float', []);
  const schedule = {
    learningRate: scalar('learning_rate'),
    correction1: scalar('correction1'),
    correction2: scalar('correction2'),
  };
  const input = (kind: Kept) =>
    model.trained.map(({ name, dims }) => graph.input(keptName(kind, name), 'float', dims));
  const [sums, weights, means, variances] = [input('sum'), input('weight'), input('mean'), input('variance')];
  const norm = globalNorm(sums);
  graph.output('norm', norm);

  const keep: Record<string, string> = {};
  clipByNorm(sums, norm, scalar('norm_max')).forEach((gradient, index) => {
    const [weight, mean, variance] = [weights[index], means[index], variances[index]];
    if (weight === undefined || mean === undefined || variance === undefined)
      throw new TypeError('Weights and moments are as many as gradients');
    const next = adamw({ weight, mean, variance }, gradient, schedule, options);
    for (const kind of ['weight', 'mean', 'variance'] as const) {
      const name = keptName(kind, shapeAt(model, index).name);
      graph.output(`next ${name}`, next[kind]);
      keep[`next ${name}`] = name;
    }
  });
  return { graph, keep };
}

/** Log-probabilities alone. */
export function scoringGraph(model: PolicyModel): BuiltGraph {
  const graph = new Graph();
  graph.output('log_probabilities', addScoredSequences(graph, model).logProbabilities);
  return { graph, keep: {}, packWeights: false };
}

/** Copies the weights to where the reference is kept, without taking them off the device. */
export function referenceGraph(model: PolicyModel): BuiltGraph {
  const graph = new Graph();
  const keep: Record<string, string> = {};
  for (const { name, dims } of model.trained) {
    graph.output(`copy ${name}`, graph.input(name, 'float', dims));
    keep[`copy ${name}`] = keptName('reference', name);
  }
  return { graph, keep };
}

function shapeAt(model: PolicyModel, index: number): PolicyModel['trained'][number] {
  const shape = model.trained[index];
  if (shape === undefined) throw new TypeError('Gradients are as many as what is trained');
  return shape;
}
