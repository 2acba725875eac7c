// Tasks after seed tasks: Self-Instruct and Alpaca, and the instances of their tasks.

import { describe, expect, it } from 'vitest';

import { createRandom } from '../../../../src/core/random.ts';
import type { TaskDefinition } from '../../../../src/core/task-definition.ts';
import { alpaca } from '../../../../src/generate/generators/alpaca.ts';
import { instances } from '../../../../src/generate/generators/instances.ts';
import { selfInstruct } from '../../../../src/generate/generators/self-instruct.ts';
import { readTaskList, writeTaskEntry } from '../../../../src/generate/generators/task-list.ts';
import {
  type PoolRules,
  SELF_INSTRUCT_BANNED,
  TaskPool,
} from '../../../../src/generate/generators/task-pool.ts';
import type { Item } from '../../../../src/generate/item.ts';
import type { Outcome, StageKind } from '../../../../src/generate/stage.ts';
import {
  fatesOf,
  filesOf,
  pairItem,
  type Reply,
  runStage,
  scripted,
  stageTools,
  tableOf,
} from '../../../support/stage-world.ts';

const TASK: TaskDefinition = {
  name: 'riddles',
  description: 'Short riddles about animals and plants',
  inputFormat: undefined,
  outputFormat: 'One word',
  demonstrations: [{ input: 'Which animal carries its house on its back?', output: 'snail' }],
  answerType: undefined,
};

const RULES: PoolRules = {
  similarity_max: 0.7,
  words_min: 4,
  words_max: 150,
  banned: SELF_INSTRUCT_BANNED,
  banned_starts: ['write a program'],
  ascii_start: true,
};

function poolOf(seeds: readonly string[], rules: Partial<PoolRules> = {}): TaskPool<string> {
  return new TaskPool(seeds, (seed) => seed, { ...RULES, ...rules });
}

/** What a stage makes that needs no items. */
async function outcomesOf(
  kind: StageKind,
  options: object,
  tools: ReturnType<typeof stageTools>,
): Promise<readonly Outcome[]> {
  const { stage } = kind.prepare(options);
  if (stage.kind !== 'whole') throw new TypeError('It looks at one item at a time');
  const outcomes: Outcome[] = [];
  for await (const { outcome } of stage.apply(tableOf([]), tools)) outcomes.push(outcome);
  return outcomes;
}

function pairsOf(outcomes: readonly Outcome[]): readonly (readonly [string, string])[] {
  return outcomes
    .flatMap(({ kept }): readonly Item[] => kept)
    .flatMap((item) => (item.kind === 'pair' ? [[item.draft.question, item.draft.answer] as const] : []));
}

const reasonsOf = (outcomes: readonly Outcome[]): readonly string[] =>
  outcomes.flatMap(({ drops }) => drops.map(({ reason }) => reason));

const toolsFor = (reply: Reply, more: Parameters<typeof stageTools>[0] = {}) =>
  stageTools({ task: TASK, ask: scripted(reply), random: createRandom(5), ...more });

const isMade = (text: string) => !text.startsWith('seed');
/** New tasks for ever, each unlike the others. */
const fresh: Reply = ({ sample, values }) => ({
  tasks: Array.from({ length: Number(values['count']) }, (_, at) => {
    const number = sample * 8 + at;
    return [1, 2, 3, 4, 5].map((word) => `w${number}${'abcde'[word - 1] ?? ''}`).join(' ');
  }),
});

const instancesOf = async (few: boolean, written: readonly object[], question = 'Is this animal a bird?') =>
  runStage(
    instances.prepare({}).stage,
    [pairItem(0, { question, answer: '' })],
    stageTools({
      ask: scripted(({ prompt }) =>
        prompt === 'instances/kind'
          ? { reasoning: 'So.', few_answers: few, answers: few ? ['yes', 'no'] : [] }
          : { instances: written },
      ),
    }),
  );

const entryOf = (number: number, animal: string) =>
  `${number}. Task: Name it, the ${animal}.\nInput: none\nAnswer: ${animal}`;

