// Pairs that stand in passages or that passages answer: MAmmoTH2's extraction and refinement, and back-translation.

import { describe, expect, it } from 'vitest';

import { backTranslate } from '../../../../src/generate/generators/back-translate.ts';
import { extractPairs } from '../../../../src/generate/generators/extract-pairs.ts';
import { recall } from '../../../../src/generate/generators/recall.ts';
import { refine } from '../../../../src/generate/generators/refine.ts';
import { classifierToJson } from '../../../../src/core/text-classifier/classifier-json.ts';
import { trainClassifier, TRAINING_DEFAULTS } from '../../../../src/core/text-classifier/classifier.ts';
import { rootKey, type Item, type PairItem, type PassageItem } from '../../../../src/generate/item.ts';
import type { Outcome } from '../../../../src/generate/stage.ts';
import {
  fatesOf,
  filesOf,
  pairItem,
  type Reply,
  runStage,
  scripted,
  stageTools,
} from '../../../support/stage-world.ts';

/** The quiz begins at byte 100 of its document; "é" is two bytes. */
const QUIZ = 'Café quiz. Q1: Which metal is liquid at\nroom temperature? Key: it is mercury. Q2: Why?';
const START = 100;

function passageItem(text = QUIZ): PassageItem {
  const span = { start: START, end: START + Buffer.byteLength(text) };
  const passage = { documentId: 'd', source: 'd.md', title: undefined, text, span, license: undefined };
  return { kind: 'passage', key: rootKey(0), passage, domain: 'Chemistry', notes: {} };
}

const FOUND = {
  question_start: 'Which metal is liquid at room',
  question: 'Which metal is liquid at room temperature?',
  answer: 'mercury',
  evidence: 'it is mercury',
};

const run = async (stage: Parameters<typeof runStage>[0], item: Item, reply: Reply): Promise<Outcome> => {
  const [outcome] = await runStage(stage, [item], stageTools({ ask: scripted(reply) }));
  return outcome ?? { kept: [], drops: [] };
};
const pairOf = ({ kept }: Outcome): PairItem | undefined =>
  kept.flatMap((item) => (item.kind === 'pair' ? [item] : []))[0];

/** What the document says at a pair's evidence. */
function evidenceOf(outcome: Outcome, text: string): string | undefined {
  const evidence = pairOf(outcome)?.draft.evidence;
  return (
    evidence &&
    Buffer.from(text)
      .subarray(evidence.start - START, evidence.end - START)
      .toString()
  );
}

const saying =
  (answer: string, verdict: string, question = 'Which metal is liquid at 20 °C?') =>
  () => ({
    reasoning: 'Seen.',
    question,
    answer,
    answer_is: verdict,
  });

describe('the stage "extract_pairs"', () => {
  const { stage } = extractPairs.prepare({ pairs_max: 2 });

  it('takes a pair out of a page, with the bytes of its answer in the document', async () => {
    const outcome = await run(stage, passageItem(), () => ({ pairs: [FOUND] }));
    expect(pairOf(outcome)?.draft).toMatchObject({
      question: FOUND.question,
      answer: 'mercury',
      domain: 'Chemistry',
      generator: 'extract_pairs',
    });
    expect(evidenceOf(outcome, QUIZ)).toBe('it is mercury');
  });

  it.each([
    ['a page without pairs', [], ['no_natural_pairs']],
    [
      'a question that the page does not put',
      [{ ...FOUND, question_start: 'Who found mercury' }],
      ['question_not_found'],
    ],
    ['an answer that the page does not give', [{ ...FOUND, evidence: 'it is gold' }], ['evidence_not_found']],
    ['an empty answer', [{ ...FOUND, answer: ' ' }], ['empty_answer']],
    ['an empty question', [{ ...FOUND, question: '' }], ['empty_question']],
    ['more than asked for', [FOUND, FOUND, FOUND], ['more_than_asked']],
  ])('drops %s', async (_, pairs, reasons) => {
    const outcome = await run(stage, passageItem(), () => ({ pairs }));
    expect(outcome.drops.map(({ reason }) => reason)).toEqual(reasons);
  });

  it('keeps and notes what is not found, where the recipe says so, and claims no evidence for it', async () => {
    const noting = extractPairs.prepare({ lost_evidence: 'note' }).stage;
    const outcome = await run(noting, passageItem(), () => ({ pairs: [{ ...FOUND, evidence: 'gold' }] }));
    expect(pairOf(outcome)).toMatchObject({ notes: { extract_pairs: 'not_found_in_passage' } });
    expect(pairOf(outcome)?.draft.evidence).toBeUndefined();
  });
});

