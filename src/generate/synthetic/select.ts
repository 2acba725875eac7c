// Chooses questions by their pass rates: what is always or never solved has no gradient under a group-relative baseline.

import { z } from 'zod';

import { EnvError } from '../../core/errors.ts';
import { collect, decideEach } from '../filters/pairs.ts';
import { asPair } from '../item.ts';
import { type Decision, dropped, kept, type ItemTable, stageKind } from '../stage.ts';

const selectOptions = () =>
  z.strictObject({
    /**
     * `paper`: lowest scores first, where the score is the pass rate, or 1 where it is 0 (Synthetic Data RL, equation 7).
     * `band`: pass rates from `min` to `max`. `variance`: highest p·(1 − p) first.
     */
    rule: z.enum(['paper', 'band', 'variance']).default('paper'),
    /** Questions to choose: M of the paper. Null: as many as the rule allows. */
    size: z.int().min(1).nullable().default(500),
    min: z.number().min(0).max(1).default(0.2),
    max: z.number().min(0).max(1).default(0.8),
  });
type SelectOptions = z.output<ReturnType<typeof selectOptions>>;

export const select = stageKind({
  name: 'select',
  summary: 'Chooses questions by pass rate: the lowest positive ones, a band, or the highest variance.',
  takes: 'pair',
  gives: 'pair',
  model: undefined,
  options: selectOptions,
  estimate: () => ({ calls: 0, promptTokens: 0, showsPassage: false, completionTokens: 0, yield: 0.5 }),
  build: (options: SelectOptions) => ({ kind: 'whole', apply: (items) => choose(items, options) }),
});

async function* choose(items: ItemTable, options: SelectOptions): AsyncIterable<Decision> {
  const rates = await collect(items, ({ draft }) => {
    if (draft.passRate !== undefined) return draft.passRate;
    throw new EnvError(
      'failed_precondition',
      'Cannot select by pass rate: no stage before this one has measured it',
    );
  });
  const chosen = new Set(selectByPassRate(rates, options));
  yield* decideEach(items, (item, index) => {
    if (chosen.has(index)) return kept(item);
    const { draft } = asPair(item);
    return dropped(reasonOf(rates[index] ?? 0), `pass rate ${rates[index]}: "${draft.question}"`);
  });
}

function reasonOf(rate: number): string {
  if (rate === 0) return 'never_solved';
  return rate === 1 ? 'always_solved' : 'not_selected';
}

/**
 * Indexes of the chosen pass rates, in the order of choice; ties go to the earlier one.
 *
 * @param rates [n], each in [0, 1]
 */
export function selectByPassRate(
  rates: readonly number[],
  { rule, size, min, max }: SelectOptions,
): readonly number[] {
  const all = rates.map((_, index) => index);
  const rate = (index: number): number => rates[index] ?? 0;
  const most = size ?? rates.length;
  switch (rule) {
    case 'paper': {
      const score = (index: number): number => (rate(index) > 0 ? rate(index) : 1);
      return all.toSorted((a, b) => score(a) - score(b)).slice(0, most);
    }
    case 'band':
      return all.filter((index) => rate(index) >= min && rate(index) <= max).slice(0, most);
    case 'variance': {
      const variance = (index: number): number => rate(index) * (1 - rate(index));
      return all
        .filter((index) => variance(index) > 0)
        .toSorted((a, b) => variance(b) - variance(a))
        .slice(0, most);
    }
  }
}