describe('TaskPool.offer()', () => {
  it.each([
    ['three words', 'Name a colour', 'too_short'],
    ['151 words', `Count ${'one '.repeat(150)}`.trim(), 'too_long'],
    ['a banned word', 'Describe the Image on the wall', 'banned_word'],
    ['a banned phrase', 'Please go to the next town now', 'banned_word'],
    ['a banned start', 'Write a program that sorts names', 'banned_start'],
    ['punctuation at its start', '"Sort these words by length"', 'odd_start'],
    ['a start that is not ASCII', 'Übersetze diesen Satz ins Englische', 'odd_start'],
    ['the words of a seed', 'What is the capital city of France?', 'similar_to_seed'],
  ])('drops a task with %s', (_, text, reason) => {
    const pool = poolOf(['What is the capital of France?']);
    expect(pool.offer(text, text)?.reason).toBe(reason);
    expect(pool.size).toBe(0);
  });

  it('knows banned words from words that have them in them', () => {
    expect(poolOf([]).offer('a', 'Explain what a filename or drawer is')).toBeUndefined();
  });

  it('keeps a task whose ROUGE-L with another is exactly the limit, and drops one above it', () => {
    // 7 of 10 words in common, in order: F1 0.7.
    const seed = 'a b c d e f g h i j';
    expect(poolOf([seed]).offer('x', 'a b c d e f g x y z')).toBeUndefined();
    expect(poolOf([seed]).offer('x', 'a b c d e f g h y z')?.reason).toBe('similar_to_seed');
  });

  it('compares with tasks that were kept before, not with those that were dropped', () => {
    const pool = poolOf([]);
    expect(pool.offer('1', 'List five rivers of Africa')).toBeUndefined();
    expect(pool.offer('2', 'List five rivers of Asia')?.reason).toBe('similar_to_kept');
    expect(pool.offer('3', 'List seven lakes of Asia')).toBeUndefined();
  });

  it('takes other languages where the start is free', () => {
    const text = 'Übersetze diesen Satz ins Englische';
    expect(poolOf([], { ascii_start: false }).offer(text, text)).toBeUndefined();
  });
});

describe('TaskPool.show()', () => {
  it('shows 6 seeds and 2 made ones, in mixed order, and seeds for what is not made yet', () => {
    const pool = poolOf(Array.from({ length: 20 }, (_, at) => `seed number ${'x'.repeat(at + 1)}`));
    const random = createRandom(3);
    expect(pool.show({ seeds: 6, made: 2 }, random)).toHaveLength(8);
    for (const task of ['Tell how a horse gallops', 'Say what snakes eat', 'Name birds of prey']) {
      pool.offer(task, task);
    }
    const shows = Array.from({ length: 50 }, () => pool.show({ seeds: 6, made: 2 }, random));
    for (const shown of shows) {
      expect(new Set(shown).size).toBe(8);
      expect(shown.filter(isMade)).toHaveLength(2);
    }
    expect(new Set(shows.map((shown) => shown.findIndex(isMade))).size).toBeGreaterThan(3);
  });
});

