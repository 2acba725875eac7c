import { setInterval } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { EngineThread } from '../../../../src/trainer/engine/engine-thread.ts';
import type { Engine, EngineOptions, TensorData } from '../../../../src/trainer/engine/engine.ts';
import { Graph } from '../../../../src/trainer/engine/graph.ts';
import { add, mul } from '../../../../src/trainer/engine/ops/arithmetic.ts';
import { LocalEngine } from '../../../../src/trainer/engine/runtime.ts';
import { hasOnnx, ONNX_NOTE } from '../../../support/onnx-runtime.ts';

const CPU: EngineOptions = { providers: ['cpu'], threads: 1 };

/** total ← total + 2x; also given back as `seen`. */
function adder(): Graph {
  const graph = new Graph();
  const total = graph.input('total', 'float', ['n']);
  const next = add(total, mul(graph.input('x', 'float', ['n']), 2));
  graph.output('next', next);
  graph.output('seen', next);
  return graph;
}

function floats(...numbers: readonly number[]): TensorData {
  return { type: 'float32', dims: [numbers.length], data: Float32Array.from(numbers) };
}

describe.skipIf(!hasOnnx)(`Engine${ONNX_NOTE}`, () => {
  describe.each<[string, (options: EngineOptions) => Promise<Engine>]>([
    ['LocalEngine', (options) => LocalEngine.open(options)],
    ['EngineThread', (options) => EngineThread.open(options)],
  ])('%s', (name, open) => {
    let engine: Engine;
    beforeAll(async () => {
      engine = await open(CPU);
    });
    afterAll(() => engine.close());

    it(`${name} carries kept tensors from run to run`, async () => {
      const graph = await engine.load(adder().encode(), { keep: { next: 'total' } });
      await engine.put({ total: floats(1, 10) });
      const first = await engine.run(graph, { total: { kept: 'total' }, x: floats(1, 2) });
      const second = await engine.run(graph, { total: { kept: 'total' }, x: floats(3, 4) });
      expect(first).toEqual({ seen: floats(3, 14) });
      expect(second).toEqual({ seen: floats(9, 22) });
      expect(await engine.read(['total'])).toEqual({ total: floats(9, 22) });
    });

    it(`${name} answers calls in their order`, async () => {
      const graph = await engine.load(adder().encode(), { keep: { next: 'order' } });
      await engine.put({ order: floats(0) });
      const runs = [1, 2, 3].map((x) => engine.run(graph, { total: { kept: 'order' }, x: floats(x) }));
      const seen = (await Promise.all(runs)).map((outputs) => outputs['seen']?.data[0]);
      expect(seen).toEqual([2, 6, 12]);
    });

    it(`${name} says what is wrong with a call, and goes on`, async () => {
      const graph = await engine.load(adder().encode());
      await expect(engine.run(graph, { x: floats(1) })).rejects.toThrow("'total'");
      await expect(engine.read(['nothing'])).rejects.toThrow('No tensor is kept as "nothing"');
      await engine.put({ gone: floats(1) });
      await engine.drop(['gone']);
      await expect(engine.read(['gone'])).rejects.toThrow('No tensor is kept as "gone"');
      await engine.unload(graph);
      await expect(engine.run(graph, {})).rejects.toThrow('is loaded');
      await expect(engine.load(Uint8Array.of(1, 2, 3))).rejects.toThrow('protobuf');
    });

    it(`${name}.open() says which providers it could not use`, async () => {
      const other = await open({ ...CPU, providers: ['no-such-provider', 'cpu'] });
      expect(other.provider).toBe('cpu');
      expect(other.failures).toEqual([
        { provider: 'no-such-provider', reason: expect.stringContaining('no-such-provider') },
      ]);
      await other.close();
    });

    it(`${name}.open() refuses when no provider can be used`, async () => {
      const opening = open({ ...CPU, providers: ['no-such-provider'] });
      await expect(opening).rejects.toMatchObject({ code: 'failed_precondition' });
    });
  });

  it('EngineThread leaves the event loop free while it runs', async () => {
    const engine = await EngineThread.open(CPU);
    const graph = new Graph();
    let x = graph.input('x', 'float', [1 << 20]);
    for (let round = 0; round < 20; round += 1) x = add(mul(x, 0.5), 1);
    graph.output('y', x);
    const loaded = await engine.load(graph.encode());
    const data = new Float32Array(1 << 20);
    const running = engine.run(loaded, { x: { type: 'float32', dims: [1 << 20], data } });
    let turns = 0;
    const counting = new AbortController();
    const counted = (async () => {
      for await (const _ of setInterval(0, undefined, { signal: counting.signal })) turns += 1;
    })();
    await running;
    counting.abort();
    await expect(counted).rejects.toThrow('aborted');
    // In this thread the whole run is one turn.
    expect(turns).toBeGreaterThan(3);
    await engine.close();
  });

  it('EngineThread.close() lets what was asked for end', async () => {
    const engine = await EngineThread.open(CPU);
    const graph = await engine.load(adder().encode());
    const running = engine.run(graph, { total: floats(1), x: floats(2) });
    await engine.close();
    expect((await running)['seen']).toEqual(floats(5));
    await expect(engine.read([])).rejects.toThrow('has ended');
  });
});
