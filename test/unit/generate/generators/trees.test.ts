// Questions without answers: UltraChat's trees of topics and of entities.

import { describe, expect, it } from 'vitest';

import { loadPromptDataFiles } from '../../../../src/adapters/prompt-data-files.ts';
import { entityTree } from '../../../../src/generate/generators/entity-tree.ts';
import { topicTree } from '../../../../src/generate/generators/topic-tree.ts';
import type { PairItem } from '../../../../src/generate/item.ts';
import type { Outcome, StageKind, StageTools } from '../../../../src/generate/stage.ts';
import { filesOf, type Reply, scripted, stageTools, tableOf } from '../../../support/stage-world.ts';

const TASK = {
  name: 'nature',
  description: 'Nature',
  inputFormat: undefined,
  outputFormat: undefined,
  demonstrations: [],
  answerType: undefined,
};

const toolsFor = (reply: Reply, more: Partial<StageTools> = {}) =>
  stageTools({ task: TASK, ask: scripted(reply), data: loadPromptDataFiles(), ...more });

async function outcomesOf(kind: StageKind, options: object, tools: StageTools): Promise<readonly Outcome[]> {
  const { stage } = kind.prepare(options);
  if (stage.kind !== 'whole') throw new TypeError('It looks at one item at a time');
  const outcomes: Outcome[] = [];
  for await (const { outcome } of stage.apply(tableOf([]), tools)) outcomes.push(outcome);
  return outcomes;
}

const pairsOf = (outcomes: readonly Outcome[]): readonly PairItem[] =>
  outcomes.flatMap(({ kept }) => kept).flatMap((item) => (item.kind === 'pair' ? [item] : []));
const reasonsOf = (outcomes: readonly Outcome[]) =>
  outcomes.flatMap(({ drops }) => drops.map(({ reason }) => reason));

/** Two subtopics of each topic, two questions of each subtopic, one more of each question. */
const tree: Reply = ({ prompt, values }) => {
  const at = (values['path'] as readonly string[]).at(-1) ?? '';
  switch (prompt) {
    case 'topic_tree/topics':
      return { items: ['Rivers', 'Stones', 'rivers!', 'Winds'] };
    case 'topic_tree/subtopics':
      return { items: [`${at} of Asia`, `${at} of Africa`] };
    case 'topic_tree/questions':
      return { items: [`Which ${at} are old?`, `Which ${at} are new?`] };
    default:
      return { items: [`Next to "${at}"?`] };
  }
};

const same: Reply = (question) =>
  question.prompt === 'topic_tree/questions' ? { items: ['What is it?'] } : tree(question);

const broken: Reply = (question) =>
  question.prompt === 'topic_tree/questions' && JSON.stringify(question.values).includes('Asia')
    ? undefined
    : tree(question);

const about: Reply = ({ values }) => ({
  specific: [`How old is the ${String(values['entity'])}, ${String(values['viewpoint'])}?`, 'One too many?'],
  general: [`Where is the ${String(values['entity'])}, ${String(values['viewpoint'])}?`],
});

const silent: Reply = ({ values }) =>
  values['viewpoint'] === 'a' ? { specific: [], general: [] } : undefined;

