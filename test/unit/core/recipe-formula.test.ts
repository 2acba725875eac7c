// Recipes with a formula: read, checked, written again, and what their rewards are.

import { describe, expect, it } from 'vitest';
import { validateRecipe } from '../../../src/core/recipe-check.ts';
import { recipeFromJson, recipeToJson } from '../../../src/core/recipe-json.ts';
import { bareScorer, titleOf } from '../../../src/core/recipe.ts';
import { type Finding, outcomeOf } from '../../../src/core/reward.ts';
import { findVerifier, VERIFIERS } from '../../../src/core/verifiers/table.ts';

const SCORERS = { find: findVerifier, names: () => VERIFIERS.map(({ name }) => name) };

const JSON_RECIPE = {
  formula: '(name + 2 * mail) / 3',
  scorers: [
    { name: 'text_similarity', known_as: 'name', reference: '{{ item.name }}' },
    { name: 'string_check', known_as: 'mail', reference: '{{ item.email }}' },
  ],
};

function read(json: unknown) {
  return validateRecipe(recipeFromJson(json, 'reward'), SCORERS);
}

function outcome(findings: readonly Finding[], json: unknown = JSON_RECIPE) {
  const recipe = read(json);
  const reports = recipe.scorers.map((use, index) => ({
    use,
    finding: findings[index] ?? { kind: 'no_answer' as const },
    answer: undefined,
    answerSource: undefined,
  }));
  return outcomeOf(recipe, reports, undefined);
}

describe('recipeFromJson()', () => {
  it('reads a formula, which recipeToJson() writes as it was', () => {
    const recipe = recipeFromJson(JSON_RECIPE, 'reward');
    expect(recipe.combine).toBe('formula');
    expect(recipe.scorers.map(titleOf)).toEqual(['name', 'mail']);
    const written = recipeToJson(recipe);
    expect(written).toMatchObject({ combine: 'formula', formula: JSON_RECIPE.formula });
    expect(recipeFromJson(written, 'reward')).toEqual(recipe);
  });

  it.each([
    [{ ...JSON_RECIPE, combine: 'product' }, 'reward.combine'],
    [{ combine: 'formula', scorers: ['math'] }, 'reward.formula'],
    [{ ...JSON_RECIPE, formula: 5 }, 'reward.formula'],
    [{ ...JSON_RECIPE, formula: 'name +' }, 'reward.formula'],
    [{ formula: 'a', scorers: [{ name: 'math', known_as: 'not a name' }] }, 'reward.scorers[0].known_as'],
    [{ formula: 'a', scorers: [{ name: 'math', known_as: 3 }] }, 'reward.scorers[0].known_as'],
    [{ formula: 'other', scorers: ['math'] }, 'reward.formula'],
    [{ formula: 'math', scorers: ['math', 'exact'] }, 'reward.scorers[1]'],
    [{ formula: 'math', scorers: ['math', 'math'] }, 'reward.scorers[0].known_as'],
    [{ formula: 'math', scorers: [{ name: 'math', weight: 2 }] }, 'reward.scorers[0].weight'],
    [{ formula: 'math', scorers: [{ name: 'math', required: false }] }, 'reward.scorers[0].required'],
    [
      { formula: 'math + exact', scorers: ['math', { name: 'exact', when: 'incorrect' }] },
      'reward.scorers[1].when',
    ],
  ])('or validateRecipe() refuses %j and names "%s"', (json, field) => {
    expect(() => read(json)).toThrow(expect.objectContaining({ field }));
  });

  it('keeps a scorer that is known as something else from passing for its bare name', () => {
    expect(
      bareScorer(recipeFromJson({ scorers: [{ name: 'math', known_as: 'm' }] }, 'reward')),
    ).toBeUndefined();
  });
});

describe('outcomeOf()', () => {
  it('makes the reward by the formula, and calls scores by what they are known as', () => {
    expect(outcome([{ kind: 'score', score: 0.5 }, { kind: 'correct' }])).toMatchObject({
      kind: 'scored',
      reward: 2.5 / 3,
      scores: [
        { scorer: 'name', score: 0.5 },
        { scorer: 'mail', score: 1 },
      ],
    });
  });

  it('has no reward where one score is missing', () => {
    expect(
      outcome([
        { kind: 'score', score: 1 },
        { kind: 'unusable', reason: 'the row has no "item.email"' },
      ]),
    ).toMatchObject({ kind: 'unscorable', unscorable: { cause: 'ground_truth_unusable', scorer: 'mail' } });
  });

  it('has no reward where the formula comes to no number', () => {
    const json = { ...JSON_RECIPE, formula: 'name / mail' };
    expect(outcome([{ kind: 'correct' }, { kind: 'incorrect', reason: '' }], json)).toMatchObject({
      kind: 'unscorable',
      unscorable: { cause: 'formula_undefined' },
    });
  });

  it('counts a completion that says nothing to compare by the rule for missing answers', () => {
    const findings: readonly Finding[] = [{ kind: 'no_answer' }, { kind: 'correct' }];
    expect(outcome(findings)).toMatchObject({ kind: 'scored', reward: 2 / 3 });
    expect(outcome(findings, { ...JSON_RECIPE, no_answer: 'unscorable' })).toMatchObject({
      kind: 'unscorable',
      unscorable: { cause: 'no_answer', scorer: 'name' },
    });
  });

  it('leaves gates out of the formula, and gives the floor where one has closed', () => {
    const json = {
      formula: '10 * mail',
      floor: -1,
      scorers: [
        { name: 'format', pattern: 'json', gate: true },
        { name: 'string_check', known_as: 'mail', reference: 'x' },
      ],
    };
    expect(outcome([{ kind: 'correct' }, { kind: 'correct' }], json)).toMatchObject({ reward: 10 });
    expect(outcome([{ kind: 'incorrect', reason: '' }], json)).toMatchObject({ reward: -1 });
  });
});
