import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { builtInRecipes } from '../../../../src/adapters/recipe-file.ts';
import { prepareGeneration } from '../../../../src/commands/generate/prepare.ts';
import { chooseRecipe } from '../../../../src/commands/generate/recipe-choice.ts';
import { refusalBy } from '../../../support/refusal.ts';

const folder = mkdtempSync(join(tmpdir(), 'recipe-choice-'));
const task = join(folder, 'task.yaml');
writeFileSync(task, 'description: Add numbers');
writeFileSync(join(folder, 'a.md'), 'Some text.');
afterAll(() => rmSync(folder, { recursive: true }));

const NOBODY = { generatorModel: undefined, policyModel: undefined };
const BOTH = { generatorModel: 'big', policyModel: 'small' };

describe('chooseRecipe()', () => {
  it.each([
    ['extractive', {}, NOBODY],
    ['webscale-rl', {}, BOTH],
    ['synthetic-data-rl', { task }, BOTH],
    ['extractive', { recipe: 'extractive' }, BOTH],
  ])('chooseRecipe() takes %s for %j with %j', (name, flags, models) => {
    expect(chooseRecipe(flags, models).recipe.name).toBe(name);
  });

  it('chooseRecipe() gives a recipe the models of the environment', () => {
    expect(chooseRecipe({}, BOTH).recipe.models).toMatchObject([
      { name: 'teacher', model: 'big' },
      { name: 'policy', model: 'small' },
    ]);
  });

  it('chooseRecipe() refuses a task without a model', () => {
    expect(refusalBy(() => chooseRecipe({ task }, NOBODY))).toMatchObject({ field: '--task' });
  });
});

describe('prepareGeneration()', () => {
  it.each(builtInRecipes())('prepareGeneration() finds the recipe %s sound', (name) => {
    const prepared = prepareGeneration([folder], { recipe: name, task }, BOTH);
    expect(prepared.stages.length).toBeGreaterThan(0);
  });

  it('prepareGeneration() leaves out a model that no stage asks: it needs no price and no key', () => {
    for (const [recipe, names] of [
      ['extractive', []],
      ['webscale-rl', ['teacher']],
      ['synthetic-data-rl', ['teacher', 'policy']],
    ] as const) {
      const { models } = prepareGeneration([folder], { recipe, task }, BOTH).recipe;
      expect(models.map(({ name }) => name)).toEqual(names);
    }
  });

  it('prepareGeneration() takes sources for the corpus where the first stage begins with a task', () => {
    const prepared = prepareGeneration([folder], { task }, BOTH);
    expect(prepared.documents).toBeUndefined();
    expect(prepared.corpus).toMatchObject([{ path: folder }]);
    expect(prepareGeneration([folder], {}, BOTH).corpus).toEqual([]);
  });
});
