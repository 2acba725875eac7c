// Each ground truth of the sample dataset is one that its verifier accepts, and answers that are wrong are not accepted:
// other rows' answers, near misses, hedges, and the question said back.

import { describe, expect, it } from 'vitest';
import { loadPromptFiles } from '../../src/adapters/prompt-files.ts';
import { extractAnswer } from '../../src/core/answer.ts';
import { detectLayout, draftOf, findLayout } from '../../src/core/dataset-layouts.ts';
import { promptText, renderPrompt } from '../../src/core/prompt.ts';
import { ANSWER_TYPES } from '../../src/core/qa-pair.ts';
import { defaultVerifier, findVerifier } from '../../src/core/verifiers/table.ts';
import type { Verdict, Verifier } from '../../src/core/verifiers/verifier.ts';
import { rightTexts, sampleRows, type SampleRow } from './rows.ts';

const rows = sampleRows();
const templates = loadPromptFiles();
const NUMBERS = Array.from({ length: 1000 }, (_, number) => String(number));
const DATES = Array.from({ length: 60 }, (_, year) =>
  ['01', '03', '05', '07', '08', '10', '12'].map((month) => `${1985 + year}-${month}-14`),
).flat();
const NAMES =
  'Uranus,neptune,helium,xenon,the platypus,an echidna,hearts,diamonds,April,november,#1E90FF,#ffffff,404,499'.split(
    ',',
  );

function verifierOf(row: SampleRow): Verifier {
  const verifier = findVerifier(defaultVerifier(row.answer_type));
  if (verifier === undefined) throw new Error(`no verifier for answer type "${row.answer_type}"`);
  return verifier;
}

function judge(row: SampleRow, answer: string): Verdict {
  const verifier = verifierOf(row);
  return verifier.verify({
    answer,
    groundTruth: { answer: row.ground_truth, aliases: row.aliases ?? [] },
    choices: row.choices ?? [],
    promptText: promptText(renderPrompt(row, (values) => templates.render('boxed', values))),
    options: verifier.parseOptions({}),
  });
}

/** Answers that a person would call right. A pattern's are found by trying many texts. */
function rightAnswers(row: SampleRow): readonly string[] {
  if (row.answer_type === 'pattern') {
    const whole = new RegExp(`^(?:${row.ground_truth})$`, 'u');
    return [...NAMES, ...NUMBERS, ...DATES].filter((text) => whole.test(text));
  }
  return [row.ground_truth, ...rightTexts(row)];
}

/** Two answers of other rows of the same type that differ from this row's. */
function otherAnswers(row: SampleRow): readonly string[] {
  const right = new Set(rightAnswers(row).map((text) => text.toLowerCase()));
  const same = rows.filter((other) => other.answer_type === row.answer_type && other.domain !== row.domain);
  const others = same.map((other) => other.ground_truth).filter((text) => !right.has(text.toLowerCase()));
  if (row.answer_type === 'boolean') return [row.ground_truth === 'yes' ? 'no' : 'yes'];
  if (row.answer_type === 'choice')
    return ['A', 'B', 'C', 'D'].filter((letter) => letter !== row.ground_truth);
  if (row.answer_type === 'pattern')
    return ['', '1000', '2019-02-30', 'a banana', `${rightAnswers(row)[0]} or a banana`];
  return [...new Set(others)].slice(0, 2);
}

/** Formulas and numbers that the question shows: none of them is its answer. */
function formulasIn(question: string): readonly string[] {
  const runs = question.match(/[-+*/^()\d.x ]*[\dx)]/gu) ?? [];
  return runs.map((run) => run.trim());
}

/** Wrong in ways that cheap rules fall for. */
function nearMisses(row: SampleRow): readonly string[] {
  const [wrong = ''] = otherAnswers(row);
  const right = row.ground_truth;
  const common = ['', 'I do not know', `${right} or ${wrong}`, `either ${wrong} or ${right}`, row.question];
  switch (row.answer_type) {
    case 'number':
    case 'quantity':
      return [
        ...common,
        ...formulasIn(row.question),
        right.replace(/\d/u, (digit) => String((Number(digit) + 1) % 10)),
        `1${right}`,
      ];
    case 'math':
      return [...common, ...formulasIn(row.question), `${right} + 1`, `2*(${right}) + 1`];
    case 'list':
      return [...common, right.split(', ').slice(1).join(', '), `${right}, ${wrong.split(', ')[0]}`];
    case 'date':
      return [...common, `${Number(right.slice(0, 4)) + 1}${right.slice(4)}`];
    case 'choice':
      return [...common, 'A, B, C, D', (row.choices ?? []).join(', ')];
    case 'text':
      return [...common, `not ${right}`, `${right} ${wrong}`];
    case 'boolean':
    case 'pattern':
      return common;
  }
  throw new Error(`unknown answer type "${String(row.answer_type)}"`);
}

describe.each(ANSWER_TYPES)('the sample rows of answer type %s', (answerType) => {
  const typed = rows.filter((row) => row.answer_type === answerType);

  it('have right answers, each found correct by the verifier', () => {
    expect(typed.filter((row) => rightAnswers(row).length === 0).map((row) => row.question)).toEqual([]);
    const refused = typed.flatMap((row) =>
      rightAnswers(row)
        .map((answer) => ({ question: row.question, answer, verdict: judge(row, answer) }))
        .filter(({ verdict }) => verdict.kind !== 'correct'),
    );
    expect(refused).toEqual([]);
  });

  it('are found correct when the answer stands in a box at the end of a completion', () => {
    const refused = typed.flatMap((row) => {
      const completion = `Let us see what is asked.\n\nThe final answer is $\\boxed{${rightAnswers(row)[0]}}$.`;
      const { answer = '' } = extractAnswer(completion, verifierOf(row).fallback) ?? {};
      return judge(row, answer).kind === 'correct' ? [] : [[row.question, row.ground_truth, answer]];
    });
    expect(refused).toEqual([]);
  });

  it('do not take answers of other rows, near misses, hedges or their own question', () => {
    const taken = typed.flatMap((row) =>
      [...otherAnswers(row), ...nearMisses(row)]
        .filter((answer) => judge(row, answer).kind === 'correct')
        .map((answer) => [row.question, row.ground_truth, answer]),
    );
    expect(taken).toEqual([]);
  });
});

describe('the native layout', () => {
  it('is what the sample rows are found to have, with all their fields', () => {
    const parsed: Parameters<typeof detectLayout>[0] = rows.map((row) => structuredClone({ ...row }));
    const layout = detectLayout(parsed);
    expect(layout).toBe(findLayout('native'));
    const drafts = parsed.map((row) => draftOf(row, layout, undefined));
    expect(drafts.filter((result) => result.kind !== 'draft')).toEqual([]);
    expect(drafts.map((result) => (result.kind === 'draft' ? result.draft : undefined))).toMatchObject(
      rows.map((row) => ({
        question: row.question,
        groundTruth: { answer: row.ground_truth, aliases: row.aliases ?? [] },
        answerType: row.answer_type,
        domain: row.domain,
        split: row.split,
      })),
    );
  });
});
