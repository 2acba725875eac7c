// Judge templates from files: `prompts/judge/<name>.prompt.md`, a user's folder over the built-in one. Every value is printed
// inside a fence that its text cannot close, and a template must tell the judge of that fence.

import { fenced, fenceOf } from '../core/judge-data.ts';
import { EnvError, invalidArgument } from '../core/errors.ts';
import { parseVariable } from '../core/graders/variable.ts';
import { labelsOf, scoreOfLabel, swappedVote, type VerdictScale } from '../core/judge-verdict.ts';
import type { Message } from '../core/prompt.ts';
import type { JudgePromptValues, JudgeTemplate, JudgeTemplates } from '../ports/judge-templates.ts';
import { checkHead, readFrontMatter, refusal, sha256Of } from './front-matter.ts';
import type { PromptSourceFile } from './front-matter.ts';
import { PromptEngine } from './prompt-bodies.ts';
import { promptFilesOf, type PromptFolders } from './prompt-folders.ts';

const VALUES = ['question', 'ground_truth', 'aliases', 'answer', 'completion', 'other'];
/** What begins the name of a variable: a column of the row, or a part of the completion. */
const NAMESPACES = ['item', 'sample'] as const;
const KIND = 'a judge template';
const ID_HASH_CHARS = 8;
const LEVELS_MAX = 100;

export class JudgePromptFiles implements JudgeTemplates {
  readonly #templates: ReadonlyMap<string, JudgeTemplate>;

  constructor(templates: ReadonlyMap<string, JudgeTemplate>) {
    this.#templates = templates;
  }

