// Graders as JSON: what each becomes, what is refused and in which words, and what hostile files come to.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EnvError } from '../../../../src/core/errors.ts';
import { openAiScorerFromJson } from '../../../../src/core/graders/grader-json.ts';
import { recipeOfOpenAiScorer } from '../../../../src/core/graders/grader-recipe.ts';
import { recipeFromJson } from '../../../../src/core/recipe-json.ts';

const CHECK = {
  type: 'string_check',
  name: 'exactly',
  input: '{{ sample.output_text }}',
  reference: '{{ item.reference_answer }}',
  operation: 'eq',
};
const SIMILAR = {
  type: 'text_similarity',
  name: 'alike',
  input: '{{ sample.output_text }}',
  reference: '{{ item.reference_answer }}',
  evaluation_metric: 'fuzzy_match',
  pass_threshold: 0.8,
};
const MODEL = {
  type: 'score_model',
  name: 'My Score Model!',
  model: 'o4-mini',
  input: [
    { role: 'developer', content: 'Grade.' },
    {
      role: 'user',
      content: [{ type: 'input_text', text: 'Of {{ item.reference_answer }}:' }, '{{ sample.output_text }}'],
    },
  ],
};
const MULTI = {
  type: 'multi',
  name: 'both',
  graders: { a: CHECK, b: SIMILAR },
  calculate_output: '(a + b) / 2',
};

function imported(json: unknown) {
  const made = recipeOfOpenAiScorer(openAiScorerFromJson(json));
  // Whatever is made can be read as a recipe.
  recipeFromJson(made.recipe, 'reward');
  return made;
}

function faultOf(json: unknown): EnvError {
  try {
    imported(json);
  } catch (error) {
    if (error instanceof EnvError) return error;
    throw error;
  }
  throw new Error('it was taken');
}

describe('recipeOfOpenAiScorer()', () => {
  it('makes a string check the verifier of that name', () => {
    const { name: _, type: name, ...options } = CHECK;
    expect(imported(CHECK)).toEqual({
      recipe: { scorers: [{ name, ...options, known_as: 'exactly' }] },
      judges: [],
      cosines: [],
      notes: [],
    });
  });

  it('takes the guide\'s "neq" for "ne", and a grader inside of a request', () => {
    const { recipe } = imported({ grader: { ...CHECK, operation: 'neq' } });
    expect(recipe['scorers']).toMatchObject([{ operation: 'ne' }]);
  });

  it('says what a pass_threshold is for', () => {
    const { recipe, notes } = imported(SIMILAR);
    expect(recipe['scorers']).toMatchObject([{ name: 'text_similarity', evaluation_metric: 'fuzzy_match' }]);
    expect(notes).toEqual([expect.stringContaining('--threshold 0.8')]);
  });

  it('makes a cosine a reward model, alone and in a formula', () => {
    const cosine = { ...SIMILAR, evaluation_metric: 'cosine', name: 'In meaning' };
    expect(imported(cosine)).toMatchObject({
      recipe: { scorers: [{ name: 'in-meaning', reference: '{{ item.reference_answer }}' }] },
      cosines: ['in-meaning'],
    });
    const made = imported({ ...MULTI, graders: { a: CHECK, b: cosine } });
    expect(made).toMatchObject({
      recipe: { scorers: [{}, { name: 'both-b', known_as: 'b' }] },
      cosines: ['both-b'],
    });
  });

  it('makes a score model a judge', () => {
    const { recipe, judges } = imported({
      ...MODEL,
      sampling_params: {
        temperature: 0.5,
        top_p: 1,
        seed: null,
        max_completions_tokens: 99,
        reasoning_effort: 'low',
      },
    });
    expect(recipe).toEqual({ scorers: [{ name: 'my-score-model' }] });
    expect(judges).toMatchObject([
      {
        name: 'my-score-model',
        model: 'o4-mini',
        range: [0, 1],
        sampling: { temperature: 0.5, maxTokens: 99, reasoningEffort: 'low' },
      },
    ]);
    expect(judges[0]?.sampling.topP).toBeUndefined();
    expect(judges[0]?.messages.map(({ role }) => role)).toEqual(['system', 'user']);
  });

  it.each([
    [[0, 10], '(10 * grade)'],
    [[-1, 1], '(-1 + 2 * grade)'],
    [[1, 5], '(1 + 4 * grade)'],
  ])('maps a range of %j by the formula %j', (range, formula) => {
    expect(imported({ ...MODEL, range }).recipe).toMatchObject({ formula, scorers: [{ known_as: 'grade' }] });
  });

  it("makes a multi grader a formula, in the graders' own ranges, and leaves out what it does not use", () => {
    const graders = { a: CHECK, b: SIMILAR, m: { ...MODEL, range: [0, 10] } };
    const made = imported({ ...MULTI, graders, calculate_output: 'max(a, m / 10)^2' });
    expect(made.recipe).toMatchObject({
      formula: 'max(a, (10 * m) / 10)^2',
      scorers: [
        { name: 'string_check', known_as: 'a' },
        { name: 'both-m', known_as: 'm' },
      ],
    });
    expect(made.notes).toEqual([expect.stringContaining('does not use "b"')]);
  });

  it("takes the one grader that the API's own types allow", () => {
    const made = imported({ ...MULTI, graders: { ...CHECK, name: 'only' }, calculate_output: '2 * only' });
    expect(made.recipe).toMatchObject({ formula: '2 * only', scorers: [{ known_as: 'only' }] });
  });
});

