// Reads the JSON of an OpenAI grader (the API's grader objects, in reinforcement fine-tuning and evaluations). What cannot become
// a recipe is refused with its field and what to do instead; nothing is left out in silence.

import { EnvError, invalidArgument } from '../errors.ts';
import { isFormulaName, namesIn, parseFormula } from '../formula.ts';
import type { JsonObject } from '../json.ts';
import { TEXT_SIMILARITIES } from '../text-similarity/table.ts';
import { STRING_OPERATIONS } from '../verifiers/string-check.ts';
import { isJsonObject } from '../canonical-json.ts';
import { fieldOf, messagesAt, numberAt, objectAt, rangeAt, samplingAt, textAt } from './grader-fields.ts';
import type { OpenAiScorer, MultiOpenAiScorer, OpenAiScoreModel, SingleOpenAiScorer } from './grader.ts';
import { parseTextTemplate, showsSample } from './text-template.ts';

const GRADERS_MAX = 32;
/** The cosine is of embeddings, which a server makes. */
const METRICS: readonly string[] = [...TEXT_SIMILARITIES.keys(), 'cosine'];
const COMMON = ['type', 'name', 'pass_threshold'];
const COMPARING = [...COMMON, 'input', 'reference'];

/** Kinds of graders that no recipe can be, and what to do instead. */
const REFUSED: ReadonlyMap<string, string> = new Map([
  [
    'python',
    'a recipe runs no code. Say it with string_check, text_similarity, score_model and a formula, or with a verifier (math, ' +
      'numeric, regex, …); or serve the function over HTTP as a reward model of kind "get_reward" in the scorers file',
  ],
  [
    'label_model',
    'its labels need a judge template of your own, whose "output" maps each label to a score (passing ones to 1, others to 0); ' +
      'or ask for a number with score_model',
  ],
  [
    'endpoint',
    'a recipe calls no address. Name the server as a reward model in the scorers file, for example of kind "get_reward"',
  ],
]);

/**
 * @param value what the file holds: a grader, or an object with a `grader` as requests have it
 * @throws EnvError `invalid_argument` with the path of the field at fault, and in words the grader that it is of
 */
export function openAiScorerFromJson(value: unknown): OpenAiScorer {
  const outer = objectAt(value, '');
  const isWrapped = outer['type'] === undefined && isJsonObject(outer['grader']);
  const path = isWrapped ? 'grader' : '';
  const object = isWrapped ? objectAt(outer['grader'], path) : outer;
  return named(object, path, () => (object['type'] === 'multi' ? multi(object, path) : single(object, path)));
}

/** Errors say which grader they are of: its path alone says little to whoever wrote names. */
function named<Read>(object: JsonObject, path: string, read: () => Read): Read {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof EnvError) || error.message.startsWith('Cannot import')) throw error;
    const name = typeof object['name'] === 'string' ? ` "${object['name'].slice(0, 64)}"` : '';
    const field = error.field === undefined || error.field === '' ? path : error.field;
    const at = field === '' ? '' : `${field}: `;
    throw new EnvError(error.code, `Cannot import the grader${name}: ${at}${error.message}`, {
      field,
      cause: error,
    });
  }
}

function single(object: JsonObject, path: string): SingleOpenAiScorer {
  const type = typeof object['type'] === 'string' ? object['type'] : '';
  const common = (fallback: string) => ({
    name: object['name'] === undefined ? fallback : textAt(object, 'name', path),
    passThreshold: numberAt(object, 'pass_threshold', { path }),
  });
  switch (type) {
    case 'string_check': {
      objectAt(object, path, [...COMPARING, 'operation']);
      const said = object['operation'] === 'neq' ? 'ne' : object['operation'];
      const operation = STRING_OPERATIONS.find((each) => each === said);
      if (operation === undefined) throw notOneOf(STRING_OPERATIONS, fieldOf(path, 'operation'));
      return { kind: type, ...common(type), operation, ...textsAt(object, path) };
    }
    case 'text_similarity': {
      objectAt(object, path, [...COMPARING, 'evaluation_metric']);
      const metric = object['evaluation_metric'];
      const field = fieldOf(path, 'evaluation_metric');
      if (typeof metric !== 'string' || !METRICS.includes(metric)) {
        throw notOneOf(METRICS, field);
      }
      return { kind: type, ...common(type), metric, ...textsAt(object, path) };
    }
    case 'score_model':
      objectAt(object, path, [...COMMON, 'input', 'model', 'range', 'sampling_params']);
      return { kind: type, ...common(type), ...scoreModel(object, path) };
    default: {
      const instead = REFUSED.get(type);
      const field = fieldOf(path, 'type');
      if (instead !== undefined) throw invalidArgument(field, `"${type}" cannot be imported: ${instead}`);
      if (type === 'multi') throw invalidArgument(field, 'A multi grader cannot stand in another one');
      throw notOneOf(['string_check', 'text_similarity', 'score_model', 'multi'], field);
    }
  }
}

