// Evaluation over a real server: what is asked, what is counted, what is left out, and that the figures are those of the paper.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Completion } from '../../../../src/core/completion.ts';
import type { PairId } from '../../../../src/core/ids.ts';
import {
  type AnsweredQuestion,
  walkSplit,
  type Walk,
  type WalkOptions,
} from '../../../../src/trainer/evaluation/answered-questions.ts';
import { figuresOf, placeFigures } from '../../../../src/trainer/evaluation/figures.ts';
import {
  policyRespondent,
  type Respondent,
  type ResponsePlan,
} from '../../../../src/trainer/evaluation/respondent.ts';
import { TabularPolicy } from '../../../support/tabular-policy.ts';
import { SUMS, sumPairs, TrainingWorld } from '../../../support/training-world.ts';

const SIGNAL = new AbortController().signal;
const QUESTIONS = 10;

/** Right in the first `right` of its completions of each question; asked for some it has nothing to say. */
function respondent(
  right: number,
  silentOn: readonly string[] = [],
  atOnce = 4,
): Respondent & { asked: string[] } {
  const asked: string[] = [];
  return {
    description: 'a test',
    promptsAtOnce: atOnce,
    asked,
    async respond(prompts, { count }) {
      return prompts.map((prompt) => {
        const question = prompt.at(-1)?.content ?? '';
        asked.push(question);
        if (silentOn.includes(question)) return { kind: 'none', detail: 'too long' };
        const [a = 0, b = 0] = question.slice(0, -1).split('+').map(Number);
        const completions = Array.from({ length: count }, (_, index): Completion => ({
          text: String(index < right ? a + b : a + b + 1),
          finishReason: index === 0 ? 'length' : 'stop',
          tokenCount: 2,
        }));
        return { kind: 'completions', completions };
      });
    },
  };
}

let world: TrainingWorld;

beforeAll(async () => {
  world = await TrainingWorld.start(sumPairs(QUESTIONS));
});

afterAll(async () => {
  await world.stop();
});

async function walked(
  who: Respondent,
  plan: Partial<ResponsePlan> = {},
  more: Partial<WalkOptions> = {},
): Promise<Walk> {
  const client = world.connect();
  try {
    return await walkSplit({
      client,
      respondent: who,
      dataset: SUMS,
      split: 'train',
      questionsMax: undefined,
      reward: undefined,
      promptTemplate: 'plain',
      plan: { count: 4, temperature: 1, tokensMax: 4, seed: 1, signal: SIGNAL, ...plan },
      scoreMsMax: 10_000,
      onProgress: () => {},
      ...more,
    });
  } finally {
    client.close();
  }
}

/** An untrained policy, asked in two parts. */
function drawing(): Respondent {
  return { ...policyRespondent(new TabularPolicy()), promptsAtOnce: 5 };
}

function lengthsOf({ questions }: Walk): readonly (number | undefined)[] {
  return questions.map(({ tokens }) => tokens);
}

