// Small stages for tests of the engine: one of each shape that stages have, with prompts of their own in test/fixtures/prompts.

import { z } from 'zod';
import { childKey, rootKey, type Item, type PairItem } from '../../src/generate/item.ts';
import { dropped, kept, stageKind, type Decision, type StageKind } from '../../src/generate/stage.ts';

const replies = {
  filter: z.object({ reasoning: z.string(), useful: z.boolean() }),
  write: z.object({ pairs: z.array(z.object({ question: z.string(), answer: z.string() })) }),
  check: z.object({ right: z.boolean() }),
};

/** Passage → passage, by one question. */
export const toyFilter = stageKind({
  name: 'filter',
  summary: 'Drops what is not useful.',
  takes: 'passage',
  gives: 'passage',
  model: 'teacher',
  options: () => z.strictObject({}),
  estimate: () => ({ calls: 1, promptTokens: 50, showsPassage: true, completionTokens: 20, yield: 0.8 }),
  build: () => ({
    kind: 'each',
    apply: async (item, { ask }) => {
      if (item.kind !== 'passage') throw new Error('no passage');
      const { passage } = item;
      const said = await ask({
        prompt: 'toy/filter',
        values: { passage: passage.text },
        reply: replies.filter,
      });
      if (said.kind === 'unreadable') return dropped('unreadable_reply', said.detail);
      return said.value.useful ? kept(item) : dropped('not_useful', said.value.reasoning);
    },
  }),
});

/** Passage → pairs, several from one reply. */
export const toyWrite = stageKind({
  name: 'write',
  summary: 'Writes questions.',
  takes: 'passage',
  gives: 'pair',
  model: 'teacher',
  options: () => z.strictObject({ count: z.int().min(1).default(2) }),
  estimate: ({ count }) => ({
    calls: 1,
    promptTokens: 60,
    showsPassage: true,
    completionTokens: 40 * count,
    yield: count,
  }),
  build: ({ count }) => ({
    kind: 'each',
    apply: async (item, { ask }) => {
      if (item.kind !== 'passage') throw new Error('no passage');
      const values = { passage: item.passage.text, count };
      const said = await ask({ prompt: 'toy/write', values, reply: replies.write });
      if (said.kind === 'unreadable') return dropped('unreadable_reply', said.detail);
      const { value, costUsd, written } = said;
      if (value.pairs.length === 0) return dropped('no_pairs', 'the reply has none');
      const share = costUsd === null ? null : costUsd / value.pairs.length;
      return kept(
        ...value.pairs.map(({ question, answer }, index): PairItem => ({
          kind: 'pair',
          key: childKey(item.key, index),
          draft: { question, answer, aliases: [], generator: 'write', written },
          passage: item.passage,
          costUsd: share,
          notes: {},
        })),
      );
    },
  }),
});

/** Pair → pair, by several samples of one question, asked at once. */
export const toyCheck = stageKind({
  name: 'check',
  summary: 'Drops what is wrong.',
  takes: 'pair',
  gives: 'pair',
  model: 'teacher',
  options: () => z.strictObject({ samples: z.int().min(1).default(1) }),
  estimate: ({ samples }) => ({
    calls: samples,
    promptTokens: 80,
    showsPassage: false,
    completionTokens: 10,
    yield: 0.9,
  }),
  build: ({ samples }) => ({
    kind: 'each',
    apply: async (item, { ask }) => {
      if (item.kind !== 'pair') throw new Error('no pair');
      const { question, answer } = item.draft;
      const votes = await Promise.all(
        Array.from({ length: samples }, (_, sample) =>
          ask({
            prompt: 'toy/check',
            values: { pairs: [{ question, answer }] },
            reply: replies.check,
            sample,
          }),
        ),
      );
      const right = votes.filter((vote) => vote.kind === 'answer' && vote.value.right).length;
      if (right * 2 <= samples) return dropped('wrong', `${right} of ${samples} say that it is right`);
      const costUsd = votes.reduce<number | null>(
        (sum, vote) => (sum === null || vote.costUsd === null ? null : sum + vote.costUsd),
        item.costUsd,
      );
      return kept({ ...item, costUsd, notes: { ...item.notes, check: right } });
    },
  }),
});

/** Pairs → pairs by rules, over all of them. */
export const toyUnique = stageKind({
  name: 'unique',
  summary: 'Drops what was asked before.',
  takes: 'pair',
  gives: 'pair',
  model: undefined,
  options: () => z.strictObject({}),
  estimate: () => ({ calls: 0, promptTokens: 0, showsPassage: false, completionTokens: 0, yield: 1 }),
  build: () => ({
    kind: 'whole',
    async *apply(items, { random }): AsyncGenerator<Decision> {
      const seen = new Set<string>();
      for await (const item of items.read()) {
        if (item.kind !== 'pair') throw new Error('no pair');
        const { question } = item.draft;
        const isNew = !seen.has(question);
        seen.add(question);
        const noted: Item = { ...item, notes: { ...item.notes, drawn: random.below(1000) } };
        yield { key: item.key, outcome: isNew ? kept(noted) : dropped('asked_before', question) };
      }
    },
  }),
});

/** Pair → pair, by a reply in plain text. */
export const toyReword = stageKind({
  name: 'reword',
  summary: 'Says it in other words.',
  takes: 'pair',
  gives: 'pair',
  model: 'teacher',
  options: () => z.strictObject({}),
  estimate: () => ({ calls: 1, promptTokens: 40, showsPassage: false, completionTokens: 20, yield: 1 }),
  build: () => ({
    kind: 'each',
    apply: async (item, { ask, random }) => {
      if (item.kind !== 'pair') throw new Error('no pair');
      const { draft } = item;
      const said = await ask<string>({
        prompt: 'toy/reword',
        values: { question: draft.question },
        reply: 'text',
      });
      if (said.kind === 'unreadable') return dropped('unreadable_reply', said.detail);
      const question = `${said.value} (${random.below(100)})`;
      return kept({ ...item, draft: { ...draft, question } });
    },
  }),
});

/** Nothing → pairs, from the task, in rounds. */
export const toyFromTask = stageKind({
  name: 'from-task',
  summary: 'Makes pairs of the task.',
  takes: 'task',
  gives: 'pair',
  model: 'teacher',
  needs: ['task'],
  options: () => z.strictObject({}),
  estimate: () => ({ calls: 3, promptTokens: 60, showsPassage: false, completionTokens: 80, yield: 6 }),
  build: () => ({
    kind: 'whole',
    async *apply(_, { ask, task }): AsyncGenerator<Decision> {
      for (let round = 0; round < 3; round += 1) {
        const values = { passage: `${task?.description ?? ''} ${round}`, count: 2 };
        const said = await ask({ prompt: 'toy/write', values, reply: replies.write });
        if (said.kind === 'unreadable') {
          yield { key: undefined, outcome: dropped('unreadable_reply', said.detail) };
          continue;
        }
        for (const [index, { question, answer }] of said.value.pairs.entries()) {
          const key = childKey(rootKey(round), index);
          const { costUsd, written } = said;
          const draft = { question, answer, aliases: [], generator: 'from-task', written };
          yield { key: undefined, outcome: kept({ kind: 'pair', key, draft, costUsd, notes: {} }) };
        }
      }
    },
  }),
});

export const TOY_KINDS: readonly StageKind[] = [
  toyFilter,
  toyWrite,
  toyCheck,
  toyUnique,
  toyReword,
  toyFromTask,
];
