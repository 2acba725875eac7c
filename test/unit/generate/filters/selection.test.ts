// Stages that rate and choose: what they ask, what they note, whom they leave out.

import { describe, expect, it } from 'vitest';

import { deita } from '../../../../src/generate/filters/deita.ts';
import { embeddingSimilarity } from '../../../../src/generate/filters/embedding-similarity.ts';
import { kCenter } from '../../../../src/generate/filters/k-center.ts';
import { qdit } from '../../../../src/generate/filters/qdit.ts';
import { complexity, quality } from '../../../../src/generate/filters/rating.ts';
import { tagSelect } from '../../../../src/generate/filters/tag-select.ts';
import { tag } from '../../../../src/generate/filters/tags.ts';
import type { Embedder } from '../../../../src/ports/embedder.ts';
import { fatesOf, pairItem, runStage, scripted, stageTools } from '../../../support/stage-world.ts';

/** Questions "0°", "90°": each is the direction that it names. */
const compass: Embedder = {
  name: 'compass',
  dimensions: 2,
  embed: (texts) =>
    Promise.resolve(
      texts.map((text) => {
        const angle = (Number.parseFloat(text) * Math.PI) / 180;
        return Float32Array.of(Math.cos(angle), Math.sin(angle));
      }),
    ),
};
const tools = stageTools({ embedder: compass });
const directions = (...angles: readonly number[]) =>
  angles.map((angle, at) => pairItem(at, { question: `${angle}°` }));

describe('the stages "quality" and "complexity"', () => {
  const levels = scripted(({ prompt, values, sample }) => {
    const { question } = values as { question: string };
    if (question === 'broken') return { level: 'six' };
    return { reasoning: `${prompt} ${sample}`, level: question === 'bad' ? 2 + sample : 5 };
  });
  const items = ['good', 'bad', 'broken'].map((question, at) => pairItem(at, { question }));

  it('"quality" drops what is below its limit, notes the level and books what it cost', async () => {
    const outcomes = await runStage(quality.prepare({}).stage, items, stageTools({ ask: levels }));
    expect(fatesOf(outcomes)).toEqual(['kept', 'low_quality', 'unreadable_reply']);
    expect(outcomes[0]?.kept[0]).toMatchObject({ notes: { quality: 5 }, costUsd: 0.001 });
    expect(outcomes[1]?.drops[0]?.detail).toContain('level 2');
  });

  it('"quality" takes the mean of its samples', async () => {
    const { stage } = quality.prepare({ samples: 3, min: 3 });
    const [, bad] = await runStage(stage, items, stageTools({ ask: levels }));
    expect(bad?.kept[0]).toMatchObject({ notes: { quality: 3 } });
  });

  it('"complexity" rates and drops nobody when it is not told to', async () => {
    const { stage } = complexity.prepare({});
    const outcomes = await runStage(stage, items.slice(0, 2), stageTools({ ask: levels }));
    expect(fatesOf(outcomes)).toEqual(['kept', 'kept']);
    expect(outcomes[1]?.kept[0]?.notes).toEqual({ complexity: 2 });
  });
});

describe('the stage "embedding_similarity"', () => {
  it('drops what is nearer to one that stays than its limit', async () => {
    // cos 10° is 0.985, cos 30° is 0.866.
    const { stage } = embeddingSimilarity.prepare({ max: 0.9 });
    expect(fatesOf(await runStage(stage, directions(0, 10, 30, 90), tools))).toEqual([
      'kept',
      'similar_meaning',
      'kept',
      'kept',
    ]);
  });
});

describe('the stage "qdit"', () => {
  it('covers all directions when only diversity counts, and takes the best when only quality does', async () => {
    const items = directions(0, 1, 2, 90).map((item, at) => ({ ...item, notes: { quality: 5 - at } }));
    const diverse = qdit.prepare({ size: 2, quality_share: 0 }).stage;
    expect(fatesOf(await runStage(diverse, items, tools))).toEqual([
      'not_selected',
      'not_selected',
      'kept',
      'kept',
    ]);
    const best = qdit.prepare({ share: 0.5, quality_share: 1 }).stage;
    expect(fatesOf(await runStage(best, items, tools))).toEqual([
      'kept',
      'kept',
      'not_selected',
      'not_selected',
    ]);
  });

  it('says which note it misses', async () => {
    const { stage } = qdit.prepare({ size: 1 });
    await expect(runStage(stage, directions(0), tools)).rejects.toThrow('Cannot select by "quality"');
  });

  it.each([[{}], [{ size: 1, share: 0.5 }]])('refuses %j: it wants one of size and share', (options) => {
    expect(() => qdit.prepare(options)).toThrow('needs either');
  });
});

describe('the stage "deita"', () => {
  it('takes the highest product first, and leaves out what is too close to a chosen one', async () => {
    const items = directions(0, 5, 90, 180).map((item, at) => ({
      ...item,
      notes: { quality: [5, 6, 3, 1][at] ?? 0, complexity: [2, 2, 2, 2][at] ?? 0 },
    }));
    const { stage } = deita.prepare({ size: 2 });
    expect(fatesOf(await runStage(stage, items, tools))).toEqual([
      'similar_meaning',
      'kept',
      'kept',
      'not_selected',
    ]);
  });
});

describe('the stage "k_center"', () => {
  it('chooses as many as it is told to, far from each other, and the same ones each time', async () => {
    const items = directions(0, 1, 2, 3, 120, 121, 240, 241);
    const { stage } = kCenter.prepare({ size: 3, first: 1 });
    const fates = fatesOf(await runStage(stage, items, stageTools({ embedder: compass })));
    expect(fates.filter((fate) => fate === 'kept')).toHaveLength(3);
    expect(fates.slice(0, 4).filter((fate) => fate === 'kept')).toHaveLength(1);
    expect(fates.slice(4, 6).filter((fate) => fate === 'kept')).toHaveLength(1);
    expect(fatesOf(await runStage(stage, items, stageTools({ embedder: compass })))).toEqual(fates);
  });
});

describe('the stages "tag" and "tag_select"', () => {
  it('"tag" notes tags in their normal form, each once, without sentences', async () => {
    const ask = scripted(() => ({
      tags: ['Unit-Conversions', 'unit conversion', 'Physics', 'this is a whole sentence and no tag', '!'],
    }));
    const [outcome] = await runStage(tag.prepare({}).stage, [pairItem(0, {})], stageTools({ ask }));
    expect(outcome?.kept[0]?.notes).toEqual({ tags: ['unit conversion', 'physics'] });
  });

  it('"tag_select" takes questions with many tags first, and in a pass only those with a new one', async () => {
    const tags = [['a'], ['a', 'b'], ['b'], ['c', 'rare']];
    const items = tags.map((own, at) => pairItem(at, {}, { notes: { tags: own } }));
    const { stage } = tagSelect.prepare({ size: 2, frequency_min: 1 });
    expect(fatesOf(await runStage(stage, items))).toEqual(['not_selected', 'kept', 'not_selected', 'kept']);
  });
});
