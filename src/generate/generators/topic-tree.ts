// UltraChat's tree of topics (arXiv 2305.14233): topics, subtopics of each, questions about each, and further questions near to those. It makes
// questions alone; `majority_vote` answers them.

import { z } from 'zod';

import { childKey, rootKey } from '../item.ts';
import { dropped, stageKind, type Decision, type StageTools } from '../stage.ts';
import { taskOf } from '../synthetic/task-values.ts';
import { type ListReply, listReply, openQuestion, readList, type ReadList, Seen } from './question-lists.ts';

const topicTreeOptions = () =>
  z.strictObject({
    /** Topics to begin with; none: a model names `topic_count` of the task's. */
    topics: z.array(z.string().min(1)).default([]),
    topic_count: z.int().min(1).max(200).default(30),
    /** Of each topic. UltraChat has 1100 for 30 topics. */
    subtopics: z.int().min(1).max(200).default(37),
    /** Of each subtopic. */
    questions: z.int().min(1).max(50).default(10),
    /** Further questions for each question; 0 asks for none. */
    related: z.int().min(0).max(20).default(0),
    temperature: z.number().min(0).max(2).default(0.7),
  });
type TopicTreeOptions = z.output<ReturnType<typeof topicTreeOptions>>;

export const topicTree = stageKind({
  name: 'topic_tree',
  summary: 'Topics, their subtopics, and questions about each, without answers (UltraChat).',
  takes: 'task',
  gives: 'pair',
  model: 'teacher',
  needs: ['task'],
  options: topicTreeOptions,
  estimate: (options: TopicTreeOptions) => {
    const topics = options.topics.length === 0 ? options.topic_count : options.topics.length;
    const subtopics = topics * options.subtopics;
    const questions = subtopics * options.questions;
    return {
      calls: 1 + topics + subtopics + (options.related === 0 ? 0 : questions),
      promptTokens: 250,
      showsPassage: false,
      completionTokens: 25 * Math.max(options.questions, options.related),
      yield: 0.9 * questions * (1 + options.related),
    };
  },
  build: (options: TopicTreeOptions) => ({
    kind: 'whole',
    apply: (_, tools) => new Tree(tools, options).grow(),
  }),
});

/** The questions of one subtopic. */
interface Branch {
  readonly path: readonly string[];
  readonly key: string;
  readonly list: ReadList;
}

/** Keys of related questions begin behind those of any number of questions. */
const RELATED_FROM = 1_000;

/** One growing tree: what was written before is known in all of it. */
class Tree {
  readonly #tools: StageTools;
  readonly #options: TopicTreeOptions;
  readonly #reply = listReply();
  readonly #topics = new Seen();
  readonly #questions = new Seen();

  constructor(tools: StageTools, options: TopicTreeOptions) {
    this.#tools = tools;
    this.#options = options;
  }

  /** A topic after the other: what is asked about one is asked at once. */
  async *grow(): AsyncGenerator<Decision> {
    const given = this.#options.topics.filter((topic) => this.#topics.add(topic));
    const named = given.length > 0 ? undefined : await this.#list('topics', [], this.#options.topic_count);
    if (named !== undefined) yield* dropsOf(named);
    for (const [index, topic] of (named?.texts ?? given).entries()) {
      yield* this.#topic(topic, rootKey(index));
    }
  }

  async *#topic(topic: string, key: string): AsyncGenerator<Decision> {
    const subtopics = await this.#list('subtopics', [topic], this.#options.subtopics);
    yield* dropsOf(subtopics);
    const answers = await Promise.all(
      subtopics.texts.map((subtopic) => this.#ask('questions', [topic, subtopic], this.#options.questions)),
    );
    const branches = answers.map((answer, index) => ({
      path: [topic, subtopics.texts[index] ?? ''],
      key: childKey(key, index),
      list: readList(answer, this.#options.questions, this.#questions),
    }));
    for (const { list, path, key: place } of branches) yield* this.#decided(list, path, place);
    if (this.#options.related > 0) yield* this.#related(branches);
  }

  async *#related(branches: readonly Branch[]): AsyncGenerator<Decision> {
    const twigs = branches.flatMap(({ path, key, list }) =>
      // Beside the questions, not below them: what is below a question is made of it by later stages.
      list.texts.map((question, index) => ({ path, question, key: childKey(key, RELATED_FROM + index) })),
    );
    const answers = await Promise.all(
      twigs.map(({ path, question }) => this.#ask('related', [...path, question], this.#options.related)),
    );
    for (const [index, answer] of answers.entries()) {
      const { path = [], key = '' } = twigs[index] ?? {};
      yield* this.#decided(readList(answer, this.#options.related, this.#questions), path, key);
    }
  }

  *#decided(
    list: ReadList,
    [topic = '', subtopic = '']: readonly string[],
    key: string,
  ): Generator<Decision> {
    yield* dropsOf(list);
    const notes = { topic_tree: { topic, subtopic } };
    const kept = list.texts.map((question, index) =>
      openQuestion(question, {
        key: childKey(key, index),
        generator: 'topic_tree',
        list,
        domain: topic,
        notes,
      }),
    );
    if (kept.length > 0) yield { key: undefined, outcome: { kept, drops: [] } };
  }

  async #list(level: string, path: readonly string[], count: number): Promise<ReadList> {
    return readList(await this.#ask(level, path, count), count, this.#topics);
  }

  #ask(level: string, path: readonly string[], count: number) {
    return this.#tools.ask<ListReply>({
      prompt: `topic_tree/${level}`,
      values: { description: taskOf(this.#tools).description, path, count },
      reply: this.#reply,
      temperature: this.#options.temperature,
    });
  }
}

function* dropsOf({ drops }: ReadList): Generator<Decision> {
  for (const { reason, detail } of drops) yield { key: undefined, outcome: dropped(reason, detail) };
}
