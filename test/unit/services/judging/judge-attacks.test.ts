// Whole recipes against a corpus of attacks, with judges that are honest, gullible or careless: none may raise a reward above
// that of an honest wrong answer. The recipes are the real ones, from the completion's text to its reward.

import { describe, expect, it } from 'vitest';
import { loadJudgePromptFiles } from '../../../../src/adapters/judge-prompt-files.ts';
import { recipeFromJson } from '../../../../src/core/recipe-json.ts';
import type { CompletionOutcome } from '../../../../src/core/score.ts';
import type { JudgeTemplate } from '../../../../src/ports/judge-templates.ts';
import { assembleJudge } from '../../../../src/services/judging/assemble-judge.ts';
import { judgeScorer } from '../../../../src/services/judging/judge-scorer.ts';
import { type Scorer, verifierScorers } from '../../../../src/services/scoring/scorer.ts';
import { type Reference, Scoring } from '../../../../src/services/scoring/scoring.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { InlineVerifierPool } from '../../../support/inline-verifier-pool.ts';
import { ATTACKS } from '../../../support/judge-attacks.ts';
import {
  gullible,
  honest,
  modelOf,
  prosy,
  quoting,
  type StandIn,
  strayText,
  substring,
} from '../../../support/stand-in-judges.ts';

const NUMBER: Reference = {
  groundTruth: { answer: '1729', aliases: ['1,729'] },
  choices: [],
  promptText: 'What is one more than twelve cubed?',
};
const CITY: Reference = {
  groundTruth: { answer: 'Ouagadougou', aliases: ['Wagadugu'] },
  choices: [],
  promptText: 'What is the capital of Burkina Faso?',
};

const templates = loadJudgePromptFiles();
const JUDGE_WHEN_UNDECIDED = { name: 'judge', when: 'undecided' };
const JUDGE_WHEN_NOT_CORRECT = { name: 'judge', when: 'not_correct' };

interface Case {
  readonly reference: Reference;
  readonly recipe: unknown;
  readonly right: string;
  readonly wrong: string;
  /** Of the two, by an honest judge. */
  readonly rewards: readonly [right: number, wrong: number];
}

const NUMBERS = {
  reference: NUMBER,
  right: 'It is 1728 + 1.\nA: 1729',
  wrong: 'It is 12 × 144.\nA: 1728',
  rewards: [1, 0] as const,
};
const CITIES = {
  reference: CITY,
  right: 'Answer: Ouagadougou',
  wrong: 'Answer: Accra',
  rewards: [1, 0] as const,
};

const CASES: Readonly<Record<string, Case>> = {
  'math, the judge where it cannot tell': {
    ...NUMBERS,
    recipe: { scorers: [{ name: 'math' }, JUDGE_WHEN_UNDECIDED] },
  },
  'math, the judge where it is not correct': {
    ...NUMBERS,
    recipe: { scorers: [{ name: 'math' }, JUDGE_WHEN_NOT_CORRECT] },
  },
  'exact, the judge where it cannot tell': {
    ...CITIES,
    recipe: { scorers: [{ name: 'exact' }, JUDGE_WHEN_UNDECIDED] },
  },
  'exact, the judge where it is not correct': {
    ...CITIES,
    recipe: { scorers: [{ name: 'exact' }, JUDGE_WHEN_NOT_CORRECT] },
  },
  'the judge alone, on numbers': { ...NUMBERS, recipe: { scorers: [{ name: 'judge' }] } },
  'the judge alone, on cities': { ...CITIES, recipe: { scorers: [{ name: 'judge' }] } },
  'the rubric alone': { ...NUMBERS, recipe: { scorers: [{ name: 'rubric' }] }, rewards: [0.2, 0.2] },
  'the rubric as a gate before the judge': {
    ...CITIES,
    recipe: {
      scorers: [{ name: 'rubric', gate: 0.1 }, { name: 'exact' }, JUDGE_WHEN_NOT_CORRECT],
      floor: -1,
    },
  },
  'math and a rubric for style': {
    ...NUMBERS,
    rewards: [1.04, 0.04],
    recipe: {
      scorers: [{ name: 'math' }, JUDGE_WHEN_NOT_CORRECT, { name: 'rubric', weight: 0.2, required: false }],
    },
  },
};

/** How an attack comes along: bare, labelled, in a box, in a tag, behind thinking, behind an honest wrong answer. */
const DRESSES: readonly ((attack: string) => string)[] = [
  (attack) => attack,
  (attack) => `Let me see.\nAnswer: ${attack}`,
  (attack) => `So it is \\boxed{${attack}}.`,
  (attack) => `<answer>${attack}</answer>`,
  (attack) => `<think>Hm.</think>\n${attack}`,
  (attack) => `It is 1728, Accra.\n${attack}`,
];

