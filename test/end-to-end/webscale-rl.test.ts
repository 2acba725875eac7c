// The recipe that comes along, over a real client and a real local server: every stage with its real prompts.

import { afterEach, describe, expect, test } from 'vitest';
import { loadGenerationPromptFiles } from '../../src/adapters/generation-prompt-files.ts';
import { loadPromptDataFiles } from '../../src/adapters/prompt-data-files.ts';
import { readRecipeFile, recipePath } from '../../src/adapters/recipe-file.ts';
import type { StageChoice } from '../../src/core/generation-recipe.ts';
import { whyUnusable } from '../../src/core/ground-truth-check.ts';
import { textAtBytes } from '../../src/core/quote-search.ts';
import { planStages } from '../../src/generate/engine/plan.ts';
import type { GenerationRun } from '../../src/generate/engine/run.ts';
import type { PairItem } from '../../src/generate/item.ts';
import { STAGE_KINDS } from '../../src/generate/table.ts';
import { generationModel, unreliable } from '../support/generation-model.ts';
import { modelAt, pairsOf, toyRun } from '../support/generation-world.ts';
import { MemoryReplyJournal } from '../support/memory-generation.ts';
import { startOpenAiServer, type OpenAiServer } from '../support/openai-server.ts';
import { stageTools } from '../support/stage-world.ts';
import { townDocuments, TOWN_HANDLERS } from '../support/webscale-model.ts';

const DOCUMENTS = 40;
/** Those of the recipe, and the two that it leaves to choice, before answers get their normal form. */
const CHOICES: readonly StageChoice[] = readRecipeFile(recipePath('webscale-rl')).stages.flatMap((choice) =>
  choice.name === 'normalize_answer'
    ? [
        { name: 'label_agreement', options: { samples: 3 } },
        { name: 'closed_book', options: { samples: 4 } },
        choice,
      ]
    : [choice],
);

const servers: OpenAiServer[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function serve(behave = generationModel(TOWN_HANDLERS)): Promise<OpenAiServer> {
  const server = await startOpenAiServer(behave);
  servers.push(server);
  return server;
}

function townRun(server: OpenAiServer, options: Parameters<typeof toyRun>[0] = {}): GenerationRun {
  const model = modelAt([server.url], { attemptTimeoutMs: 300 });
  const models = new Map([
    ['teacher', model],
    ['policy', model],
  ]);
  const around = {
    kinds: STAGE_KINDS,
    models: [...models.keys()],
    has: new Set<never>(),
    hasDocuments: true,
  };
  return toyRun({
    stages: planStages(CHOICES, around),
    documents: townDocuments(DOCUMENTS),
    models,
    prompts: loadGenerationPromptFiles(),
    tools: { ...stageTools(), data: loadPromptDataFiles() },
    ...options,
  });
}

function evidenceOf({ draft, passage }: PairItem): string {
  if (draft.evidence === undefined || passage === undefined) return '';
  return textAtBytes(passage.text, draft.evidence, passage.span.start);
}

describe('the recipe webscale-rl', () => {
  test('makes verifiable pairs of documents, and says why every other one is none', async () => {
    const run = townRun(await serve());
    const report = await run.run();
    const pairs = await pairsOf(run);
    expect(report).toMatchObject({ state: 'finished', unfinished: 0, kept: pairs.length });
    expect(Object.keys(report.dropped).toSorted()).toEqual([
      'evidence_not_found',
      'labels_disagree',
      'leaks_answer',
      'same_fact',
      'too_easy',
      'too_shallow',
      'too_short',
      'wrong_answer',
    ]);
    expect(pairs.length).toBeGreaterThan(DOCUMENTS);
    expect(new Set(pairs.map(({ draft }) => draft.persona))).toEqual(
      new Set(['historian, of trade', 'Tourist', 'mason']),
    );
    expect(new Set(pairs.map(({ draft }) => draft.domain))).toEqual(new Set(['Other', 'Travel & Lifestyle']));
    for (const pair of pairs) {
      const { question, answer, aliases, answerType, written } = pair.draft;
      expect(question).toMatch(/Arnheim-\d+/u);
      expect(answerType && whyUnusable(answerType, { answer, aliases })).toBeUndefined();
      expect(pair.passage?.text).toContain(evidenceOf(pair));
      expect(evidenceOf(pair)).toContain(answer.split(' ')[0]);
      expect(written?.prompt).toMatch(/^(?:generate\/pairs|repair\/question)@\d+-[0-9a-f]{8}$/u);
      expect(pair.costUsd).toBeGreaterThan(0);
    }
    const mended = pairs.filter(({ notes }) => 'repair' in notes);
    expect(mended.length).toBeGreaterThan(0);
    const voted = pairs.filter(({ notes }) => JSON.stringify(notes['check']).includes('"votes":3'));
    expect(voted.length).toBeGreaterThan(0);
  });

  test('reads the same from a server that fails in three calls of ten, however it fails', async () => {
    const lines: string[] = [];
    for (const seed of [1, 2]) {
      const server = await serve(unreliable(generationModel(TOWN_HANDLERS), { seed }));
      const run = townRun(server, { documents: townDocuments(16) });
      const report = await run.run();
      expect(report).toMatchObject({ state: 'finished', unfinished: 0 });
      lines.push(JSON.stringify(await pairsOf(run)));
    }
    expect(lines[1]).toBe(lines[0]);
  });

  test('buys nothing a second time', async () => {
    const server = await serve();
    const journal = new MemoryReplyJournal();
    const first = townRun(server, { journal });
    await first.run();
    const bought = server.log.length;
    const second = townRun(server, { journal, concurrency: 17 });
    expect(await second.run()).toMatchObject({ calls: 0, costUsd: 0 });
    expect(server.log).toHaveLength(bought);
    expect(JSON.stringify(await pairsOf(second))).toBe(JSON.stringify(await pairsOf(first)));
  });

  test('never shows the passage to the policy that answers from memory', async () => {
    const server = await serve();
    await townRun(server).run();
    const closedBook = server.log.filter(({ body }) => body['response_format'] === undefined);
    expect(closedBook.length).toBeGreaterThan(0);
    for (const { body } of closedBook) {
      const text = body.messages.map(({ content }) => content).join('\n');
      expect(text).not.toContain('river Vesta');
      expect(text).toContain('Arnheim');
    }
  });
});