function notOneOf(known: readonly string[], field: string): Error {
  return invalidArgument(field, `Must be one of: ${known.join(', ')}`);
}

/** Neither text may be wrong, and one of them must show the completion. */
function textsAt(object: JsonObject, path: string): { readonly input: string; readonly reference: string } {
  const [input, reference] = [textAt(object, 'input', path), textAt(object, 'reference', path)];
  const templates = [
    parseTextTemplate(input, fieldOf(path, 'input')),
    parseTextTemplate(reference, fieldOf(path, 'reference')),
  ];
  if (templates.some(showsSample)) return { input, reference };
  throw invalidArgument(
    fieldOf(path, 'input'),
    'Neither "input" nor "reference" shows the completion, as {{ sample.output_text }} does',
  );
}

function scoreModel(object: JsonObject, path: string): Omit<OpenAiScoreModel, 'kind' | 'name'> {
  const model = textAt(object, 'model', path);
  if (model.trim() === '') throw invalidArgument(fieldOf(path, 'model'), 'Must name a model');
  const messages = messagesAt(object, path);
  const field = fieldOf(path, 'input');
  if (!messages.some(({ content }) => showsSample(content))) {
    throw invalidArgument(field, 'No message shows the completion, as {{ sample.output_text }} does');
  }
  return { model, messages, range: rangeAt(object, path), sampling: samplingAt(object, path) };
}

function multi(object: JsonObject, path: string): Omit<MultiOpenAiScorer, 'passThreshold'> {
  objectAt(object, path, [...COMMON, 'graders', 'calculate_output']);
  const field = fieldOf(path, 'graders');
  const given = objectAt(object['graders'], field);
  // The API's own types have one grader there, where its guide has several under their names.
  const isOne = typeof given['type'] === 'string';
  const entries = isOne ? [[textAt(given, 'name', field), given] as const] : Object.entries(given);
  if (entries.length === 0 || entries.length > GRADERS_MAX) {
    throw invalidArgument(field, `Must have 1 to ${GRADERS_MAX} graders`);
  }
  const graders = new Map<string, SingleOpenAiScorer>();
  for (const [key, value] of entries) {
    const at = isOne ? field : fieldOf(field, key.slice(0, 64));
    if (!isFormulaName(key)) {
      throw invalidArgument(
        at,
        'A formula can only name graders of letters, digits and "_", that begin with no digit',
      );
    }
    const inner = objectAt(value, at);
    graders.set(
      key,
      named({ ...inner, name: inner['name'] ?? key }, at, () => single(inner, at)),
    );
  }
  const output = fieldOf(path, 'calculate_output');
  const formula = parseFormula(textAt(object, 'calculate_output', path), output);
  const names = namesIn(formula);
  const unknown = names.find((name) => !graders.has(name));
  if (unknown !== undefined) {
    throw invalidArgument(
      output,
      `There is no grader "${unknown.slice(0, 64)}": there are ${[...graders.keys()].join(', ')}`,
    );
  }
  if (names.length === 0) throw invalidArgument(output, 'The formula names no grader');
  const name = object['name'] === undefined ? 'multi' : textAt(object, 'name', path);
  return { kind: 'multi', name, graders, formula };
}
