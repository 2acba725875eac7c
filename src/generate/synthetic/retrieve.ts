// Synthetic Data RL's retrieval (arXiv 2505.17063): a model names the keyword of a task and its synonyms, and the passages that have
// them become what questions are grounded in. Without a corpus there is an empty passage for each question to be written.

import { z } from 'zod';

import type { Passage } from '../../core/document.ts';
import { keyedPermutation, type Random } from '../../core/random.ts';
import { childKey, rootKey, type PassageItem } from '../item.ts';
import { type Decision, dropped, kept, stageKind, type StageTools } from '../stage.ts';
import { taskOf, taskValues } from './task-values.ts';

const retrieveOptions = () =>
  z.strictObject({
    /** Passages that go on: one question is written for each. */
    passages: z.int().min(1).default(500),
    /** Best passages of the corpus that they are taken from. */
    pool: z.int().min(1).default(10_000),
    /** `shuffled`: any of the pool, as in the paper, where the rank does not count. `ranked`: the best ones. */
    order: z.enum(['shuffled', 'ranked']).default('shuffled'),
    /** Longer passages are cut. */
    chars_max: z.int().min(1).default(2_048),
  });
type RetrieveOptions = z.output<ReturnType<typeof retrieveOptions>>;

const keywordsReply = () => z.strictObject({ keyword: z.string(), synonyms: z.array(z.string()) });

export const retrieve = stageKind({
  name: 'retrieve',
  summary: 'A model names keywords of the task, and passages of the corpus that have them go on (BM25).',
  takes: 'task',
  gives: 'passage',
  model: 'teacher',
  needs: ['task'],
  options: retrieveOptions,
  estimate: ({ passages }: RetrieveOptions) => ({
    calls: 1,
    promptTokens: 400,
    showsPassage: false,
    completionTokens: 100,
    yield: passages,
  }),
  build: (options: RetrieveOptions) => ({
    kind: 'whole',
    apply: (_, tools) => passagesFor(tools, options),
  }),
});

async function* passagesFor(tools: StageTools, options: RetrieveOptions): AsyncIterable<Decision> {
  const task = taskOf(tools);
  const answer = await tools.ask({
    prompt: 'retrieve/keywords',
    values: taskValues(task),
    reply: keywordsReply(),
    temperature: 0,
  });
  if (answer.kind === 'unreadable') {
    yield { key: undefined, outcome: dropped('unreadable_reply', answer.detail) };
    return;
  }
  const { keyword, synonyms } = answer.value;
  const words = [...new Set([keyword, ...synonyms].map((word) => word.trim()).filter((word) => word !== ''))];
  const found = await find(tools, words, options);
  if (found.length === 0) {
    const detail = `no passage of the corpus has one of ${words.map((word) => `"${word}"`).join(', ')}`;
    yield { key: undefined, outcome: dropped('nothing_retrieved', detail) };
    return;
  }
  const notes = { retrieve: { keywords: words } };
  const items = found.map((passage, index): PassageItem => ({
    kind: 'passage',
    key: childKey(rootKey(index), 0),
    passage,
    notes,
  }));
  yield { key: undefined, outcome: kept(...items) };
}

async function find(
  { passages, random, task }: StageTools,
  words: readonly string[],
  options: RetrieveOptions,
): Promise<readonly Passage[]> {
  if (passages === undefined) {
    // The title leads each question to another corner of the task.
    return Array.from({ length: options.passages }, (_, index) =>
      emptyPassage(task?.name ?? '', index, words[index % words.length]),
    );
  }
  const pool = await passages.search(words, options.pool);
  const size = Math.min(options.passages, pool.length);
  const places =
    options.order === 'ranked'
      ? Array.from({ length: size }, (_, index) => index)
      : drawn(pool.length, size, random);
  return places.flatMap((place) => {
    const passage = pool[place]?.passage;
    return passage === undefined ? [] : [cut(passage, options.chars_max)];
  });
}

function drawn(count: number, size: number, random: Random): readonly number[] {
  if (count === 0) return [];
  const at = keyedPermutation({ count, words: [random.uint32()] });
  return Array.from({ length: size }, (_, position) => at(position));
}

function emptyPassage(name: string, index: number, title: string | undefined): Passage {
  const id = `${name}#${index + 1}`;
  return {
    documentId: id,
    source: id,
    title,
    text: '',
    span: { start: 0, end: 0 },
    license: undefined,
  };
}

/** The beginning of a passage, cut where a character ends. */
function cut(passage: Passage, charsMax: number): Passage {
  if (passage.text.length <= charsMax) return passage;
  const text = passage.text.slice(0, charsMax).replace(/[\uD800-\uDBFF]$/u, '');
  const start = passage.span.start;
  return { ...passage, text, span: { start, end: start + Buffer.byteLength(text) } };
}
