// Passages in other words, and the way back to what the document says.

import { describe, expect, it } from 'vitest';

import { loadPromptDataFiles } from '../../../../src/adapters/prompt-data-files.ts';
import { draftPairOf } from '../../../../src/commands/generate/draft-pair.ts';
import { createRandom } from '../../../../src/core/random.ts';
import { originalPassage } from '../../../../src/generate/generators/original-passage.ts';
import { rewriteAudience } from '../../../../src/generate/generators/rewrite-audience.ts';
import { rewriteStyle } from '../../../../src/generate/generators/rewrite-style.ts';
import { rootKey, type Item, type PassageItem } from '../../../../src/generate/item.ts';
import { generate } from '../../../../src/generate/stages/generate.ts';
import { stringChecks } from '../../../../src/generate/stages/string-checks.ts';
import type { Outcome, Stage } from '../../../../src/generate/stage.ts';
import { fatesOf, type Reply, runStage, scripted, stageTools } from '../../../support/stage-world.ts';

const TEXT = 'Café notes. Mercury melts at −38.83 °C. It was known in Egypt by 1500 BC.';
const START = 40;
const EASY = 'There is a metal that is wet! Mercury melts at −38.83 °C, colder than ice. Egypt had it.';

function passageItem(index = 0): PassageItem {
  const span = { start: START, end: START + Buffer.byteLength(TEXT) };
  const passage = { documentId: 'doc', source: 'd.md', title: 'Metals', text: TEXT, span, license: 'CC0' };
  return { kind: 'passage', key: rootKey(index), passage, notes: {} };
}

const tools = (reply: Reply, seed = 1) =>
  stageTools({ ask: scripted(reply), data: loadPromptDataFiles(), random: createRandom(seed) });

async function run(stage: Stage, items: readonly Item[], reply: Reply): Promise<readonly Outcome[]> {
  return runStage(stage, items, tools(reply));
}

const passagesOf = (outcomes: readonly Outcome[]): readonly PassageItem[] =>
  outcomes.flatMap(({ kept }) => kept).flatMap((item) => (item.kind === 'passage' ? [item] : []));

const asked = async (options: object, seed: number) => {
  const manners: unknown[] = [];
  const items = Array.from({ length: 12 }, (_, index) => passageItem(index));
  const outcomes = await runStage(
    rewriteAudience.prepare(options).stage,
    items,
    tools(({ values }) => `${String(values['audience'])}: ${EASY}`, seed),
  );
  for (const { notes } of passagesOf(outcomes)) manners.push(notes['rewrite_audience']);
  return manners;
};

const pair = (answer: string, evidence: string) => ({
  pairs: [
    {
      reader: 1,
      question: 'At what temperature does mercury melt?',
      answer,
      aliases: [],
      answer_type: 'quantity',
      evidence,
    },
  ],
});

/** A pair that was made of the easy rewriting. */
async function made(answer: string, evidence: string): Promise<readonly Item[]> {
  const rewritten = await run(rewriteStyle.prepare({ styles: ['easy'] }).stage, [passageItem()], () => EASY);
  const generated = await run(generate.prepare({ shots: 0 }).stage, passagesOf(rewritten), () =>
    pair(answer, evidence),
  );
  return generated.flatMap(({ kept }) => kept);
}
const rowOf = (item: Item | undefined) => {
  if (item?.kind !== 'pair') throw new TypeError('There is no pair');
  return draftPairOf(item).provenance;
};
const restored = async (items: readonly Item[], options: object = {}) =>
  runStage(originalPassage.prepare(options).stage, items);

