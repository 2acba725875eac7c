import { existsSync, readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { recipeOf } from '../../../src/core/recipe.ts';
import { verifierScorers } from '../../../src/services/scoring/scorer.ts';
import { Scoring } from '../../../src/services/scoring/scoring.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { InlineVerifierPool } from '../../support/inline-verifier-pool.ts';

// 660 questions of GSM8K with four completions each by real models; a completion's answer follows "A:".
const DATA = new URL('../../../../shared/data/gsm8k/completions.jsonl', import.meta.url);

interface Row {
  readonly question: string;
  readonly ground_truth: string;
  readonly completions: readonly { readonly text: string; readonly is_correct: boolean }[];
}

function readRows(): readonly Row[] {
  const lines = readFileSync(DATA, 'utf8').trimEnd().split('\n');
  // The file's own shape, as its README states it; a row of another shape fails the count below.
  return lines.map((line): Row => JSON.parse(line));
}

describe('Scoring on GSM8K', () => {
  // Runs wherever the data set is laid beside the repository.
  it.skipIf(!existsSync(DATA)).each(['numeric', 'math'])(
    'score() with %s agrees with all 2,640 published verdicts',
    async (verifier) => {
      const scoring = new Scoring(verifierScorers({ pool: new InlineVerifierPool() }), new FakeClock());
      const prepared = scoring.prepare(recipeOf(verifier));
      const disagreements: unknown[] = [];
      let count = 0;
      for (const { question, ground_truth: answer, completions } of readRows()) {
        const reference = { groundTruth: { answer, aliases: [] }, choices: [], promptText: question };
        for (const { text, is_correct: isCorrect } of completions) {
          const outcome = await scoring.score(prepared, reference, { text });
          count += 1;
          const reward = outcome.kind !== 'scored' ? undefined : outcome.reward;
          if (reward !== (isCorrect ? 1 : 0)) disagreements.push({ answer, isCorrect, text, outcome });
        }
      }
      expect(disagreements).toEqual([]);
      expect(count).toBe(2_640);
      expect(scoring.counters()).toMatchObject({ scored: 2_640, unscorable: 0 });
    },
  );
});
