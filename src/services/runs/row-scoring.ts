// How the completions of one run are scored: which recipe holds for which row, and what its completions are compared with.

import type { DatasetInfo } from '../../core/calls.ts';
import { EnvError } from '../../core/errors.ts';
import { promptText, type Message } from '../../core/prompt.ts';
import { columnsOf, type QaPair } from '../../core/qa-pair.ts';
import type { Recipe } from '../../core/recipe.ts';
import type { CompletionOutcome } from '../../core/score.ts';
import type { RowScorer } from './run-parts.ts';
import { recipeOfRow } from '../scoring/score-basis.ts';
import type { PreparedRecipe, Reference, Scoring } from '../scoring/scoring.ts';

interface ReadyRow {
  readonly recipe: PreparedRecipe;
  readonly reference: Reference;
}

/** The scorer of a run, whose own recipe goes before all that a row or its dataset names. */
export function rowScorer(
  scoring: Scoring,
  rewards: { readonly run: Recipe | undefined; readonly dataset: DatasetInfo },
): RowScorer {
  const ready = new WeakMap<QaPair, ReadyRow>();
  const makeReady = (pair: QaPair, prompt: readonly Message[]): ReadyRow => {
    const row = {
      recipe: scoring.prepare(rewards.run ?? recipeOfRow(pair, rewards.dataset)),
      reference: {
        groundTruth: pair.groundTruth,
        choices: pair.choices ?? [],
        promptText: promptText(prompt),
        columns: columnsOf(pair),
      },
    };
    ready.set(pair, row);
    return row;
  };

  /** Or why the row's own recipe cannot be used. */
  const rowOf = (pair: QaPair, prompt: readonly Message[]): ReadyRow | EnvError => {
    try {
      return ready.get(pair) ?? makeReady(pair, prompt);
    } catch (error) {
      if (error instanceof EnvError) return error;
      throw error;
    }
  };

  return {
    score: ({ pair, prompt, completion, onAudit }) => {
      const row = rowOf(pair, prompt);
      if (row instanceof EnvError) return unusableRow(row);
      try {
        const outcome = scoring.score(row.recipe, row.reference, completion, onAudit);
        return outcome instanceof Promise ? outcome.catch(outcomeOfFull) : outcome;
      } catch (error) {
        if (!(error instanceof EnvError)) throw error;
        return unusableRow(error);
      }
    },
    isGroupWise: ({ pair, prompt }) => {
      const row = rowOf(pair, prompt);
      return !(row instanceof EnvError) && row.recipe.isGroupWise;
    },
    scoreGroup: async ({ pair, prompt, completions, onAudit }) => {
      const row = rowOf(pair, prompt);
      if (row instanceof EnvError) {
        return completions.map(() => ({ status: 'fulfilled', value: unusableRow(row) }));
      }
      const settled = await scoring.scoreGroup(row.recipe, row.reference, completions, onAudit);
      return Promise.allSettled(
        settled.map(async (each) => (each.status === 'fulfilled' ? each.value : outcomeOfFull(each.reason))),
      );
    },
  };
}

/** A scorer whose queue is full refuses; a run has nobody to tell to come back, and the completion no number. */
function outcomeOfFull(error: unknown): CompletionOutcome {
  if (!(error instanceof EnvError) || error.code !== 'resource_exhausted') throw error;
  const unscorable = { cause: 'reward_model_unavailable' as const, scorer: '', detail: error.message };
  return { kind: 'unscorable', unscorable, scores: [] };
}

/** The row's own recipe is the row's fault, not the completion's. */
function unusableRow({ message }: EnvError): CompletionOutcome {
  const unscorable = { cause: 'ground_truth_unusable' as const, scorer: '', detail: message };
  return { kind: 'unscorable', unscorable, scores: [] };
}