describe('the stage "refine"', () => {
  const { passage } = passageItem();
  const item = pairItem(
    0,
    { question: 'Which metal is liquid?', answer: 'mercury', evidence: { start: 0, end: 1 } },
    { passage },
  );
  const refined = async (reply: Reply, options: object = {}) =>
    run(refine.prepare(options).stage, item, reply);

  it('adds context to the question and leaves an answer that is right as it was', async () => {
    const pair = pairOf(await refined(saying('Mercury', 'right')));
    expect(pair?.draft).toMatchObject({
      question: 'Which metal is liquid at 20 °C?',
      answer: 'mercury',
      evidence: { start: 0, end: 1 },
    });
    expect(pair?.notes['refine']).toEqual({ answer: 'right', question_before: 'Which metal is liquid?' });
  });

  it('corrects an answer only where the model is sure, and then claims no evidence of the page', async () => {
    const pair = pairOf(await refined(saying('gallium', 'corrected')));
    expect(pair?.draft.answer).toBe('gallium');
    expect(pair?.draft.evidence).toBeUndefined();
    expect(pair?.notes['refine']).toMatchObject({ answer: 'corrected', answer_before: 'mercury' });
  });

  it.each([
    ['is unsure of', saying('gallium', 'unsure'), {}, 'unsure_answer'],
    ['changes without a word', saying('gallium', 'right'), {}, 'answer_changed'],
    [
      'corrects, where that is not wanted',
      saying('gallium', 'corrected'),
      { corrected: 'drop' },
      'corrected_answer',
    ],
    ['corrects to nothing', saying('', 'corrected'), {}, 'empty_answer'],
    ['leaves no question to', saying('mercury', 'right', ' '), {}, 'empty_question'],
  ])('drops a pair whose answer the model %s', async (_, reply, options, reason) => {
    expect(fatesOf([await refined(reply, options)])).toEqual([reason]);
  });

  it('keeps the old answer of what the model is unsure of, where the recipe says so', async () => {
    const pair = pairOf(await refined(saying('gallium', 'unsure'), { unsure: 'keep' }));
    expect(pair?.draft.answer).toBe('mercury');
  });
});

describe('the stage "back_translate"', () => {
  const text = 'Mercury melts at −38.83 °C, which is why it is liquid in any kitchen.';
  const written = {
    is_answer: true,
    question: 'At what temperature does mercury melt?',
    answer: '−38.83 °C',
    evidence: 'Mercury melts at −38.83 °C',
  };
  const back = async (question: object, level: number, options: object = {}) =>
    run(backTranslate.prepare(options).stage, passageItem(text), ({ prompt }) =>
      prompt === 'back_translate/rating' ? { reasoning: 'So.', level } : question,
    );

  it('keeps a pair that it rates highly, with its level and its evidence', async () => {
    const outcome = await back(written, 5);
    expect(pairOf(outcome)).toMatchObject({
      draft: { question: written.question, answer: '−38.83 °C', generator: 'back_translate' },
      notes: { back_translate: 5 },
      costUsd: 0.002,
    });
    expect(evidenceOf(outcome, text)).toBe(written.evidence);
  });

  it.each([
    ['a pair below the level', written, 4, {}, 'low_level'],
    ['a passage that answers nothing', { ...written, is_answer: false }, 5, {}, 'answers_nothing'],
    [
      'an answer that is not in the passage',
      { ...written, evidence: 'It boils.' },
      5,
      {},
      'evidence_not_found',
    ],
    ['an empty question', { ...written, question: '' }, 5, {}, 'empty_pair'],
    ['a level that is none', written, 6, {}, 'unreadable_reply'],
    ['nothing of level 4 where 4 is enough', written, 4, { min_level: 4 }, 'kept'],
  ])('drops %s', async (_, question, level, options, fate) => {
    expect(fatesOf([await back(question, level, options)])).toEqual([fate]);
  });
});

const rows = (texts: readonly string[]) => texts.map((text) => ({ text }));

describe('the stage "recall"', () => {
  const yes = ['Question: Which metal is liquid? Answer: mercury.', 'Q1: What is 2 + 2? Key: 4.'];
  const no = ['We walked along the river for hours.', 'Our shop is closed on Mondays.'];
  const files = filesOf({
    'yes.jsonl': rows(yes),
    'no.jsonl': rows(no),
    'model.json': [
      classifierToJson(
        trainClassifier(
          [
            ...yes.map((text) => ({ text, isPositive: true })),
            ...no.map((text) => ({ text, isPositive: false })),
          ],
          { ...TRAINING_DEFAULTS, bits: 12 },
        ),
      ),
    ],
    'other.json': [{ kind: 'other' }],
  });
  const learned = { positives: ['yes.jsonl'], negatives: ['no.jsonl'], bits: 12 };
  const judge = async (options: object) =>
    runStage(
      recall.prepare(options).stage,
      [passageItem(), passageItem('They walked home along the river on Monday.')],
      stageTools({ files }),
    );

  it('keeps passages like the positive examples with their score, and drops the others', async () => {
    const outcomes = await judge(learned);
    expect(fatesOf(outcomes)).toEqual(['kept', 'not_recalled']);
    expect(outcomes[0]?.kept[0]?.notes['recall']).toBeGreaterThan(0.5);
  });

  it('judges by a classifier that was trained before as by the examples that it learned from', async () => {
    expect(await judge({ classifier: 'model.json' })).toEqual(await judge(learned));
  });

  it('keeps all where the limit is 0, and none but the surest where it is high', async () => {
    expect(fatesOf(await judge({ ...learned, min: 0 }))).toEqual(['kept', 'kept']);
    expect(fatesOf(await judge({ ...learned, min: 1 }))).toEqual(['not_recalled', 'not_recalled']);
  });

  it('refuses options that give it nothing to learn from, a wrong column, and a file that is no classifier', async () => {
    expect(() => recall.prepare({ positives: ['yes.jsonl'] })).toThrow(/negatives/u);
    expect(() => recall.prepare({ ...learned, classifier: 'model.json' })).toThrow(/classifier/u);
    await expect(judge({ ...learned, column: 'body' })).rejects.toThrow(
      /row 1 has no text in column "body"/u,
    );
    await expect(judge({ classifier: 'other.json' })).rejects.toThrow(/other\.json/u);
  });
});