  names(): readonly string[] {
    return [...this.#templates.keys()].toSorted();
  }

  find(name: string): JudgeTemplate {
    const found = this.#templates.get(name);
    if (found !== undefined) return found;
    throw invalidArgument(
      'template',
      `Cannot find judge template "${name}": there are ${this.names().join(', ')}`,
    );
  }
}

/** Reads and parses all judge templates, once, at start. Throws as `loadPromptFiles` does. */
export function loadJudgePromptFiles(folders: PromptFolders = {}): JudgePromptFiles {
  const engine = new PromptEngine();
  const templates = promptFilesOf('judge', folders).map((file) => parseJudgeFile(engine, file));
  return new JudgePromptFiles(new Map(templates.map((template) => [template.name, template])));
}

/** Reads a template that lies nowhere yet. Throws as the loading does. */
export function parseJudgeText(file: PromptSourceFile): JudgeTemplate {
  return parseJudgeFile(new PromptEngine(), file);
}

function parseJudgeFile(engine: PromptEngine, file: PromptSourceFile): JudgeTemplate {
  const { head, body } = readFrontMatter(file);
  const variables = head.input.filter(isVariable);
  const plain = head.input.filter((name) => !isVariable(name));
  checkHead(file, { ...head, input: plain }, { stage: 'judge', kind: KIND, values: VALUES });
  checkVariables(file, variables);
  const scale = scaleOf(file, head.output);
  const isPairwise = head.input.includes('other');
  if (isPairwise) checkPairwise(file, scale, variables);
  const shown = shownIn(file, head.input, variables);
  const namespaces = NAMESPACES.filter((name) => variables.some((each) => each.startsWith(name)));
  const scope = (values: JudgePromptValues): object => ({ ...fencedValues(values), params: head.params });
  const probe = (text: string): JudgePromptValues['variables'] =>
    Object.fromEntries(variables.map((name) => [name, text]));
  const parsed = engine.parse(file, body, {
    kind: KIND,
    given: [...plain, ...namespaces, 'fence'],
    shown: [
      { value: 'fence', called: 'the fence' },
      ...(shown === undefined
        ? namespaces.map((value) => ({ value, called: `a variable of "${value}"` }))
        : []),
      ...(shown === undefined ? [] : [{ value: shown, called: `the ${shown}` }]),
      ...(isPairwise ? [{ value: 'other', called: 'the other answer' }] : []),
    ],
    trials: [[], ['an alias', 'another']].map((aliases) =>
      scope({ question: 'q', groundTruth: 't', aliases, answer: 'a', other: 'b', variables: probe('v') }),
    ),
    turns: 'any',
  });
  const whole = { ...PROBE, variables: probe(PROBE_TEXT) };
  const given = [...(shown === undefined ? [] : [shown]), ...(isPairwise ? ['other'] : [])];
  checkWhole(file, given, { values: whole, printed: engine.print(parsed, scope(whole)) });
  return {
    name: head.name,
    id: `${head.name}@${head.version}-${sha256Of(file).slice(0, ID_HASH_CHARS)}`,
    scale,
    usesGroundTruth: head.input.includes('ground_truth'),
    isPairwise,
    readsCompletion: shown === 'completion' || shown === undefined || !head.input.includes('ground_truth'),
    variables,
    render: (values) => engine.print(parsed, scope(values)),
  };
}

function isVariable(name: string): boolean {
  return NAMESPACES.some((namespace) => name.startsWith(`${namespace}.`) || name.startsWith(`${namespace}[`));
}

function checkVariables(file: PromptSourceFile, variables: readonly string[]): void {
  for (const name of variables) {
    try {
      parseVariable(name, 'input');
    } catch (error) {
      if (!(error instanceof EnvError)) throw error;
      throw refusal(file, 'input', `key "input" names "${name.slice(0, 64)}": ${error.message}`);
    }
  }
}

/** The value that holds what is judged; undefined where only parts of the completion are shown. */
function shownIn(
  file: PromptSourceFile,
  input: readonly string[],
  variables: readonly string[],
): 'answer' | 'completion' | undefined {
  const [has, hasWhole] = [input.includes('answer'), input.includes('completion')];
  if (has && hasWhole)
    throw refusal(file, 'input', 'a judge is shown the answer or the completion, not both');
  if (hasWhole) return 'completion';
  return !has && variables.some((name) => name.startsWith('sample')) ? undefined : 'answer';
}

/** What a filter would cut, join or decode: long, in lines, with entities and percent signs. */
const PROBE_TEXT = `  a\n\n%3C &lt; ' <b>x</b> ${'long '.repeat(20_000)}\n`;
const PROBE = { question: 'q', groundTruth: 't', aliases: [], answer: PROBE_TEXT, other: `o${PROBE_TEXT}` };

/** A filter (`truncate`, `url_decode`, …) on an answer could cut its fence off, or make markers that were torn whole again. */
function checkWhole(
  file: PromptSourceFile,
  names: readonly string[],
  { values, printed }: { readonly values: JudgePromptValues; readonly printed: readonly Message[] },
): void {
  const fencedWhole = fencedValues(values);
  const texts = new Map<string, unknown>(Object.entries(fencedWhole));
  const wanted = [
    ...names.map((name) => [name, texts.get(name)] as const),
    ...NAMESPACES.flatMap((namespace) =>
      Object.entries(fencedWhole[namespace]).map(([name, text]) => [`${namespace}.${name}`, text] as const),
    ),
  ];
  const broken = wanted.find(([, text]) => !printed.some(({ content }) => content.includes(String(text))));
  if (broken !== undefined)
    throw refusal(file, 'body', `its text must show "${broken[0].slice(0, 64)}" as it is, without a filter`);
}

/** Values under their names in templates, each in its fence, and the name of that fence. `item["a.b"]` is the variable item.a.b. */
function fencedValues(values: JudgePromptValues) {
  const { question, groundTruth, aliases, answer, other, variables = {} } = values;
  const named = Object.entries(variables);
  const fence = fenceOf([question, groundTruth, answer, other, ...aliases, ...named.flat()]);
  const variablesOf = (namespace: string): Readonly<Record<string, string>> =>
    Object.fromEntries(
      named.flatMap(([name, text]) => {
        if (!name.startsWith(namespace)) return [];
        const rest = name.slice(namespace.length).replace(/^\./u, '');
        // Names of columns are the grader's, and no more than letters reach the fence.
        return [
          [rest, fenced(text, { fence, name: rest.replaceAll(/[^\p{L}\p{N}_]+/gu, '-').slice(0, 40) })],
        ];
      }),
    );
  return {
    fence,
    question: fenced(question, { fence, name: 'question' }),
    ground_truth: fenced(groundTruth, { fence, name: 'ground_truth' }),
    aliases: aliases.map((alias) => fenced(alias, { fence, name: 'alias' })),
    answer: fenced(answer, { fence, name: 'answer' }),
    completion: fenced(answer, { fence, name: 'completion' }),
    other: fenced(other, { fence, name: 'other' }),
    item: variablesOf('item'),
    sample: variablesOf('sample'),
  };
}

/** `range: [0, 1]`: any number between the two. */
function rangeOf(file: PromptSourceFile, range: unknown, keys: number): VerdictScale {
  const [from, to, ...more]: readonly unknown[] = Array.isArray(range) ? range : [];
  const areNumbers = typeof from === 'number' && typeof to === 'number';
  if (!areNumbers || more.length > 0 || keys > 1 || !(from < to) || !Number.isFinite(to - from)) {
    throw refusal(file, 'output', 'a range is two rising numbers, and the only key');
  }
  return { kind: 'range', from, to };
}

function scaleOf(
  file: PromptSourceFile,
  output: Readonly<Record<string, unknown>> | undefined,
): VerdictScale {
  if (output === undefined) throw refusal(file, 'output', 'key "output" is missing');
  const entries = Object.entries(output);
  const { from, to, range } = output;
  if (range !== undefined) return rangeOf(file, range, entries.length);
  if (Object.hasOwn(output, 'from') || Object.hasOwn(output, 'to')) {
    const isRange = Number.isSafeInteger(from) && Number.isSafeInteger(to) && entries.length === 2;
    const span = Number(to) - Number(from);
    if (isRange && span >= 1 && span < LEVELS_MAX)
      return { kind: 'levels', from: Number(from), to: Number(to) };
    throw refusal(file, 'output', 'levels need whole numbers "from" and "to", from below to');
  }
  const scores = new Map<string, number>();
  for (const [label, score] of entries) {
    if (typeof score !== 'number' || !(score >= 0 && score <= 1) || !/^[a-z][a-z_]*$/u.test(label)) {
      throw refusal(file, 'output', `key "output" must map lower-case labels to scores from 0 to 1`);
    }
    scores.set(label, score);
  }
  if (new Set(scores.values()).size < 2) {
    throw refusal(file, 'output', 'key "output" must tell at least two scores apart');
  }
  return { kind: 'labels', scores };
}

/** What is said of two answers must be sayable of the two swapped, or half of the votes could not be counted. */
function checkPairwise(file: PromptSourceFile, scale: VerdictScale, variables: readonly string[]): void {
  if (scale.kind === 'range') throw refusal(file, 'output', 'a range is no verdict on two answers');
  if (variables.length > 0) throw refusal(file, 'input', 'a judge of two answers has no variables');
  const orphan = labelsOf(scale).find((label) => {
    const score = scoreOfLabel(scale, label);
    const mirror = score === undefined ? undefined : swappedVote({ label, score }, scale);
    return mirror === undefined || swappedVote(mirror, scale)?.label !== label;
  });
  if (orphan === undefined) return;
  throw refusal(file, 'output', `label "${orphan}" has no counterpart for the two answers swapped`);
}
