// What the rule `math` says of the verdicts that a distilled verifier is measured on: whoever has the rule pays nothing for
// it, so the verifier is worth what it decides beyond it.

import { WorkerVerifierPool } from '../../adapters/verifier-pool.ts';
import { LIMITS } from '../../contract/limits.ts';
import { extractAnswer } from '../../core/answer.ts';
import type { Finding } from '../../core/reward.ts';
import type { Log } from '../../ports/log.ts';
import { verifierScorers } from '../../services/scoring/scorer.ts';
import type { JudgedRow } from './judged-rows.ts';

/** `undecided`: the next scorer of a cascade is asked. */
export type RuleSaid = 'yes' | 'no' | 'undecided';

export const RULE = 'math';

/** For each row what the rule says of its completion. */
export async function ruleFindings(rows: readonly JudgedRow[], log: Log): Promise<readonly RuleSaid[]> {
  const { verifyMs: limitMs, completionsInFlightMax: queueMax } = LIMITS;
  const pool = new WorkerVerifierPool({ limitMs, queueMax: Math.max(queueMax, rows.length), log });
  try {
    const rule = verifierScorers({ pool, log }).find(RULE);
    if (rule === undefined) throw new Error(`There is no verifier "${RULE}"`);
    const options = rule.parseOptions({});
    return await Promise.all(
      rows.map(async ({ completion, question, groundTruths: [answer, ...aliases], choices }) => {
        const extracted = extractAnswer(completion, rule.fallback)?.answer;
        if (extracted === undefined) return 'no';
        const groundTruth = { answer, aliases };
        return saidOf(
          await rule.score({ answer: extracted, groundTruth, choices, promptText: question, options }),
        );
      }),
    );
  } finally {
    await pool.close();
  }
}

/** A rule that cannot be used says nothing. */
function saidOf({ kind }: Finding): RuleSaid {
  if (kind === 'correct') return 'yes';
  return kind === 'incorrect' ? 'no' : 'undecided';
}
