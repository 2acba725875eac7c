// The stages of Synthetic Data RL with a scripted teacher and a policy of known pass rates.

import { describe, expect, it } from 'vitest';

import type { TaskDefinition } from '../../../../src/core/task-definition.ts';
import type { Item } from '../../../../src/generate/item.ts';
import { adapt } from '../../../../src/generate/synthetic/adapt.ts';
import { majorityVote } from '../../../../src/generate/synthetic/majority-vote.ts';
import { retrieve } from '../../../../src/generate/synthetic/retrieve.ts';
import { passRate } from '../../../../src/generate/synthetic/solve.ts';
import { taskGenerate } from '../../../../src/generate/synthetic/task-generate.ts';
import type { Stage } from '../../../../src/generate/stage.ts';
import { SqlitePassageIndex } from '../../../../src/adapters/sqlite-passage-index.ts';
import {
  fatesOf,
  pairItem,
  type Reply,
  runStage,
  scripted,
  stageTools,
  tableOf,
} from '../../../support/stage-world.ts';

const TASK: TaskDefinition = {
  name: 'sums',
  description: 'Add two whole numbers',
  inputFormat: 'A question in words',
  outputFormat: 'Reasoning, and then a line "Answer: " with the number',
  demonstrations: [
    { input: 'What is 1 + 2?', output: 'Answer: 3' },
    { input: 'What is 2 + 2?', output: 'Answer: 4' },
  ],
  answerType: 'number',
};

function toolsFor(reply: Reply, more: Parameters<typeof stageTools>[0] = {}) {
  return stageTools({ task: TASK, ask: scripted(reply), ...more });
}

/** What a stage makes that needs no items. */
async function made(stage: Stage, tools: ReturnType<typeof toolsFor>): Promise<readonly Item[]> {
  const items: Item[] = [];
  if (stage.kind !== 'whole') throw new TypeError('It looks at one item at a time');
  for await (const { outcome } of stage.apply(tableOf([]), tools)) items.push(...outcome.kept);
  return items;
}

async function corpus(): Promise<SqlitePassageIndex> {
  const index = new SqlitePassageIndex(':memory:');
  const texts = [
    'Addition is commutative. '.repeat(200),
    'Rivers flow to the sea.',
    'Sums of odd numbers are even.',
  ];
  await index.add(
    texts.map((text, at) => ({
      documentId: `d${at}`,
      source: `d${at}.md`,
      title: undefined,
      text,
      span: { start: 0, end: text.length },
      license: undefined,
    })),
  );
  return index;
}

const keywords = () => ({ keyword: 'addition', synonyms: ['sum', ' sum ', 'plus"; DROP'] });

describe('the stage "retrieve"', () => {
  it('gives passages of the corpus that have a keyword, cut to the length that was asked for', async () => {
    const passages = await corpus();
    const { stage } = retrieve.prepare({ passages: 5, chars_max: 100, order: 'ranked' });
    const items = await made(stage, toolsFor(keywords, { passages }));
    const texts = items.map((item) => (item.kind === 'passage' ? item.passage.text : ''));
    expect(texts).toHaveLength(2);
    expect(texts.every((text) => text.length <= 100)).toBe(true);
    expect(texts.join(' ')).not.toContain('Rivers');
    await passages.close();
  });

  it('gives as many empty passages as were asked for where there is no corpus, each another one', async () => {
    const items = await made(retrieve.prepare({ passages: 4 }).stage, toolsFor(keywords));
    const sources = items.map((item) => (item.kind === 'passage' ? item.passage.source : ''));
    expect(sources).toEqual(['sums#1', 'sums#2', 'sums#3', 'sums#4']);
  });

  it('says so when the corpus has nothing', async () => {
    const passages = await corpus();
    const tools = toolsFor(() => ({ keyword: 'zebra', synonyms: [] }), { passages });
    const { stage } = retrieve.prepare({});
    expect(await made(stage, tools)).toEqual([]);
    await passages.close();
  });
});

