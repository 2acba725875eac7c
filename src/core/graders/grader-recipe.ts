// From a grader to the recipe that scores as it does, and the judges that the recipe needs. Scores of judges lie in [0, 1], and
// grades in the grader's own range: the recipe's formula maps one to the other.

import { invalidArgument } from '../errors.ts';
import { isFormulaName, namesIn, withNames } from '../formula.ts';
import type { JsonObject } from '../json.ts';
import type { OpenAiScorer, OpenAiScoreModel, SingleOpenAiScorer } from './grader.ts';

/** A judge that a recipe needs: its name is the name of its template as well. */
export interface ImportedJudge extends Pick<OpenAiScoreModel, 'model' | 'messages' | 'range' | 'sampling'> {
  readonly name: string;
}

export interface ImportedRecipe {
  /** As people write recipes. */
  readonly recipe: JsonObject;
  readonly judges: readonly ImportedJudge[];
  /** Names of reward models that it needs: cosines between embeddings. */
  readonly cosines: readonly string[];
  /** What the recipe does not do that the grader's JSON speaks of. */
  readonly notes: readonly string[];
}

const NAME_CHARS_MAX = 60;

export function recipeOfOpenAiScorer(source: OpenAiScorer): ImportedRecipe {
  if (source.kind !== 'multi') return alone(source);
  const used = namesIn(source.formula);
  const notes = used.length < source.graders.size ? [unusedNote(source.graders.keys(), used)] : [];
  const judges: ImportedJudge[] = [];
  const cosines: string[] = [];
  const scorers: JsonObject[] = [];
  const terms = new Map<string, string>();
  for (const key of used) {
    const each = source.graders.get(key);
    if (each === undefined) throw new RangeError(`The formula names "${key}", which is no grader`);
    const judge = judgeOf(each, `${source.name} ${key}`);
    if (judge !== undefined) judges.push(judge);
    const scorer = scorerOf(each, judge, `${source.name} ${key}`);
    if (isCosine(each)) cosines.push(judgeNameOf(`${source.name} ${key}`));
    scorers.push({ ...scorer, known_as: key });
    terms.set(key, judge === undefined ? key : gradeTerm(key, judge.range));
    notes.push(...thresholdNotes(each));
  }
  checkNames([...judges.map(({ name }) => name), ...cosines]);
  const formula = withNames(source.formula.text, (name) => terms.get(name) ?? name, 'calculate_output');
  return { recipe: { scorers, formula }, judges, cosines, notes };
}

function alone(source: SingleOpenAiScorer): ImportedRecipe {
  const judge = judgeOf(source, source.name);
  const scorer = scorerOf(source, judge, source.name);
  const notes = thresholdNotes(source);
  if (isCosine(source))
    return { recipe: { scorers: [scorer] }, judges: [], cosines: [judgeNameOf(source.name)], notes };
  if (judge === undefined) {
    const { name } = source;
    const titled = isFormulaName(name) && name !== source.kind ? { ...scorer, known_as: name } : scorer;
    return { recipe: { scorers: [titled] }, judges: [], cosines: [], notes };
  }
  const [low, high] = judge.range;
  if (low === 0 && high === 1) return { recipe: { scorers: [scorer] }, judges: [judge], cosines: [], notes };
  const recipe = { scorers: [{ ...scorer, known_as: 'grade' }], formula: gradeTerm('grade', judge.range) };
  return { recipe, judges: [judge], cosines: [], notes };
}

/** @param title what a scorer of its own is called after */
function scorerOf(source: SingleOpenAiScorer, judge: ImportedJudge | undefined, title: string): JsonObject {
  switch (source.kind) {
    case 'string_check':
      return {
        name: source.kind,
        operation: source.operation,
        input: source.input,
        reference: source.reference,
      };
    case 'text_similarity':
      if (isCosine(source)) {
        return { name: judgeNameOf(title), input: source.input, reference: source.reference };
      }
      return {
        name: source.kind,
        evaluation_metric: source.metric,
        input: source.input,
        reference: source.reference,
      };
    case 'score_model':
      return { name: judge?.name ?? '' };
    default:
      return source satisfies never;
  }
}

function isCosine(source: SingleOpenAiScorer): boolean {
  return source.kind === 'text_similarity' && source.metric === 'cosine';
}

function judgeOf(source: SingleOpenAiScorer, title: string): ImportedJudge | undefined {
  if (source.kind !== 'score_model') return undefined;
  const { model, messages, range, sampling } = source;
  return { name: judgeNameOf(title), model, messages, range, sampling };
}

/** Lower-case words joined by "-", as templates are named. */
function judgeNameOf(title: string): string {
  const words = title.toLowerCase().match(/[a-z0-9]+/gu) ?? [];
  return words.join('-').slice(0, NAME_CHARS_MAX).replace(/-$/u, '') || 'score-model';
}

/** Names that differ in signs only would be one judge. */
function checkNames(names: readonly string[]): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return;
  throw invalidArgument('graders', `Two graders would be the judge "${twice}": give one another name`);
}

/** low + (high − low) · score. */
function gradeTerm(name: string, [low, high]: readonly [number, number]): string {
  if (low === 0 && high === 1) return name;
  const scaled = `${high - low} * ${name}`;
  return low === 0 ? `(${scaled})` : `(${low} + ${scaled})`;
}

function thresholdNotes({ name, passThreshold }: SingleOpenAiScorer): readonly string[] {
  if (passThreshold === undefined) return [];
  return [
    `pass_threshold ${passThreshold} of "${name}" is no part of its grade: to count what passes, score with --threshold ${passThreshold}`,
  ];
}

function unusedNote(keys: Iterable<string>, used: readonly string[]): string {
  const unused = [...keys].filter((key) => !used.includes(key)).map((key) => `"${key}"`);
  return `calculate_output does not use ${unused.join(', ')}: left out`;
}
