// The sample dataset is right, can be traced to its evidence, and does not give its answers away.

import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ANSWER_TYPES } from '../../src/core/qa-pair.ts';
import { agrees, type ComputedRow } from './recompute.ts';
import { rightTexts, SAMPLE_FOLDER, sampleRows, type SampleRow } from './rows.ts';

const rows = sampleRows();
const factRows = rows.filter((row) => row.provenance.generator === 'hand-written');
const computedRows = rows.filter((row) => row.provenance.generator === 'arithmetic');
const MONTHS = 'January February March April May June July August September October November December'.split(
  ' ',
);
/** Numbers that an expression may use though no digit of the question says them: 5 is "five games", 60 is in an hour. */
const CONSTANTS = new Set(['1', '2', '5', '7', '60', '100']);

function evidenceOf(row: SampleRow): string {
  const { document_id: documentId, span } = row.provenance;
  if (documentId === undefined || span === undefined) throw new Error(`no evidence: ${row.question}`);
  return readFileSync(new URL(documentId, SAMPLE_FOLDER)).subarray(span.start, span.end).toString('utf8');
}

function holdsWord(text: string, word: string): boolean {
  const escaped = word.replaceAll(/[$()*+.?[\\\]^{|}]/gu, String.raw`\$&`);
  return new RegExp(String.raw`(?<![\p{L}\p{N}])${escaped}(?![\p{L}\p{N}])`, 'iu').test(text);
}

function states(evidence: string, row: SampleRow): boolean {
  if (row.answer_type === 'boolean') return evidence !== '';
  if (row.answer_type === 'pattern') return new RegExp(row.ground_truth, 'u').test(evidence);
  return holdsAnswer(evidence, row);
}

function tellsAnswer(row: SampleRow): boolean {
  if (row.answer_type === 'boolean') return false;
  if (row.answer_type !== 'pattern') return holdsAnswer(row.question, row);
  return new RegExp(String.raw`(?<!\w)(?:${row.ground_truth})(?!\w)`, 'u').test(row.question);
}

function holdsAnswer(text: string, row: SampleRow): boolean {
  return row.answer_type === 'list'
    ? row.ground_truth.split(', ').every((entry) => holdsWord(text, entry))
    : rightTexts(row).some((right) => holdsWord(text, right));
}

function toComputed(row: SampleRow): ComputedRow {
  const { expression = '' } = row.provenance.extra ?? {};
  return { expression, groundTruth: row.ground_truth, choices: row.choices ?? [] };
}

/** What the expression uses and the question does not show. */
function hiddenFrom(row: SampleRow): readonly string[] {
  const { expression, choices } = toComputed(row);
  const shown = [row.question, ...choices].join(' ');
  const month = /^days_of_month\((\d+), (\d+)\)$/u.exec(expression);
  if (month !== null) {
    const name = `${MONTHS[Number(month[2]) - 1]} ${month[1]}`;
    return shown.includes(name) ? [] : [name];
  }
  const dates = expression.match(/\d{4}-\d\d-\d\d/gu) ?? [];
  const numbers = expression.replaceAll(/"\d{4}-\d\d-\d\d"/gu, '').match(/\d+(?:\.\d+)?/gu) ?? [];
  const words: readonly string[] = shown.match(/\d+(?:\.\d+)?/gu) ?? [];
  return [
    ...dates.filter((date) => !shown.includes(dateInWords(date))),
    ...numbers.filter((number) => !words.includes(number) && !CONSTANTS.has(number)),
  ];
}

function dateInWords(iso: string): string {
  const [year, month, day] = iso.split('-').map(Number);
  return `${day} ${MONTHS[(month ?? 0) - 1]} ${year}`;
}