describe('the stage "topic_tree"', () => {
  it('goes from topics to subtopics to questions, and names where each belongs', async () => {
    const options = { topics: ['Rivers'], subtopics: 2, questions: 2 };
    const pairs = pairsOf(await outcomesOf(topicTree, options, toolsFor(tree)));
    expect(pairs.map(({ draft }) => draft.question)).toEqual([
      'Which Rivers of Asia are old?',
      'Which Rivers of Asia are new?',
      'Which Rivers of Africa are old?',
      'Which Rivers of Africa are new?',
    ]);
    expect(pairs[2]).toMatchObject({
      draft: { answer: '', domain: 'Rivers', generator: 'topic_tree' },
      notes: { topic_tree: { topic: 'Rivers', subtopic: 'Rivers of Africa' } },
    });
  });

  it('lets a model name the topics, each once, and no more than asked for', async () => {
    const options = { topic_count: 2, subtopics: 1, questions: 1 };
    const outcomes = await outcomesOf(topicTree, options, toolsFor(tree));
    expect(pairsOf(outcomes).map(({ draft }) => draft.domain)).toEqual(['Rivers', 'Stones']);
    expect(reasonsOf(outcomes).slice(0, 2)).toEqual(['more_than_asked', 'more_than_asked']);
  });

  it('asks for questions near to each question, under keys of their own', async () => {
    const options = { topics: ['Rivers'], subtopics: 2, questions: 2, related: 1 };
    const pairs = pairsOf(await outcomesOf(topicTree, options, toolsFor(tree)));
    expect(pairs).toHaveLength(8);
    const keys = pairs.map(({ key }) => key);
    expect(new Set(keys).size).toBe(8);
    expect(keys.some((key) => keys.some((other) => other.startsWith(`${key}.`)))).toBe(false);
    expect(pairs.map(({ draft }) => draft.question)).toContain('Next to "Which Rivers of Asia are old?"?');
  });

  it('makes no question twice, wherever in the tree', async () => {
    const outcomes = await outcomesOf(topicTree, { topics: ['A', 'B'], subtopics: 2 }, toolsFor(same));
    expect(pairsOf(outcomes)).toHaveLength(1);
    expect(reasonsOf(outcomes)).toEqual(['written_before', 'written_before', 'written_before']);
  });

  it('goes on with the other subtopics where a reply cannot be read', async () => {
    const outcomes = await outcomesOf(
      topicTree,
      { topics: ['A'], subtopics: 2, questions: 2 },
      toolsFor(broken),
    );
    expect(pairsOf(outcomes)).toHaveLength(2);
    expect(reasonsOf(outcomes)).toEqual(['unreadable_reply']);
  });
});

describe('the stage "entity_tree"', () => {
  const files = filesOf({ 'things.jsonl': [{ entity: 'Nile' }, { entity: 'nile ' }, { entity: 'Etna' }] });
  const options = { entities: ['things.jsonl'], viewpoints: ['a', 'b'], specific: 1, general: 1 };

  it('asks about each different entity from each viewpoint', async () => {
    const asked: unknown[] = [];
    const counted: Reply = (question) => {
      asked.push(question.values['entity']);
      return about(question);
    };
    const pairs = pairsOf(await outcomesOf(entityTree, options, toolsFor(counted, { files })));
    expect(asked).toEqual(['Nile', 'Nile', 'Etna', 'Etna']);
    expect(pairs).toHaveLength(8);
    expect(pairs[0]).toMatchObject({
      draft: { question: 'How old is the Nile, a?', answer: '', domain: 'Nile' },
      notes: { entity_tree: { entity: 'Nile', viewpoint: 'a' } },
    });
    expect(new Set(pairs.map(({ key }) => key)).size).toBe(8);
  });

  it('has five viewpoints of its own', async () => {
    const { viewpoints: _, ...rest } = options;
    const outcomes = await outcomesOf(entityTree, { ...rest, limit: 1 }, toolsFor(about, { files }));
    expect(pairsOf(outcomes)).toHaveLength(10);
  });

  it('refuses a file whose rows have no entity, and says where', async () => {
    const wrong = outcomesOf(entityTree, { ...options, column: 'name' }, toolsFor(about, { files }));
    await expect(wrong).rejects.toThrow(/row 1 has no text in column "name"/u);
  });

  it('says so when nothing was written, and when a reply cannot be read', async () => {
    const outcomes = await outcomesOf(entityTree, { ...options, limit: 1 }, toolsFor(silent, { files }));
    expect(reasonsOf(outcomes)).toEqual(['nothing_written', 'unreadable_reply']);
  });
});