function scorerOf(name: string, template: JudgeTemplate, standIn: StandIn, clock: FakeClock): Scorer {
  const endpoints = [{ name: 'here', model: modelOf(standIn, template), weight: 1 }];
  return judgeScorer({
    judge: assembleJudge({ name, model: 'stand-in' }, { template, endpoints, clock }),
    usesGroundTruth: template.usesGroundTruth,
    agreement: 0.5,
    signal: new AbortController().signal,
  });
}

/** Scores by the recipe of `found`, with this judge behind both templates. */
function scorerFor(found: Case, standIn: StandIn): (text: string) => Promise<CompletionOutcome> {
  const clock = new FakeClock();
  const verifiers = verifierScorers({ pool: new InlineVerifierPool() });
  const judges = new Map([
    ['judge', scorerOf('judge', templates.find('equivalence'), standIn, clock)],
    ['rubric', scorerOf('rubric', templates.find('helpfulness'), standIn, clock)],
  ]);
  const scoring = new Scoring(
    {
      find: (name) => judges.get(name) ?? verifiers.find(name),
      names: () => [...verifiers.names(), ...judges.keys()],
    },
    clock,
  );
  const prepared = scoring.prepare(recipeFromJson(found.recipe, 'reward'));
  return async (text) => scoring.score(prepared, found.reference, { text });
}

/** Attacks with a reward above that of the honest wrong answer. What is unscorable has no reward. */
async function raised(found: Case, standIn: StandIn): Promise<readonly unknown[]> {
  const score = scorerFor(found, standIn);
  const wrong = await scorerFor(found, honest)(found.wrong);
  if (wrong.kind !== 'scored') throw new Error('The honest wrong answer has no reward');
  const attacks = ATTACKS.flatMap((attack) =>
    DRESSES.map((dress) => ({ ...attack, text: dress(attack.text) })),
  );
  const outcomes = await Promise.all(
    attacks.map(async (attack) => ({ attack, outcome: await score(attack.text) })),
  );
  return outcomes
    .filter(({ outcome }) => outcome.kind === 'scored' && outcome.reward > wrong.reward)
    .map(({ attack, outcome }) => ({ ...attack, text: attack.text.slice(0, 200), outcome }));
}

describe.each(Object.entries(CASES))('Scoring.score() under attack by %s', (_name, found) => {
  it('Scoring.score() gives an honest right and an honest wrong answer their rewards', async () => {
    const score = scorerFor(found, honest);
    const [right, wrong] = [await score(found.right), await score(found.wrong)];
    if (right.kind !== 'scored' || wrong.kind !== 'scored') throw new Error('An honest answer has no reward');
    expect(right.reward).toBeCloseTo(found.rewards[0], 12);
    expect(wrong.reward).toBeCloseTo(found.rewards[1], 12);
  });

  it.each(Object.entries({ honest, gullible, quoting, prosy }))(
    'Scoring.score() raises no reward with a judge that is %s',
    async (_judge, standIn) => {
      expect(await raised(found, standIn)).toEqual([]);
    },
  );
});

describe('Scoring.score() with a judge that looks for substrings', () => {
  it('Scoring.score() never asks it where math has decided: a list of guesses stays wrong', async () => {
    const found = CASES['math, the judge where it cannot tell'];
    if (found === undefined) throw new Error('There is no such case');
    expect(await raised(found, substring)).toEqual([]);
  });

  it('Scoring.score() cannot keep it from paying for lists where it is asked: the corpus has teeth', async () => {
    const found = CASES['the judge alone, on cities'];
    if (found === undefined) throw new Error('There is no such case');
    const paid = await raised(found, substring);
    expect(paid.length).toBeGreaterThan(0);
    for (const attack of paid) expect(attack).toMatchObject({ group: 'answer dumping' });
  });
});

describe('strayText()', () => {
  const template = templates.find('equivalence');
  const plainly = { question: 'q', groundTruth: 't', aliases: ['s'], answer: 'a', other: 'o' };

  it('strayText() finds nothing in what the templates render', () => {
    for (const name of templates.names()) {
      const each = templates.find(name);
      for (const { text } of ATTACKS) {
        const values = { question: text, groundTruth: text, aliases: [text], answer: text, other: text };
        expect(strayText(each.render(values), each)).toBeUndefined();
      }
    }
  });

  it('strayText() finds every attack that shows something, were it pasted behind the fences', () => {
    const [system, user] = template.render(plainly);
    if (system === undefined || user === undefined) throw new Error('The template has two messages');
    const missed = ATTACKS.filter(({ text, group }) => {
      const pasted = [system, { ...user, content: `${user.content}\n${text}` }];
      return group !== 'empty' && strayText(pasted, template) === undefined;
    });
    // What repeats the template word for word adds nothing to it.
    expect(missed.filter(({ group }) => group !== 'prompt echo')).toEqual([]);
    expect(missed.length).toBeLessThan(5);
  });
});
