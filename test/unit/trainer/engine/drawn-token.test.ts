import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createRandom } from '../../../../src/core/random.ts';
import { draw } from '../../../../src/trainer/engine/decoder/drawn-token.ts';
import { Graph } from '../../../../src/trainer/engine/graph.ts';
import { LocalEngine } from '../../../../src/trainer/engine/runtime.ts';
import { hasOnnx, ONNX_NOTE } from '../../../support/onnx-runtime.ts';

/** As large as that of Qwen2.5, which is no multiple of a block. */
const LARGE = 151_936;

describe.skipIf(!hasOnnx)(`draw()${ONNX_NOTE}`, () => {
  let engine: LocalEngine;
  beforeAll(async () => {
    engine = await LocalEngine.open({ providers: ['cpu'], threads: 1 });
  });
  afterAll(() => engine.close());

  /** The token of each random number, all from one row of logits. */
  async function drawn(
    logits: readonly number[],
    uniforms: readonly number[],
  ): Promise<{ readonly tokens: readonly number[]; readonly logProbabilities: readonly number[] }> {
    const graph = new Graph();
    const found = draw(
      graph.input('logits', 'float', ['batch', logits.length]),
      graph.input('uniforms', 'float', ['batch']),
    );
    graph.output('token', found.token);
    graph.output('log_probability', found.logProbability);
    const loaded = await engine.load(graph.encode());
    const rows = uniforms.length;
    const outputs = await engine.run(loaded, {
      logits: {
        type: 'float32',
        dims: [rows, logits.length],
        data: Float32Array.from(uniforms.flatMap(() => logits)),
      },
      uniforms: { type: 'float32', dims: [rows], data: Float32Array.from(uniforms) },
    });
    const numbers = (name: string): readonly number[] => Array.from(outputs[name]?.data ?? [], Number);
    return { tokens: numbers('token'), logProbabilities: numbers('log_probability') };
  }

  it.each([40, 512, 513, 1_024, 5_000])(
    'draw() of %i tokens inverts the distribution, summed up in doubles',
    async (vocabulary) => {
      const random = createRandom(vocabulary);
      const logits = Array.from({ length: vocabulary }, () => Math.fround(6 * random.next()));
      const shares = logits.map(Math.exp);
      const total = shares.reduce((sum, share) => sum + share, 0);
      // In the middle of a token's share, so that no rounding moves it to the next one.
      const places = [0, 1, Math.floor(vocabulary / 3), vocabulary - 2, vocabulary - 1];
      const uniforms = places.map((token) => {
        const before = shares.slice(0, token).reduce((sum, share) => sum + share, 0);
        return (before + (shares[token] ?? NaN) / 2) / total;
      });
      const { tokens, logProbabilities } = await drawn(logits, uniforms);
      expect(tokens).toEqual(places);
      places.forEach((token, row) =>
        expect(logProbabilities[row]).toBeCloseTo(Math.log((shares[token] ?? NaN) / total), 5),
      );
    },
  );

  it('draw() of a large vocabulary gives hardly likely tokens their share, and none the share of the others', async () => {
    // One token of 0.998, and a thousandth on either side of it in shares that a running sum near 1 would lose.
    const likely = LARGE / 2;
    const rest = Math.log(0.002 / (LARGE - 1));
    const logits = Array.from({ length: LARGE }, (_, token) => (token === likely ? Math.log(0.998) : rest));
    const { tokens } = await drawn(logits, [0.0005, 0.5, 0.99925, 0.99975]);
    const [before, middle, after, late] = tokens.map((token) => token / LARGE);
    expect(before).toBeCloseTo(0.25, 2);
    expect(middle).toBe(0.5);
    expect(after).toBeCloseTo(0.625, 2);
    expect(late).toBeCloseTo(0.875, 2);
  });

  it.each([600, LARGE])('draw() of %i tokens never takes one whose share is 0', async (vocabulary) => {
    const logits = Array.from({ length: vocabulary }, (_, token) => (token % 7 === 3 ? token % 5 : -1e9));
    const { tokens, logProbabilities } = await drawn(logits, [0, 2 ** -24, 0.3, 0.7, 1 - 2 ** -24]);
    expect(tokens.map((token) => token % 7)).toEqual(tokens.map(() => 3));
    expect(logProbabilities.every(Number.isFinite)).toBe(true);
  });

  it('draw() at the lowest temperature takes the likeliest of many tokens', async () => {
    const logits = Array.from({ length: 5_000 }, (_, token) => (token === 4_321 ? 3e31 : -1e31));
    expect((await drawn(logits, [0])).tokens).toEqual([4_321]);
  });
});
