// The held-out verdicts as lines that `groupwise judge evaluate` reads.

import { writeJsonLines } from '../../adapters/jsonl-writer.ts';
import type { JsonObject } from '../../core/json.ts';
import type { HeldOut } from '../../trainer/distil/distil.ts';
import type { JudgedRow } from './judged-rows.ts';

export async function writeHeldOut(file: string, heldOut: readonly HeldOut<JudgedRow>[]): Promise<void> {
  const sink = writeJsonLines(file);
  try {
    await sink.write(
      heldOut.map(({ row, score }): JsonObject => {
        const [groundTruth, ...aliases] = row.groundTruths;
        return {
          question: row.question,
          ground_truth: groundTruth,
          ...(aliases.length === 0 ? {} : { aliases }),
          ...(row.choices.length === 0 ? {} : { choices: row.choices }),
          completion: row.completion,
          label: row.isEquivalent,
          answer: row.answer,
          verifier_score: score ?? null,
        };
      }),
    );
    await sink.close();
  } catch (error) {
    await sink.abort();
    throw error;
  }
}
