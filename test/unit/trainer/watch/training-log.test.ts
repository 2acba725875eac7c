// The log of a training over several lives: every event once, in the order in which the weights learned.

import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { TrainingHistory } from '../../../../src/trainer/watch/training-history.ts';
import { openTrainingLog } from '../../../../src/trainer/watch/training-log.ts';
import type { TrainingEvent } from '../../../../src/trainer/training-event.ts';
import { trainingEvents, trainingStart, trainingStep } from '../../../support/training-events.ts';

let folder = '';
let path = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'groupwise-log-'));
  path = join(folder, 'log.jsonl');
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

const linesOf = (): readonly TrainingEvent[] =>
  readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    // What the log has just written.
    .map((line): TrainingEvent => JSON.parse(line) as TrainingEvent);
const stepsOf = (events: readonly TrainingEvent[]): readonly number[] =>
  events.flatMap((event) => (event.kind === 'step' ? [event.step] : []));

describe('openTrainingLog()', () => {
  it('writes each event when it happens, as it is', () => {
    const log = openTrainingLog(path);
    const events = trainingEvents(3);
    for (const [index, event] of events.entries()) {
      log.watch(event);
      expect(linesOf()).toEqual(events.slice(0, index + 1));
    }
    expect(log.history.events).toEqual(events);
  });

  it('goes on behind the checkpoint of an earlier life: no step twice, and the later telling counts', () => {
    const first = openTrainingLog(path);
    for (const event of trainingEvents(8).slice(0, -2)) first.watch(event);
    const second = openTrainingLog(path);
    second.watch(trainingStart({ steps: 9, resumed_at: 5 }));
    for (const step of [6, 7, 8, 9]) second.watch(trainingStep(step, { mean_reward: 0.5 }));
    expect(stepsOf(linesOf())).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const rewards = linesOf().flatMap((event) => (event.kind === 'step' ? [event.metrics.mean_reward] : []));
    expect(rewards.slice(-4)).toEqual([0.5, 0.5, 0.5, 0.5]);
    expect(linesOf().filter(({ kind }) => kind === 'start')).toHaveLength(2);
    expect(linesOf()).toEqual(second.history.events);
  });

  it('tells a warm-up that begins again, and an end that was none, only once', () => {
    const first = openTrainingLog(path);
    for (const event of trainingEvents(2)) first.watch(event);
    const second = openTrainingLog(path);
    second.watch(trainingStart({ steps: 3, resumed_at: 0 }));
    second.watch({ kind: 'warm-up', step: 50, loss: 1, target: 0.2 });
    expect(linesOf().filter(({ kind }) => kind === 'end')).toEqual([]);
    expect(linesOf().filter(({ kind }) => kind === 'warm-up')).toHaveLength(1);
  });

  it('drops the line that a crash cut off', () => {
    const first = openTrainingLog(path);
    first.watch(trainingStart());
    first.watch(trainingStep(1));
    appendFileSync(path, JSON.stringify(trainingStep(2)).slice(0, 50));
    const second = openTrainingLog(path);
    second.watch(trainingStep(2));
    expect(stepsOf(linesOf())).toEqual([1, 2]);
  });

  it.each(['{"kind":"other"}\n', 'hello\n', '[]\n'])('refuses a file with the line %j', (line) => {
    writeFileSync(path, line);
    expect(() => openTrainingLog(path)).toThrow('line 1 is no event of a training');
    expect(readFileSync(path, 'utf8')).toBe(line);
  });

  it('says which file it cannot write', () => {
    const log = openTrainingLog(join(folder, 'missing', 'log.jsonl'));
    expect(() => log.watch(trainingStart())).toThrow(/Cannot write the training log ".*missing.log.jsonl"/u);
  });
});

describe('TrainingHistory', () => {
  it('keeps the evaluations of different steps and kinds, and one of each', () => {
    const history = new TrainingHistory();
    const base = { kind: 'evaluation', split: 'test', questions: 9, pass_at_1: 0, low: 0, high: 1 } as const;
    history.add({ ...base, step: 0, when: 'before', greedy: true });
    history.add({ ...base, step: 0, when: 'before', greedy: false });
    history.add({ ...base, step: 10, when: 'during', greedy: true });
    history.add({ ...base, step: 20, when: 'during', greedy: true });
    expect(history.add({ ...base, step: 20, when: 'during', greedy: true, pass_at_1: 1 })).toBe(true);
    expect(history.evaluations.map(({ step, pass_at_1: share }) => [step, share])).toEqual([
      [0, 0],
      [0, 0],
      [10, 0],
      [20, 1],
    ]);
  });
});
