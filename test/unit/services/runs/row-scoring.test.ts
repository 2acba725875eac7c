import { describe, expect, it } from 'vitest';
import type { DatasetInfo } from '../../../../src/core/calls.ts';
import { EnvError } from '../../../../src/core/errors.ts';
import { recipeOf } from '../../../../src/core/recipe.ts';
import { rowScorer } from '../../../../src/services/runs/row-scoring.ts';
import type { Scorer } from '../../../../src/services/scoring/scorer.ts';
import { Scoring } from '../../../../src/services/scoring/scoring.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { pairWith } from '../../../support/pairs.ts';

const INFO: DatasetInfo = {
  name: 'd',
  version: 'v',
  description: '',
  createdAt: 0,
  splits: [],
  answerTypes: [],
  domains: [],
  reward: undefined,
  provenance: { source: '', license: '', generator: '' },
};

/** What becomes of a completion whose scorer rejects. */
async function outcomeWhen(error: Error): Promise<unknown> {
  const scorer: Scorer = {
    name: 'network',
    reads: 'completion',
    fallback: 'none',
    parseOptions: (options) => options,
    score: async () => {
      throw error;
    },
  };
  const scoring = new Scoring({ find: () => scorer, names: () => ['network'] }, new FakeClock());
  const rows = rowScorer(scoring, { run: recipeOf('network'), dataset: INFO });
  const completion = { memberIndex: 0, text: 'a' };
  return rows.score({ pair: pairWith({ question: 'Q' }), prompt: [], completion, onAudit: () => {} });
}

describe('rowScorer()', () => {
  it('rowScorer() makes a scorer without room a cause, since nobody can be told to come back', async () => {
    expect(await outcomeWhen(new EnvError('resource_exhausted', 'The queue is full'))).toMatchObject({
      kind: 'unscorable',
      unscorable: { cause: 'reward_model_unavailable', detail: 'The queue is full' },
    });
  });

  it('rowScorer() hands on what else a scorer rejects with: it is a bug, or the server goes down', async () => {
    await expect(outcomeWhen(new TypeError('a bug'))).rejects.toThrow('a bug');
    await expect(outcomeWhen(new EnvError('unavailable', 'going down'))).rejects.toThrow('going down');
  });
});
