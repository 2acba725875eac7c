// Proof of a label by trial: a model solves the question, and at least so many of its answers must be the one that is known already.
// MetaMath (arXiv 2309.12284) keeps what it generates only where a reply matches.

import { z } from 'zod';

import { costSum } from '../costs.ts';
import type { Drop, PairItem } from '../item.ts';
import { noted, type StageTools } from '../stage.ts';
import { solveTimes } from '../synthetic/solve.ts';

export const proofShape = () =>
  z
    .strictObject({
      /** Replies for each new question; 0 keeps all without asking. */
      samples: z.int().min(0).max(256).default(4),
      /** Replies that must give the known answer. */
      matches: z.int().min(1).default(1),
      temperature: z.number().min(0).max(2).default(0.7),
      max_tokens: z.int().min(1).default(2_000),
    })
    .refine(
      ({ samples, matches }) => samples === 0 || matches <= samples,
      'asks for more matches than samples',
    )
    .prefault({});
export type Proof = z.output<ReturnType<typeof proofShape>>;

/** The pair with the number of matches noted and paid, or why it is none. */
export async function proved(
  item: PairItem,
  proof: Proof,
  tools: StageTools,
): Promise<{ readonly item: PairItem } | { readonly drop: Drop }> {
  if (proof.samples === 0) return { item };
  const { passes, costUsd } = await solveTimes(item, tools, {
    samples: proof.samples,
    temperature: proof.temperature,
    maxTokens: proof.max_tokens,
  });
  if (passes < proof.matches) {
    const detail = `${passes} of ${proof.samples} replies say ${item.draft.answer}: ${item.draft.question}`;
    return { drop: { reason: 'answer_not_matched', detail } };
  }
  return {
    item: {
      ...item,
      costUsd: costSum(item.costUsd, costUsd),
      notes: noted(item.notes, 'matches', { matches: passes, samples: proof.samples }),
    },
  };
}

/** Proves each, all at once, and sorts them in their order. */
export async function proveAll(
  items: readonly PairItem[],
  proof: Proof,
  tools: StageTools,
): Promise<{ readonly proved: readonly PairItem[]; readonly drops: readonly Drop[] }> {
  const results = await Promise.all(items.map((item) => proved(item, proof, tools)));
  return {
    proved: results.flatMap((result) => ('item' in result ? [result.item] : [])),
    drops: results.flatMap((result) => ('drop' in result ? [result.drop] : [])),
  };
}