describe('openAiScorerFromJson()', () => {
  it.each([
    [null, '', 'Must be an object'],
    [[], '', 'Must be an object'],
    ['text', '', 'Must be an object'],
    [{}, 'type', 'Must be one of: string_check'],
    [{ ...CHECK, type: 'toString' }, 'type', 'Must be one of'],
    [{ type: 'python', source: 'def grade(): pass' }, 'type', 'runs no code'],
    [{ type: 'label_model', labels: ['a'] }, 'type', 'judge template'],
    [{ type: 'endpoint', url: 'https://x' }, 'type', 'reward model'],
    [{ ...CHECK, operation: 'matches' }, 'operation', 'Must be one of: eq, ne, like, ilike'],
    [{ ...CHECK, input: 5 }, 'input', 'Must be a text'],
    [{ ...CHECK, input: 'x'.repeat(200_000) }, 'input', 'at most 100000'],
    [{ ...CHECK, input: 'constant' }, 'input', 'shows the completion'],
    [{ ...CHECK, reference: '{{ item' }, 'reference', 'does not close'],
    [{ ...CHECK, refrence: 'a' }, 'refrence', 'no such field'],
    [{ ...CHECK, input: '{{ sample.output_tools[0].function.name }}' }, 'input', 'a completion is a text'],
    [{ ...SIMILAR, evaluation_metric: 'constructor' }, 'evaluation_metric', 'Must be one of: fuzzy_match'],
    [{ ...SIMILAR, pass_threshold: '0.5' }, 'pass_threshold', 'Must be a number'],
    [{ ...MODEL, model: ' ' }, 'model', 'Must name a model'],
    [{ ...MODEL, input: 'text' }, 'input', 'list of 1 to 64 messages'],
    [{ ...MODEL, input: [] }, 'input', 'list of 1 to 64 messages'],
    [{ ...MODEL, input: [{ role: 'tool', content: '' }] }, 'input[0].role', 'Must be one of'],
    [{ ...MODEL, input: [{ role: 'user', content: 'no sample' }] }, 'input', 'shows the completion'],
    [
      { ...MODEL, input: [{ role: 'user', content: [{ type: 'input_image', image_url: 'x' }] }] },
      'input[0].content[0]',
      '"input_image" to a judge',
    ],
    [{ ...MODEL, range: [1, 0] }, 'range', 'two rising numbers'],
    [{ ...MODEL, range: [0, 1, 2] }, 'range', 'two rising numbers'],
    [{ ...MODEL, range: [0, 1e300] }, 'range', 'two rising numbers'],
    [{ ...MODEL, sampling_params: { temperature: 9 } }, 'sampling_params.temperature', 'from 0 to 2'],
    [{ ...MODEL, sampling_params: { stop: 'x' } }, 'sampling_params.stop', 'no such field'],
    [{ ...MULTI, graders: {} }, 'graders', '1 to 32 graders'],
    [{ ...MULTI, graders: { 'a b': CHECK } }, 'graders.a b', 'letters, digits'],
    [{ ...MULTI, graders: { a: MULTI }, calculate_output: 'a' }, 'graders.a.type', 'cannot stand in another'],
    [
      { ...MULTI, graders: { a: CHECK, b: { type: 'python' } } },
      'graders.b.type',
      'Cannot import the grader "b": graders.b.type: "python"',
    ],
    [{ ...MULTI, calculate_output: 'a +' }, 'calculate_output', 'Cannot import the grader "both"'],
    [{ ...MULTI, calculate_output: 'a + c' }, 'calculate_output', 'There is no grader "c"'],
    [{ ...MULTI, calculate_output: '1' }, 'calculate_output', 'names no grader'],
    [{ ...MULTI, calculate_output: 'process.exit()' }, 'calculate_output', 'no part of one'],
    [{ ...MULTI, calculate_output: 5 }, 'calculate_output', 'Must be a text'],
  ])('refuses %j: %s: %s', (json, field, said) => {
    const fault = faultOf(json);
    expect([fault.code, fault.field]).toEqual(['invalid_argument', field]);
    expect(fault.message).toContain(said);
    expect(fault.message.length).toBeLessThan(800);
  });

  it('refuses graders whose judges would have one name', () => {
    const graders = { m_1: MODEL, m__1: MODEL };
    expect(faultOf({ ...MULTI, graders, calculate_output: 'm_1 + m__1' }).message).toContain('both-m-1');
  });

  it('takes keys of prototypes for the plain names that they are', () => {
    const graders = JSON.parse(
      `{"__proto__": ${JSON.stringify(CHECK)}, "constructor": ${JSON.stringify(SIMILAR)}}`,
    ) as object;
    const made = imported({ ...MULTI, graders, calculate_output: '__proto__ + constructor' });
    expect(made.recipe['scorers']).toMatchObject([{ known_as: '__proto__' }, { known_as: 'constructor' }]);
  });

  it('refuses a hundred thousand levels of nesting in words', () => {
    const deep = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`) as unknown;
    expect(faultOf({ ...MULTI, graders: { a: deep } }).field).toBe('graders.a');
    expect(faultOf({ ...MODEL, input: [{ role: 'user', content: deep }] }).field).toContain(
      'input[0].content',
    );
    expect(faultOf(deep).message).toContain('Must be an object');
  });

  it('takes or refuses any JSON, in words', () => {
    const members = fc.constantFrom(
      ...Object.keys({ ...CHECK, ...SIMILAR, ...MODEL, ...MULTI }),
      '__proto__',
    );
    const values = fc.oneof(
      fc.jsonValue({ maxDepth: 3 }),
      fc.constantFrom(
        'multi',
        'score_model',
        'string_check',
        'text_similarity',
        '{{ sample.output_text }}',
        'a + b',
      ),
    );
    fc.assert(
      fc.property(fc.constantFrom(CHECK, SIMILAR, MODEL, MULTI), members, values, (grader, member, value) => {
        const json = { ...grader, [member]: value };
        const made = ((): unknown => {
          try {
            return imported(json);
          } catch (error) {
            return error;
          }
        })();
        expect(made instanceof Error && !(made instanceof EnvError)).toBe(false);
      }),
    );
  });
});