describe('the stage "self_instruct"', () => {
  it('makes as many tasks as asked for, without answers, and says what became of the rest', async () => {
    const outcomes = await outcomesOf(selfInstruct, { size: 10, parallel: 2 }, toolsFor(fresh));
    const made = pairsOf(outcomes);
    expect(made).toHaveLength(10);
    expect(made.every(([, answer]) => answer === '')).toBe(true);
    expect(reasonsOf(outcomes)).toEqual(Array(6).fill('more_than_asked'));
  });

  it('makes the same tasks whichever reply comes first', async () => {
    const inOrder = await outcomesOf(selfInstruct, { size: 30, parallel: 4 }, toolsFor(fresh));
    const ask = scripted(fresh);
    let waiting: (() => void)[] = [];
    const tools = stageTools({
      task: TASK,
      random: createRandom(5),
      ask: async (question) => {
        // The last of four calls is answered first.
        await new Promise<void>((resolve) => {
          waiting.push(resolve);
          if (waiting.length < 4) return;
          const all = waiting.toReversed();
          waiting = [];
          for (const go of all) go();
        });
        return ask(question);
      },
    });
    expect(await outcomesOf(selfInstruct, { size: 30, parallel: 4 }, tools)).toEqual(inOrder);
  });

  it('asks each call of a run under a number of its own', async () => {
    const samples: number[] = [];
    const tools = toolsFor((question) => {
      samples.push(question.sample);
      return fresh(question);
    });
    await outcomesOf(selfInstruct, { size: 20, parallel: 2, per_call: 5 }, tools);
    expect(samples).toEqual([0, 1, 2, 3]);
  });

  it('ends when nothing new comes any more, and says so', async () => {
    const tools = toolsFor(() => ({ tasks: ['Which animal gives us warm wool?'] }));
    const outcomes = await outcomesOf(selfInstruct, { size: 5, parallel: 1, dry_rounds: 2 }, tools);
    expect(pairsOf(outcomes)).toHaveLength(1);
    expect(reasonsOf(outcomes)).toEqual(['similar_to_kept', 'similar_to_kept', 'ran_dry']);
  });

  it('begins with the seeds of a file, and refuses to begin with none', async () => {
    const shown: unknown[] = [];
    const files = filesOf({ 'seeds.jsonl': [{ instruction: 'Name the largest living cat.' }] });
    const tools = toolsFor(
      (question) => {
        shown.push(question.values['shown']);
        return fresh(question);
      },
      { files },
    );
    await outcomesOf(selfInstruct, { size: 1, seeds: ['seeds.jsonl'] }, tools);
    expect(shown[0]).toEqual(['Name the largest living cat.']);
    const none = toolsFor(fresh, { task: { ...TASK, demonstrations: [] } });
    await expect(outcomesOf(selfInstruct, {}, none)).rejects.toThrow(/without seed tasks/u);
  });
});

describe('the stage "instances"', () => {
  it('writes answers first where there are few, and inputs first otherwise', async () => {
    for (const few of [true, false]) {
      const asked: string[] = [];
      const { stage } = instances.prepare({});
      const ask = scripted(({ prompt }) => {
        asked.push(prompt);
        return prompt === 'instances/kind'
          ? { reasoning: '', few_answers: few, answers: ['yes', 'no'] }
          : { instances: [{ input: 'owl', output: 'yes' }] };
      });
      await runStage(stage, [pairItem(0, { question: 'A bird?', answer: '' })], stageTools({ ask }));
      expect(asked).toEqual(['instances/kind', few ? 'instances/output-first' : 'instances/input-first']);
    }
  });

  it('joins task and input, and leaves a task without input as it is', async () => {
    const [outcome] = await instancesOf(true, [
      { input: 'owl', output: 'yes' },
      { input: '', output: 'no' },
    ]);
    expect(pairsOf(outcome === undefined ? [] : [outcome])).toEqual([
      ['Is this animal a bird?\n\nowl', 'yes'],
      ['Is this animal a bird?', 'no'],
    ]);
  });

  it.each([
    [
      'two answers to one input',
      [
        ['owl', 'yes'],
        ['owl', 'no'],
        ['cat', 'no'],
      ],
      ['conflicting_outputs'],
      0,
    ],
    [
      'an instance twice',
      [
        ['owl', 'yes'],
        ['owl', 'Yes'],
      ],
      ['repeated_instance'],
      1,
    ],
    ['no output', [['owl', ' ']], ['empty_output'], 0],
    ['an output that is its input', [['owl', 'owl']], ['input_is_output'], 0],
    [
      'a text that is announced and missing',
      [
        ['The text:', 'yes'],
        ['owl', 'The answer is:'],
      ],
      ['ends_in_colon', 'ends_in_colon'],
      0,
    ],
    ['more than asked for', [1, 2, 3, 4, 5, 6].map((n) => [`owl ${n}`, 'yes']), ['more_than_asked'], 5],
    ['nothing at all', [], ['nothing_written'], 0],
  ])('drops %s', async (_, written, reasons, count) => {
    const outcomes = await instancesOf(
      true,
      written.map(([input, output]) => ({ input, output })),
    );
    expect(reasonsOf(outcomes)).toEqual(reasons);
    expect(pairsOf(outcomes)).toHaveLength(count);
  });

  it('hands on what has an answer, without asking', async () => {
    const outcomes = await runStage(
      instances.prepare({}).stage,
      [pairItem(0, { answer: 'yes' })],
      stageTools(),
    );
    expect(fatesOf(outcomes)).toEqual(['kept']);
  });
});

