// What each group of a stateless call is scored against, and by which recipe: the ground truth that came with it, or a row
// of a dataset. It scores nothing, and what it finds never leaves the service.

import type { DatasetInfo, ScoreCall, ScoreGroup } from '../../core/calls.ts';
import { EnvError } from '../../core/errors.ts';
import type { PairId } from '../../core/ids.ts';
import { type Message, promptText } from '../../core/prompt.ts';
import { columnsOf, type QaPair } from '../../core/qa-pair.ts';
import { type Recipe, recipeOf } from '../../core/recipe.ts';
import { defaultVerifier } from '../../core/verifiers/table.ts';
import type { DatasetStore } from '../../ports/dataset-store.ts';
import type { PreparedRecipe, Reference, Scoring } from './scoring.ts';

/** Inline ground truths are mathematics unless the caller says otherwise. */
const INLINE_VERIFIER = 'math';

/** What the completions of one group are scored against, and by which rule. */
export interface Basis {
  readonly prepared: PreparedRecipe;
  readonly reference: Reference;
}

export class Bases {
  readonly #scoring: Pick<Scoring, 'prepare'>;
  readonly #datasets: Pick<DatasetStore, 'get' | 'findPair'>;
  readonly #inlineRecipe = recipeOf(INLINE_VERIFIER);

  constructor(options: {
    readonly scoring: Pick<Scoring, 'prepare'>;
    readonly datasets: Pick<DatasetStore, 'get' | 'findPair'>;
  }) {
    this.#scoring = options.scoring;
    this.#datasets = options.datasets;
  }

  /** At once, for groups that bring their ground truth; undefined when one needs a row of a dataset. */
  inline({ groups, reward }: ScoreCall): readonly Basis[] | undefined {
    if (groups.some(({ reference }) => reference.kind === 'row')) return undefined;
    const prepared = this.#scoring.prepare(reward ?? this.#inlineRecipe);
    return groups.flatMap(({ reference, prompt }) =>
      reference.kind === 'inline' ? [{ prepared, reference: inlineReference(reference, prompt) }] : [],
    );
  }

  /** Throws `not_found` for a dataset or a row that is not there. */
  async find({ groups, reward }: ScoreCall): Promise<readonly Basis[]> {
    return Promise.all(
      groups.map(async ({ reference, prompt }, index): Promise<Basis> => {
        if (reference.kind === 'inline') {
          const prepared = this.#scoring.prepare(reward ?? this.#inlineRecipe);
          return { prepared, reference: inlineReference(reference, prompt) };
        }
        const { pair, dataset } = await this.#findRow(reference, `groups[${index}]`);
        const messages = prompt.length > 0 ? prompt : questionOf(pair);
        return {
          prepared:
            reward === undefined
              ? this.#scoring.prepare(recipeOfRow(pair, dataset), `groups[${index}].pair_id`)
              : this.#scoring.prepare(reward),
          reference: {
            groundTruth: pair.groundTruth,
            choices: pair.choices ?? [],
            promptText: promptText(messages),
            columns: columnsOf(pair),
          },
        };
      }),
    );
  }

  async #findRow(
    row: { readonly dataset: string; readonly pairId: PairId },
    field: string,
  ): Promise<{ readonly pair: QaPair; readonly dataset: DatasetInfo }> {
    const dataset = await this.#datasets.get(row.dataset);
    if (dataset === undefined) {
      const message = `Cannot score ${field}: there is no dataset "${row.dataset}"`;
      throw new EnvError('not_found', message, { field: `${field}.dataset` });
    }
    const pair = await this.#datasets.findPair(row.dataset, row.pairId);
    if (pair === undefined) {
      const message = `Cannot score ${field}: dataset "${row.dataset}" has no row "${row.pairId}"`;
      throw new EnvError('not_found', message, { field: `${field}.pair_id` });
    }
    return { pair, dataset };
  }
}

function inlineReference(
  { groundTruth, choices, columns }: Extract<ScoreGroup['reference'], { readonly kind: 'inline' }>,
  prompt: readonly Message[],
): Reference {
  return { groundTruth, choices, promptText: promptText(prompt), columns };
}

/** A row's own recipe, else its dataset's, else the verifier of its answer type. */
export function recipeOfRow(pair: QaPair, dataset: DatasetInfo): Recipe {
  return pair.reward ?? dataset.reward ?? recipeOf(defaultVerifier(pair.answerType));
}

function questionOf({ question }: QaPair): readonly Message[] {
  return typeof question === 'string' ? [{ role: 'user', content: question }] : question;
}