describe('the sample dataset', () => {
  it('holds 320 to 400 questions of all answer types and at least eight domains', () => {
    expect(rows.length).toBeGreaterThanOrEqual(320);
    expect(rows.length).toBeLessThanOrEqual(400);
    expect(new Set(rows.map((row) => row.answer_type))).toEqual(new Set(ANSWER_TYPES));
    expect(new Set(rows.map((row) => row.domain)).size).toBeGreaterThanOrEqual(8);
    expect(factRows.length + computedRows.length).toBe(rows.length);
  });

  it('asks no question twice', () => {
    const asked = rows.map((row) => `${row.question} ${(row.choices ?? []).join('|')}`.toLowerCase());
    expect(asked.filter((question, index) => asked.indexOf(question) !== index)).toEqual([]);
  });

  it('is what scripts/make-sample.mjs makes', () => {
    const script = fileURLToPath(new URL('../../scripts/make-sample.mjs', import.meta.url));
    const { status, stderr } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' });
    expect({ status, stderr }).toMatchObject({ status: 0 });
  });

  it('has the counts that its card states', () => {
    const card = readFileSync(new URL('README.md', SAMPLE_FOLDER), 'utf8');
    const inSplit = (split: string) => rows.filter((row) => row.split === split).length;
    expect(card).toContain(`${rows.length} questions`);
    expect(card).toContain(`\`train\` ${inSplit('train')} rows, \`test\` ${inSplit('test')} rows`);
    expect(card).toContain(`${factRows.length} rows are hand-written`);
    expect(card).toContain(`${computedRows.length} rows are computed`);
    expect(card).toContain(`| ${new Set(rows.map((row) => row.domain)).size}, from`);
  });

  it('keeps each note and each family of computed questions in one split, and has both splits', () => {
    const splits = Object.groupBy(
      rows,
      (row) => row.provenance.document_id ?? row.provenance.extra?.family ?? '',
    );
    const torn = Object.entries(splits).filter(
      ([, group]) => new Set(group?.map((row) => row.split)).size !== 1,
    );
    expect(torn).toEqual([]);
    expect(Object.keys(splits)).not.toContain('');
    expect(new Set(rows.map((row) => row.split))).toEqual(new Set(['train', 'test']));
  });

  it('offers four different options to each choice question, the right one in every place', () => {
    const choiceRows = rows.filter((row) => row.answer_type === 'choice');
    expect(choiceRows.filter((row) => new Set(row.choices).size !== 4).map((row) => row.question)).toEqual(
      [],
    );
    expect(new Set(choiceRows.map((row) => row.ground_truth))).toEqual(new Set(['A', 'B', 'C', 'D']));
    expect(rows.filter((row) => row.answer_type !== 'choice' && row.choices !== undefined)).toEqual([]);
  });

  it('uses every note', () => {
    const notes = readdirSync(new URL('notes/', SAMPLE_FOLDER)).map((name) => `notes/${name}`);
    expect(new Set(factRows.map((row) => row.provenance.document_id))).toEqual(new Set(notes));
  });

  it('states each answer in a whole sentence of its note', () => {
    const evidence = factRows.map((row) => ({ row, text: evidenceOf(row) }));
    const unstated = evidence.filter(({ row, text }) => !/^[\p{Lu}].*\.$/u.test(text) || !states(text, row));
    expect(unstated.map(({ row, text }) => [row.question, row.ground_truth, text])).toEqual([]);
  });

  it('gives no answer away in its question', () => {
    expect(rows.filter(tellsAnswer).map((row) => [row.question, row.ground_truth])).toEqual([]);
  });

  it('has the ground truths that its expressions give', () => {
    const wrong = computedRows.filter((row) => !agrees(toComputed(row)));
    expect(wrong.map((row) => [row.question, row.ground_truth])).toEqual([]);
  });

  it('computes with the numbers and dates that its questions show', () => {
    const hidden = computedRows.map((row) => ({ question: row.question, hidden: hiddenFrom(row) }));
    expect(hidden.filter((entry) => entry.hidden.length > 0)).toEqual([]);
  });
});

describe('agrees()', () => {
  it.each([
    ['1/2 + 1/3', '4/6'],
    ['3 * 4 + 1', '14'],
    ['(x + 2) * (x - 3)', 'x^2 + x - 6'],
    ['derivative(2*x^3 - 5*x)', '6x^2 + 5'],
    ['roots(x^2 - 4)', '2, 3'],
    ['sqrt(72)', '3*sqrt(8)'],
    ['mod(17, 5)', '3'],
    ['lcm(4, 6)', '24'],
    ['choose(5, 2)', '20'],
    ['from_base("1010", 2)', '11'],
    ['add_days("2023-12-31", 1)', '2023-01-01'],
    ['days_between("2024-02-28", "2024-03-01")', '1'],
    ['weekday("2000-01-01")', 'Sunday'],
    ['roman(1994)', 'MCMXCVI'],
    ['primes(10, 20)', '11, 13, 15, 17, 19'],
    ['divisors(12)', '1, 2, 3, 4, 6'],
    ['is_prime(91)', 'yes'],
    ['greater(1/2, 2/3)', 'yes'],
    ['multiples(7, 10, 30)', '14|21'],
    ['days_of_month(2023, 3)', '2023-03-[0-3][0-9]'],
  ])('agrees() says no where %s is not %s', (expression, groundTruth) => {
    expect(agrees({ expression, groundTruth, choices: [] })).toBe(false);
  });

  it('agrees() says no where another option is the right one', () => {
    const choices = ['1/2', '2/3', '1/4', '1/5'];
    expect(agrees({ expression: 'max(1/2, 2/3, 1/4, 1/5)', groundTruth: 'A', choices })).toBe(false);
    expect(agrees({ expression: 'max(1/2, 2/3, 1/4, 1/5)', groundTruth: 'B', choices })).toBe(true);
  });
});