describe('readTaskList()', () => {
  it('reads what writeTaskEntry() writes, and inputs of several lines', () => {
    const text = `Here they are:\n${writeTaskEntry(1, { question: 'Who moos?', answer: 'cow' })}\n\n2. Task: Sort them.\nInput: owl\ncat\nAnswer: cat, owl`;
    expect(readTaskList(text, 20)).toEqual({
      tasks: [
        { task: 'Who moos?', question: 'Who moos?', answer: 'cow' },
        { task: 'Sort them.', question: 'Sort them.\n\nowl\ncat', answer: 'cat, owl' },
      ],
      drops: [],
    });
  });

  it.each([
    ['a number that is left out', `${entryOf(1, 'ox')}\n${entryOf(3, 'ape')}`, ['ox']],
    [
      'a number that comes twice',
      `${entryOf(1, 'ox')}\n${entryOf(1, 'ape')}\n${entryOf(3, 'elk')}`,
      ['ox', 'elk'],
    ],
    ['no answer', `1. Task: Name it.\nInput: none\n${entryOf(2, 'ape')}`, ['ape']],
    ['an empty answer', `1. Task: Name it.\nInput: none\nAnswer:\n${entryOf(2, 'ape')}`, ['ape']],
    ['a part twice', `1. Task: It.\nInput: a\nInput: b\nAnswer: c\n${entryOf(2, 'ape')}`, ['ape']],
    ['two answers', `1. Task: It.\nInput: a\nAnswer: b\nAnswer: c\n${entryOf(2, 'ape')}`, ['ape']],
  ])('drops an entry with %s, and never pieces it together with the next', (_, text, answers) => {
    const { tasks, drops } = readTaskList(text, 20);
    expect(tasks.map(({ answer }) => answer)).toEqual(answers);
    expect(drops.map(({ reason }) => reason)).toEqual(['malformed_entry']);
  });

  it('takes no more than asked for, and says when there is no list', () => {
    const { tasks, drops } = readTaskList([entryOf(1, 'ox'), entryOf(2, 'ape')].join('\n'), 1);
    expect([tasks.length, drops[0]?.reason]).toEqual([1, 'more_than_asked']);
    expect(readTaskList('I cannot do that.', 20).drops[0]?.reason).toBe('no_list');
  });
});

describe('the stage "alpaca"', () => {
  it('makes the tasks of a list with their answers, at a share of the cost of the call', async () => {
    const tools = toolsFor(({ values }) => {
      expect(values['shown']).toEqual([
        '1. Task: Which animal carries its house on its back?\nInput: none\nAnswer: snail',
      ]);
      return [
        '1. Task: Which bird flies at night and hoots?\nInput: <noinput>\nAnswer: owl',
        '2. Task: Name the video of this animal now.\nInput: none\nAnswer: cat',
        '3. Task: Sort these beasts by their weight.\nInput: elephant, mouse\nAnswer: mouse, elephant',
        '4. Task: Cut',
      ].join('\n');
    });
    const outcomes = await outcomesOf(alpaca, { size: 2, parallel: 1 }, tools);
    expect(pairsOf(outcomes)).toEqual([
      ['Which bird flies at night and hoots?', 'owl'],
      ['Sort these beasts by their weight.\n\nelephant, mouse', 'mouse, elephant'],
    ]);
    expect(reasonsOf(outcomes)).toEqual(['malformed_entry', 'banned_word']);
    const [first] = outcomes.flatMap(({ kept }) => kept);
    expect(first?.kind === 'pair' ? first.costUsd : 0).toBeCloseTo(0.001 / 3);
  });
});
