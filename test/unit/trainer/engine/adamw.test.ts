// Golden values: `torch.optim.AdamW` and `clip_grad_norm_` of PyTorch 2.15 in float64, on Σw³/3 + 3·Σu².

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import {
  adamw,
  adamwCorrections,
  clipByNorm,
  globalNorm,
  type AdamwOptions,
} from '../../../../src/trainer/engine/adamw.ts';
import type { Feed } from '../../../../src/trainer/engine/engine.ts';
import { gradients } from '../../../../src/trainer/engine/gradients.ts';
import { Graph } from '../../../../src/trainer/engine/graph.ts';
import { add, mul } from '../../../../src/trainer/engine/ops/arithmetic.ts';
import { sumAll } from '../../../../src/trainer/engine/ops/shapes.ts';
import { LocalEngine } from '../../../../src/trainer/engine/runtime.ts';
import { hasOnnx, ONNX_NOTE } from '../../../support/onnx-runtime.ts';

const START = { w: [0.5, -1, 2], u: [1.5, 0.25] } as const;
const DIMS = { w: [3], u: [2, 1] } as const;
const NAMES = ['w', 'u'] as const;

interface Trained {
  readonly weights: readonly number[];
  readonly norms: readonly number[];
}

async function train(
  engine: LocalEngine,
  plan: { readonly steps: number; readonly decay: number; readonly limit?: number },
): Promise<Trained> {
  const options: AdamwOptions = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: plan.decay };
  const graph = new Graph();
  const states = NAMES.map((name) => ({
    weight: graph.input(name, 'float', DIMS[name]),
    mean: graph.input(`${name}.mean`, 'float', DIMS[name]),
    variance: graph.input(`${name}.variance`, 'float', DIMS[name]),
  }));
  const [w, u] = states.map(({ weight }) => weight);
  if (w === undefined || u === undefined) throw new Error('No weights');
  const loss = add(mul(sumAll(mul(mul(w, w), w)), 1 / 3), mul(sumAll(mul(u, u)), 3));
  const whole = gradients(loss, [w, u]);
  const norm = globalNorm(whole);
  const scaled = plan.limit === undefined ? whole : clipByNorm(whole, norm, plan.limit);
  const scalar = (name: string) => graph.input(name, 'float', []);
  const schedule = {
    learningRate: scalar('learningRate'),
    correction1: scalar('correction1'),
    correction2: scalar('correction2'),
  };
  const keep: Record<string, string> = {};
  states.forEach((state, index) => {
    const gradient = scaled[index];
    if (gradient === undefined) throw new Error('No gradient');
    const next = adamw(state, gradient, schedule, options);
    for (const part of ['weight', 'mean', 'variance'] as const) {
      graph.output(`next ${state[part].name}`, next[part]);
      keep[`next ${state[part].name}`] = state[part].name;
    }
  });
  graph.output('norm', norm);

  const loaded = await engine.load(graph.encode('float64'), { keep, fuse: false });
  for (const name of NAMES) {
    const dims = DIMS[name];
    const zeros = { type: 'float64', dims, data: new Float64Array(START[name].length) } as const;
    const start = { type: 'float64', dims, data: Float64Array.from(START[name]) } as const;
    await engine.put({ [name]: start, [`${name}.mean`]: zeros, [`${name}.variance`]: zeros });
  }
  const kept = Object.fromEntries(Object.values(keep).map((name): [string, Feed] => [name, { kept: name }]));
  const norms: number[] = [];
  for (let step = 1; step <= plan.steps; step += 1) {
    const [correction1, correction2] = adamwCorrections(step, options);
    const scalars = Object.entries({ learningRate: 0.1, correction1, correction2 }).map(
      ([name, value]): [string, Feed] => [name, { type: 'float64', dims: [], data: Float64Array.of(value) }],
    );
    const { norm: found } = await engine.run(loaded, { ...kept, ...Object.fromEntries(scalars) });
    norms.push(Number(found?.data[0]));
  }
  const read = await engine.read(NAMES);
  return { weights: NAMES.flatMap((name) => [...(read[name]?.data ?? [])].map(Number)), norms };
}

describe.skipIf(!hasOnnx)(`adamw()${ONNX_NOTE}`, () => {
  let engine: LocalEngine;
  beforeAll(async () => {
    engine = await LocalEngine.open({ providers: ['cpu'], threads: 1 });
  });
  afterAll(() => engine.close());

  it.each([
    [
      'one step',
      { steps: 1, decay: 0 },
      [0.4000000039999998, -1.099999999, 1.90000000025, 1.400000000111111, 0.15000000066666666],
    ],
    [
      'three steps',
      { steps: 3, decay: 0 },
      [
        0.21322036603145278, -1.3002147189401296, 1.7014877289709516, 1.200902869833255,
        -0.030208328998776096,
      ],
    ],
    [
      'three steps with decay',
      { steps: 3, decay: 0.01 },
      [0.21212593167451937, -1.296929927604964, 1.6958337999322408, 1.196724617074773, -0.030565965145894124],
    ],
    [
      'three steps with decay and gradients scaled to a norm of 1',
      { steps: 3, decay: 0.01, limit: 1 },
      [
        0.20914699346112092, -1.2961405217785953, 1.6946066845331424, 1.195740504609145,
        -0.033361610797902536,
      ],
    ],
  ] as const)('adamw() gives the weights of PyTorch after %s', async (_, plan, expected) => {
    const { weights } = await train(engine, plan);
    weights.forEach((weight, index) => expect(weight).toBeCloseTo(expected[index] ?? NaN, 12));
  });

  it('globalNorm() is the norm of all gradients before they are scaled', async () => {
    const { norms } = await train(engine, { steps: 3, decay: 0.01, limit: 1 });
    [10.015612812005065, 9.256227824237262, 8.552340199577287].forEach((norm, index) =>
      expect(norms[index]).toBeCloseTo(norm, 10),
    );
  });
});