describe('the stage "rewrite_style"', () => {
  it('writes a passage anew in each style, beside the original where it is to stay', async () => {
    const { stage } = rewriteStyle.prepare({ styles: ['easy', 'qa'], keep_original: true });
    const outcomes = await run(stage, [passageItem()], ({ prompt }) => `${prompt}: ${EASY}`);
    const passages = passagesOf(outcomes);
    expect(passages.map(({ passage }) => passage.text)).toEqual([
      TEXT,
      `rewrite_style/easy: ${EASY}`,
      `rewrite_style/qa: ${EASY}`,
    ]);
    expect(passages[2]).toMatchObject({
      passage: { documentId: 'doc', license: 'CC0', rewrittenFrom: { text: TEXT, span: { start: START } } },
      notes: { rewrite_style: { style: 'qa' } },
    });
  });

  it.each([
    ['what lost too much', 'Mercury melts.', 'rewriting_too_short'],
    ['what is the same text', `  ${TEXT.toUpperCase()}`, 'same_wording'],
    ['what cannot be read', undefined, 'unreadable_reply'],
  ])('drops %s', async (_, reply, reason) => {
    const { stage } = rewriteStyle.prepare({ min_share: 0.3 });
    expect(fatesOf(await run(stage, [passageItem()], () => reply))).toEqual([reason]);
  });

  it('writes no rewriting anew, and nothing twice', async () => {
    const { stage } = rewriteStyle.prepare({ keep_original: true });
    const first = await run(stage, [passageItem()], () => EASY);
    const items = passagesOf(first);
    const again = await run(stage, items, () => 'never asked');
    expect(passagesOf(again)).toEqual(items);
  });
});

describe('the stage "rewrite_audience"', () => {
  it('draws audience and style for each passage, the same again for the same seed', async () => {
    const manners = await asked({}, 1);
    expect(manners).toHaveLength(12);
    expect(new Set(manners.map((manner) => JSON.stringify(manner))).size).toBeGreaterThan(4);
    expect(await asked({}, 1)).toEqual(manners);
  });

  it('draws among those that the recipe names, each pair of them once', async () => {
    const options = { audiences: ['children'], styles: ['story', 'post'], per_passage: 3 };
    const manners = await asked(options, 1);
    expect(manners).toHaveLength(24);
    expect(new Set(manners.map((manner) => JSON.stringify(manner)))).toEqual(
      new Set([
        JSON.stringify({ audience: 'children', style: 'story' }),
        JSON.stringify({ audience: 'children', style: 'post' }),
      ]),
    );
  });

  it('refuses a name that is not in its file', async () => {
    await expect(asked({ audiences: ['sailors'] }, 1)).rejects.toThrow(/no "sailors".*children, pupils/u);
  });
});

describe('a pair of a rewritten passage', () => {
  it('passes the string checks by the rewriting, and claims no bytes of the document', async () => {
    const items = await made('−38.83 °C', 'Mercury melts at −38.83 °C, colder than ice');
    expect(fatesOf(await runStage(stringChecks.prepare({}).stage, items))).toEqual(['kept']);
    expect(rowOf(items[0])).toMatchObject({ documentId: 'doc', span: undefined });
    expect(rowOf(items[0]).extra).toMatchObject({ notes: { rewrite_style: { style: 'easy' } } });
  });

  it.each([
    ['its evidence', 'Mercury melts at −38.83 °C', 'Mercury melts at −38.83 °C'],
    ['its answer, where the words around it are new', 'at −38.83 °C, colder than ice', '−38.83 °C'],
  ])('gets the bytes of %s in the document back from "original_passage"', async (_, evidence, found) => {
    const [outcome] = await restored(await made('−38.83 °C', evidence));
    const [item] = outcome?.kept ?? [];
    const { span } = rowOf(item);
    const bytes = Buffer.from(TEXT).subarray((span?.start ?? 0) - START, (span?.end ?? 0) - START);
    expect(bytes.toString()).toBe(found);
    expect(item?.kind === 'pair' ? item.passage?.text : '').toBe(TEXT);
    expect(fatesOf(await runStage(stringChecks.prepare({}).stage, outcome?.kept ?? []))).toEqual(['kept']);
  });

  it('is noted or dropped by "original_passage" where the document has neither', async () => {
    const items = await made('colder than ice', 'colder than ice');
    const [noted] = await restored(items);
    expect(noted?.kept[0]?.notes['original_passage']).toBe('evidence_not_found');
    expect(rowOf(noted?.kept[0]).span).toBeUndefined();
    expect(fatesOf(await restored(items, { lost_evidence: 'drop' }))).toEqual(['evidence_not_found']);
  });

  it('is handed on as it is by "original_passage" where its passage was never rewritten', async () => {
    const generated = await run(generate.prepare({ shots: 0 }).stage, [passageItem()], () =>
      pair('−38.83 °C', 'Mercury melts at −38.83 °C'),
    );
    const items = generated.flatMap(({ kept }) => kept);
    expect((await restored(items))[0]?.kept).toEqual(items);
    expect(rowOf(items[0]).span?.start).toBe(START + Buffer.byteLength('Café notes. '));
  });
});
