// A generation run with everything around it, for tests: toy prompts, documents that are made up, stores in memory or on disk, and
// a model behind a real client at a real local server.

import { join } from 'node:path';
import { OpenAiLanguageModel } from '../../src/adapters/openai-language-model.ts';
import { loadGenerationPromptFiles } from '../../src/adapters/generation-prompt-files.ts';
import { SystemClock } from '../../src/adapters/system-clock.ts';
import type { StageChoice } from '../../src/core/generation-recipe.ts';
import type { TaskDefinition } from '../../src/core/task-definition.ts';
import type { RecipeModel } from '../../src/generate/engine/ask.ts';
import { planStages } from '../../src/generate/engine/plan.ts';
import { GenerationRun, type RunOptions } from '../../src/generate/engine/run.ts';
import type { PairItem } from '../../src/generate/item.ts';
import type { DocumentSource } from '../../src/ports/document-source.ts';
import {
  assembleManagedModel,
  type ManagedModelSettings,
} from '../../src/services/language-models/managed-model.ts';
import { collect } from './collect.ts';
import { MemoryItemSpool, MemoryReplyJournal } from './memory-generation.ts';
import { TOY_KINDS } from './toy-stages.ts';

export const TOY_PROMPTS = join(import.meta.dirname, '../fixtures/prompts');
export const TOY_STAGES: readonly StageChoice[] = ['filter', 'write', 'check', 'unique', 'reword'].map(
  (name) => ({ name, options: {} }),
);

/** Documents "fact 0 …", "fact 1 …", each a passage. */
export function factDocuments(count: number, words = 20): DocumentSource {
  let read = 0;
  return {
    bytesTotal: count,
    bytesRead: () => read,
    async *documents() {
      for (read = 0; read < count;) {
        const text = `fact ${read} ${'is worth knowing '.repeat(words / 4)}`;
        const source = `facts/${read}.txt`;
        const span = { start: 0, end: Buffer.byteLength(text) };
        const documentId = `d${read}`;
        read += 1;
        yield {
          kind: 'document' as const,
          passages: [{ documentId, source, title: undefined, text, span, license: undefined }],
        };
      }
    },
  };
}

/** A model at these servers. */
export function modelAt(urls: readonly string[], settings: Partial<ManagedModelSettings> = {}): RecipeModel {
  const clock = new SystemClock();
  const managed = assembleManagedModel(
    {
      name: 'teacher',
      model: 'test-teacher',
      price: { input: 1, output: 4 },
      deadlineMs: 20_000,
      attemptTimeoutMs: 1_000,
      attemptsMax: 40,
      concurrencyMax: 16,
      breaker: { failuresMax: 8, firstWaitMs: 20, waitMsMax: 100 },
      ...settings,
    },
    {
      clock,
      endpoints: urls.map((baseUrl, index) => ({
        name: `endpoint-${index}`,
        weight: 1,
        model: new OpenAiLanguageModel({ baseUrl, clock }),
      })),
    },
  );
  return { managed, temperature: 0.7, maxTokens: 200, seed: 0 };
}

export interface WorldOptions extends Partial<RunOptions> {
  readonly choices?: readonly StageChoice[] | undefined;
  readonly task?: TaskDefinition | undefined;
}

/** A run of toy stages over twenty made-up documents, but for what is given. */
export function toyRun({ choices = TOY_STAGES, task, ...options }: WorldOptions = {}): GenerationRun {
  const models = options.models ?? new Map<string, RecipeModel>();
  const stages =
    options.stages ??
    planStages(choices, {
      kinds: TOY_KINDS,
      models: [...models.keys()],
      has: new Set(task === undefined ? [] : ['task']),
      hasDocuments: task === undefined,
    });
  return new GenerationRun({
    stages,
    documents: task === undefined ? factDocuments(20) : undefined,
    models,
    prompts: loadGenerationPromptFiles({ builtIn: TOY_PROMPTS }),
    journal: new MemoryReplyJournal(),
    spool: new MemoryItemSpool(),
    clock: new SystemClock(),
    tools: {
      data: { find: () => undefined },
      files: {
        rows: () => {
          throw new Error('no files');
        },
      },
      task,
      analyser: undefined,
      passages: undefined,
      embedder: undefined,
    },
    seed: 1,
    concurrency: 4,
    interrupt: new AbortController().signal,
    ...options,
  });
}

export async function pairsOf(run: GenerationRun): Promise<readonly PairItem[]> {
  return collect(run.pairs());
}