describe('walkSplit()', () => {
  it('asks every question once and counts what was right, cut off and written', async () => {
    const who = respondent(3);
    const progress: (readonly [number, number])[] = [];
    const walk = await walked(who, {}, { onProgress: (done, of) => progress.push([done, of]) });
    expect(who.asked.toSorted()).toEqual(
      sumPairs(QUESTIONS)
        .map(({ question: asked }) => (typeof asked === 'string' ? asked : ''))
        .toSorted(),
    );
    expect(walk.questions).toHaveLength(QUESTIONS);
    for (const question of walk.questions) {
      expect(question).toMatchObject({ passes: 3, trials: 4, unscorable: 0, truncated: 1, tokens: 8 });
    }
    expect(progress.at(-1)).toEqual([QUESTIONS, QUESTIONS]);
    const client = world.connect();
    const books = await client.getAccounting(walk.run.runId);
    expect((await client.getRun(walk.run.runId)).state).toBe('closed');
    client.close();
    expect(books.groups).toMatchObject({ completed: QUESTIONS });
  });

  it('asks as many as it is told to, the same ones for the same seed', async () => {
    const [one, again] = [respondent(1), respondent(1)];
    await walked(one, { seed: 5 }, { questionsMax: 3 });
    await walked(again, { seed: 5, count: 1 }, { questionsMax: 3 });
    expect(one.asked).toHaveLength(3);
    expect(again.asked).toEqual(one.asked);
  });

  it('leaves out questions that nobody answered, and says why', async () => {
    const walk = await walked(respondent(4, ['0+0=', '1+0=']));
    expect(walk.questions).toHaveLength(QUESTIONS - 2);
    expect(walk.unanswered).toEqual(['too long', 'too long']);
  });

  it('ends when it is told to, with its run closed', async () => {
    const interrupt = new AbortController();
    const stopped = new Error('stopped');
    const going = walked(
      respondent(1),
      { signal: interrupt.signal },
      { onProgress: () => interrupt.abort(stopped) },
    );
    await expect(going).rejects.toBe(stopped);
    const client = world.connect();
    const runs = await client.listRuns();
    client.close();
    expect(runs.filter(({ state }) => state !== 'closed')).toEqual([]);
  });

  it('draws other completions for each part of the questions, and the same again for the same seed', async () => {
    const one = lengthsOf(await walked(drawing()));
    const again = lengthsOf(await walked(drawing()));
    const other = lengthsOf(await walked(drawing(), { seed: 2 }));
    expect(again).toEqual(one);
    expect(other).not.toEqual(one);
    expect(one.slice(0, 5)).not.toEqual(one.slice(5));
  });
});

const question = (
  passes: number,
  trials: number,
  more: Partial<AnsweredQuestion> = {},
): AnsweredQuestion => ({
  pairId: `p${passes}` as PairId,
  passes,
  trials,
  rewards: Array.from({ length: trials }, (_, index) => (index < passes ? 1 : 0)),
  unscorable: 0,
  truncated: 0,
  tokens: trials,
  ...more,
});

describe('figuresOf()', () => {
  it('is the mean over questions of the unbiased pass@k', () => {
    // n = 4: 1 − C(4 − c, 2) / C(4, 2) is 0, 1/2 and 1 for c = 0, 1, 4.
    const figures = figuresOf([question(0, 4), question(1, 4), question(4, 4)], { ks: [1, 2, 4], seed: 1 });
    const shares = figures.passAt.map(({ k, share, questions }) => [k, share, questions]);
    expect(shares).toEqual([
      [1, expect.closeTo(5 / 12, 12), 3],
      [2, expect.closeTo(1 / 2, 12), 3],
      [4, expect.closeTo(2 / 3, 12), 3],
    ]);
    expect(figures).toMatchObject({ questions: 3, completions: 12, unscorable: 0, completionTokens: 1 });
    expect(figures.meanReward).toBeCloseTo(5 / 12, 12);
  });

  it('leaves a question with too few scored completions out of pass@k, and counts it nowhere as wrong', () => {
    const figures = figuresOf([question(2, 2, { unscorable: 2 }), question(4, 4)], { ks: [1, 4], seed: 1 });
    expect(figures.passAt.map(({ k, share, questions }) => [k, share, questions])).toEqual([
      [1, 1, 2],
      [4, 1, 1],
    ]);
    expect(figures).toMatchObject({ completions: 8, unscorable: 2, meanReward: 1 });
  });

  it('says nothing where nothing could be scored', () => {
    const figures = figuresOf([question(0, 0, { unscorable: 4 })], { ks: [1], seed: 1 });
    expect(figures).toMatchObject({ passAt: [], unscorable: 4 });
    expect(figures.meanReward).toBeUndefined();
  });
});

describe('placeFigures()', () => {
  it('parts questions by what they are, most questions first, and leaves out what is not known', () => {
    const questions = [question(0, 1), question(1, 1), question(1, 1), question(2, 2)];
    const places = placeFigures(
      questions,
      ({ passes }) =>
        passes === 2 ? undefined : { domain: '', answerType: passes === 0 ? 'date' : 'number' },
      { ks: [1], seed: 1 },
    );
    expect(
      places.map(({ answerType, figures }) => [answerType, figures.questions, figures.passAt[0]?.share]),
    ).toEqual([
      ['number', 2, 1],
      ['date', 1, 0],
    ]);
  });
});