describe('the stage "task_generate"', () => {
  it('writes one pair for each passage, shows whole demonstrations, and draws up their pattern once', async () => {
    const asked: string[] = [];
    const tools = toolsFor(({ prompt, values }) => {
      asked.push(prompt);
      if (prompt === 'pattern/task') return 'Two whole numbers are added.';
      const shown = values['demonstrations'] as readonly { readonly input: string }[];
      expect(shown.map(({ input }) => input).toSorted()).toEqual(['What is 1 + 2?', 'What is 2 + 2?']);
      expect(values['patterns']).toEqual(['Two whole numbers are added.']);
      return { input: 'What is 3 + 4?', output: 'Three and four make seven.\nAnswer: 7' };
    });
    const passages = await made(retrieve.prepare({ passages: 1 }).stage, {
      ...tools,
      ask: scripted(() => ({ keyword: 'sum', synonyms: [] })),
    });
    const [outcome] = await runStage(taskGenerate.prepare({}).stage, passages, tools);
    expect(outcome?.kept[0]).toMatchObject({
      kind: 'pair',
      draft: { question: 'What is 3 + 4?', answer: '7', answerType: 'number', generator: 'task_generate' },
      costUsd: 0.001,
    });
    expect(asked).toEqual(['pattern/task', 'task_generate/input-output']);
  });
});

describe('the stage "majority_vote"', () => {
  it('makes the most frequent answer the label, notes the agreement, and drops where there is too little', async () => {
    const tools = toolsFor(({ values, sample }) => {
      const right = String(values['question']).includes('easy') ? 7 : 2;
      return sample < right ? 'Answer: 42' : `Answer: ${sample}`;
    });
    const { stage } = majorityVote.prepare({ samples: 8, agreement: 0.5 });
    const outcomes = await runStage(
      stage,
      [pairItem(0, { question: 'An easy one?', answer: '41' }), pairItem(1, { question: 'A hard one?' })],
      tools,
    );
    expect(fatesOf(outcomes)).toEqual(['kept', 'no_agreement']);
    expect(outcomes[0]?.kept[0]).toMatchObject({
      draft: { answer: '42' },
      notes: { vote: { votes: 7, voters: 9, unreadable: 0 } },
    });
  });
});

describe('the stages "adapt" and "pass_rate"', () => {
  it('"adapt" rewrites what is solved harder and the rest easier, and keeps both with voted labels', async () => {
    const tools = toolsFor(({ prompt, values }) => {
      const question = String(values['question']);
      switch (prompt) {
        case 'adapt/harder':
        case 'adapt/easier':
          return { input: `${prompt} ${question}`, output: 'Answer: 9' };
        default:
          return question.startsWith('adapt') ? 'Answer: 9' : 'Answer: 1';
      }
    });
    const { stage } = adapt.prepare({ vote: { samples: 3 } });
    const items = [
      pairItem(0, { question: 'solved?', answer: '1' }),
      pairItem(1, { question: 'unsolved?', answer: '2' }),
    ];
    const outcomes = await runStage(stage, items, tools);
    const questions = outcomes.map(({ kept }) =>
      kept.map((item) => (item.kind === 'pair' ? [item.draft.question, item.draft.answer] : [])),
    );
    expect(questions).toEqual([
      [
        ['solved?', '1'],
        ['adapt/harder solved?', '9'],
      ],
      [
        ['unsolved?', '2'],
        ['adapt/easier unsolved?', '9'],
      ],
    ]);
    const families = outcomes.map(({ kept }) => kept.map((item) => item.kind === 'pair' && item.family));
    expect(families).toEqual([
      ['solved?', 'solved?'],
      ['unsolved?', 'unsolved?'],
    ]);
    // Rewrite and three votes; the original bears its own try.
    expect(outcomes[0]?.kept.map((item) => (item.kind === 'pair' ? item.costUsd : 0))).toEqual([
      0.001, 0.004,
    ]);
  });

  it('"pass_rate" gives the share of right completions with its interval, and a reply that is missing is not right', async () => {
    const tools = toolsFor(({ sample }) => [undefined, 'Answer: 5', 'Answer: 6', 'no answer'][sample % 4]);
    const { stage } = passRate.prepare({ samples: 8 });
    const [outcome] = await runStage(stage, [pairItem(0, { answer: '5' })], tools);
    expect(outcome?.kept[0]).toMatchObject({
      draft: { passRate: 0.25 },
      notes: { pass_rate: { passes: 2, trials: 8 } },
    });
  });
});
