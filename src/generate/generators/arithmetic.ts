// Sums of numbers that passages state. Asks no model: the answers are right by construction. It is there for training itself: a task
// that a tiny policy can learn in minutes, whose pass rate rises for no other reason than that the training works.

import { z } from 'zod';

import { hash32, keyedPermutation, type Random } from '../../core/random.ts';
import { byteSpanOf } from '../../core/quote-search.ts';
import { asPassage, childKey, type Drop, type PairItem, type PassageItem } from '../item.ts';
import { dropped, stageKind, type Decision, type ItemTable, type Outcome } from '../stage.ts';
import { type StatedNumber, wholeNumbersIn } from './stated-numbers.ts';

const GENERATOR = 'arithmetic';
/** Two factors of this size have a product that is exact. */
const LARGEST_MAX = 99_999_999;
const PAIRS_MAX = 5_000;

const OPERATIONS = ['+', '-', '*'] as const;
type Operation = (typeof OPERATIONS)[number];

const arithmeticOptions = () =>
  z.strictObject({
    operations: z.array(z.enum(OPERATIONS)).min(1).default(['+']),
    /** Numbers from 1 to this one are taken. */
    largest: z.int().min(1).max(LARGEST_MAX).default(99),
    /** Read 1896 as 18 and 96, as years are. */
    split_years: z.boolean().default(false),
    /** Ask 37+48 and 48+37. */
    both_orders: z.boolean().default(false),
    /** Questions of one passage, drawn by the recipe's seed where there could be more. */
    pairs_max: z.int().min(2).max(PAIRS_MAX).default(100),
  });
type ArithmeticOptions = z.output<ReturnType<typeof arithmeticOptions>>;

export const arithmetic = stageKind<ArithmeticOptions>({
  name: 'arithmetic',
  summary: 'Asks for sums, differences or products of two numbers that a passage states. Asks no model.',
  takes: 'passage',
  gives: 'pair',
  model: undefined,
  options: arithmeticOptions,
  estimate: ({ pairs_max }) => ({
    calls: 0,
    promptTokens: 0,
    showsPassage: false,
    completionTokens: 0,
    yield: pairs_max / 2,
  }),
  build: (options) => ({ kind: 'whole', apply: (items, { random }) => askAll(items, options, random) }),
});

/** No question is asked twice in a run: it could be trained on by one document and tested by another. */
async function* askAll(
  items: ItemTable,
  options: ArithmeticOptions,
  random: Random,
): AsyncIterable<Decision> {
  const asked = new Set<string>();
  for await (const item of items.read()) {
    yield { key: item.key, outcome: ask(asPassage(item), { options, random, asked }) };
  }
}

interface Asking {
  readonly options: ArithmeticOptions;
  readonly random: Random;
  /** Questions of this run; those that are asked here are added. */
  readonly asked: Set<string>;
}

function ask(item: PassageItem, { options, random, asked }: Asking): Outcome {
  // Drawn whatever the passage states, so that a change in one leaves the others as they are.
  const words = [random.uint32(), random.uint32()];
  const numbers = wholeNumbersIn(item.passage.text, options);
  if (numbers.length < 2) return dropped('too_few_numbers', item.passage.text.slice(0, 200));
  const kept: PairItem[] = [];
  const drops: Drop[] = [];
  for (const [first, second, operation] of drawn(numbers, options.operations, words)) {
    const orders = ordersOf(first.value, second.value, operation);
    const [canonical] = orders;
    const tasks = options.both_orders ? orders : [canonical];
    // The first stands for both orders: they never part, or one could be trained on and the other tested.
    if (asked.has(canonical.question)) {
      drops.push({ reason: 'asked_before', detail: canonical.question });
      continue;
    }
    if (kept.length + tasks.length > options.pairs_max) break;
    asked.add(canonical.question);
    for (const task of tasks) kept.push(pairOf(item, { index: kept.length, task, stated: [first, second] }));
  }
  return { kept, drops };
}

/** Every two numbers under every operation, once, in an order that `words` choose; no list of them is made. */
function* drawn(
  numbers: readonly StatedNumber[],
  operations: readonly Operation[],
  words: readonly number[],
): Iterable<readonly [StatedNumber, StatedNumber, Operation]> {
  const uses = [...new Set(operations)];
  const count = numbers.length * numbers.length * uses.length;
  const at = keyedPermutation({ count, words });
  for (let position = 0; position < count; position += 1) {
    const place = at(position);
    const operation = uses[place % uses.length];
    const square = Math.floor(place / uses.length);
    const [low, high] = [Math.floor(square / numbers.length), square % numbers.length];
    const [first, second] = [numbers[low], numbers[high]];
    if (low >= high || operation === undefined || first === undefined || second === undefined) continue;
    yield [first, second, operation];
  }
}

interface Task {
  readonly question: string;
  readonly answer: string;
}

/**
 * A difference begins with the larger number and has one order. Which order of a sum or product comes first is the same in all runs:
 * one passage asks for both or for the same one as another, so that no 48+37 of a test split is given away by a 37+48 for training.
 */
function ordersOf(first: number, second: number, operation: Operation): readonly [Task, ...Task[]] {
  const [low, high] = first < second ? [first, second] : [second, first];
  if (operation === '-') return [taskOf(high, low, operation)];
  const [rising, falling] = [taskOf(low, high, operation), taskOf(high, low, operation)];
  return hash32(low, high) % 2 === 0 ? [rising, falling] : [falling, rising];
}

function taskOf(left: number, right: number, operation: Operation): Task {
  return { question: `${left}${operation}${right}=`, answer: String(resultOf(left, right, operation)) };
}

function resultOf(left: number, right: number, operation: Operation): number {
  if (operation === '+') return left + right;
  return operation === '-' ? left - right : left * right;
}

function pairOf(
  item: PassageItem,
  of: {
    readonly index: number;
    readonly task: Task;
    readonly stated: readonly [StatedNumber, StatedNumber];
  },
): PairItem {
  const { passage } = item;
  const [first, second] = of.stated;
  // The stretch that states both: numbers come in the order of the text.
  const stretch = { start: first.start, end: second.end };
  return {
    kind: 'pair',
    key: childKey(item.key, of.index),
    draft: {
      ...of.task,
      aliases: [],
      answerType: 'number',
      domain: item.domain,
      evidence: byteSpanOf(passage.text, stretch, passage.span.start),
      generator: GENERATOR,
    },
    passage,
    costUsd: 0,
    notes: item.notes,
  };
}
