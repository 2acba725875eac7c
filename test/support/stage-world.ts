// What stages are run with in tests: tools whose every part is given or refuses, items, and a table of them.

import { loadGenerationPromptFiles } from '../../src/adapters/generation-prompt-files.ts';
import { createRandom } from '../../src/core/random.ts';
import { childKey, rootKey, type Draft, type Item, type PairItem } from '../../src/generate/item.ts';
import type { Answer, Decision, ItemTable, Outcome, Stage, StageTools } from '../../src/generate/stage.ts';
import type { SourceRow } from '../../src/ports/row-source.ts';

/** What a scripted model is asked, and the value that it gives; undefined: a reply that nobody can read. */
export type Reply = (question: {
  readonly prompt: string;
  readonly values: Readonly<Record<string, unknown>>;
  readonly sample: number;
}) => unknown;

/** Tools that ask nobody, read nothing and know no task, but for what is given. */
export function stageTools(given: Partial<StageTools> = {}): StageTools {
  return {
    ask: () => Promise.reject(new Error('The test did not say what the model answers')),
    data: { find: () => undefined },
    random: createRandom(1),
    task: undefined,
    analyser: undefined,
    passages: undefined,
    files: {
      rows: (path) => {
        throw new Error(`The test has no file "${path}"`);
      },
    },
    embedder: undefined,
    signal: new AbortController().signal,
    ...given,
  };
}

/**
 * A model whose replies are checked by the question's own schema, at a tenth of a cent each. The question is rendered by its real
 * template first, so that a value which is missing shows here.
 */
export function scripted(reply: Reply): StageTools['ask'] {
  const prompts = loadGenerationPromptFiles();
  return async <Value>({ prompt, values, reply: shape, sample = 0 }: Parameters<StageTools['ask']>[0]) => {
    prompts.find(prompt).render(values);
    const said = reply({ prompt, values, sample });
    const read = shape === 'text' ? { success: typeof said === 'string', data: said } : shape.safeParse(said);
    const answer: Answer<Value> = read.success
      ? // Checked by the question's own schema.
        { kind: 'answer', value: read.data as Value, costUsd: 0.001, written: { prompt, model: 'scripted' } }
      : { kind: 'unreadable', detail: JSON.stringify(said) ?? 'nothing', costUsd: 0.001 };
    return answer;
  };
}

/** Files of rows, by path. */
export function filesOf(files: Readonly<Record<string, readonly object[]>>): StageTools['files'] {
  return {
    rows: (path) => {
      const rows = files[path];
      if (rows === undefined) throw new Error(`There is no file "${path}"`);
      const batch = rows.map((row, at): SourceRow => ({ kind: 'row', at: at + 1, row: { ...row } }));
      return { path, bytesTotal: 0, bytesRead: () => 0, batches: () => oneBatch(batch) };
    },
  };
}

async function* oneBatch<Value>(batch: Value): AsyncIterable<Value> {
  yield await Promise.resolve(batch);
}

/** The `index`th pair of a run, with this of its own. */
export function pairItem(index: number, draft: Partial<Draft>, more: Partial<PairItem> = {}): PairItem {
  return {
    kind: 'pair',
    key: childKey(rootKey(index), 0),
    draft: { question: `Question ${index}?`, answer: '1', aliases: [], generator: 'test', ...draft },
    costUsd: 0,
    notes: {},
    ...more,
  };
}

export function tableOf(items: readonly Item[]): ItemTable {
  return {
    count: items.length,
    read: async function* () {
      for (const item of items) yield await Promise.resolve(item);
    },
  };
}

/** What a stage makes of all these items: the outcome of each, in their order. */
export async function runStage(
  stage: Stage,
  items: readonly Item[],
  tools: StageTools = stageTools(),
): Promise<readonly Outcome[]> {
  if (stage.kind === 'each') return Promise.all(items.map((item) => stage.apply(item, tools)));
  const decisions = new Map<string | undefined, Decision>();
  for await (const decision of stage.apply(tableOf(items), tools)) decisions.set(decision.key, decision);
  return items.map(({ key }) => decisions.get(key)?.outcome ?? { kept: [], drops: [] });
}

/** For each item: `kept`, or the reason why it was dropped. */
export function fatesOf(outcomes: readonly Outcome[]): readonly string[] {
  return outcomes.map(({ kept, drops }) => drops[0]?.reason ?? (kept.length === 0 ? 'lost' : 'kept'));
}
