// Keeps yes and no in balance over the whole dataset, and few of them: a policy that always says "yes" must earn one half and
// no more. Which of too many stay is drawn by the run's seed, in the order of keys.

import { z } from 'zod';

import type { Random } from '../../core/random.ts';
import { answerTypeOf, compareTexts } from '../draft-answers.ts';
import { asPair, type Item } from '../item.ts';
import { dropped, kept, stageKind, type Decision, type ItemTable } from '../stage.ts';

const balanceOptions = () =>
  z.strictObject({
    /** Largest share of yes-or-no questions among all that are kept. */
    boolean_share_max: z.number().min(0).max(1).default(0.1),
  });
type BalanceOptions = z.output<ReturnType<typeof balanceOptions>>;

export const balance = stageKind({
  name: 'balance',
  summary: 'Keeps as many yes as no answers, and both together below a share of the dataset.',
  takes: 'pair',
  gives: 'pair',
  model: undefined,
  options: balanceOptions,
  estimate: () => ({ calls: 0, promptTokens: 0, showsPassage: false, completionTokens: 0, yield: 0.95 }),
  build: (options: BalanceOptions) => ({
    kind: 'whole',
    apply: (items, tools) => balanced(items, options.boolean_share_max, tools.random),
  }),
});

async function* balanced(items: ItemTable, shareMax: number, random: Random): AsyncIterable<Decision> {
  const keys: Record<'yes' | 'no', string[]> = { yes: [], no: [] };
  let others = 0;
  for await (const item of items.read()) {
    const polarity = polarityOf(item);
    if (polarity === undefined) others += 1;
    else keys[polarity].push(item.key);
  }
  const even = Math.min(keys.yes.length, keys.no.length);
  const each = Math.min(even, halfOfShare(others, shareMax));
  const stays = new Set([...draw(keys.yes, each, random), ...draw(keys.no, each, random)]);
  for await (const item of items.read()) {
    const polarity = polarityOf(item);
    if (polarity === undefined || stays.has(item.key)) yield { key: item.key, outcome: kept(item) };
    else {
      const detail = `${keys.yes.length} yes, ${keys.no.length} no, ${others} others: ${each} of each stay`;
      const reason = each < even ? 'too_many_yes_no' : 'unbalanced_yes_no';
      yield { key: item.key, outcome: dropped(reason, detail) };
    }
  }
}

/** Largest k with 2k ≤ share · (others + 2k): k ≤ share · others / (2 · (1 − share)). */
function halfOfShare(others: number, share: number): number {
  return share >= 1 ? Number.POSITIVE_INFINITY : Math.floor((share * others) / (2 * (1 - share)));
}

/** Which of the two a pair answers; undefined where it asks something else. */
function polarityOf(item: Item): 'yes' | 'no' | undefined {
  const { draft: written } = asPair(item);
  if (answerTypeOf(written) !== 'boolean') return undefined;
  const draft = { ...written, answerType: 'boolean' as const, reward: undefined };
  for (const answer of ['yes', 'no'] as const) {
    if (compareTexts(draft, draft.answer, { answer, aliases: [] }).kind === 'correct') return answer;
  }
  return undefined;
}

/** `count` of `keys`, each as likely as the others. */
function draw(keys: readonly string[], count: number, random: Random): readonly string[] {
  const left = [...keys];
  const drawn: string[] = [];
  while (drawn.length < count && left.length > 0) {
    const at = random.below(left.length);
    const last = left.pop();
    const picked = left[at] ?? last;
    if (picked === undefined || last === undefined) break;
    if (at < left.length) left[at] = last;
    drawn.push(picked);
  }
  return drawn;
}
