// Judge templates from files: `prompts/judge/<name>.prompt.md`, a user's folder over the built-in one. Every value is printed
// inside a fence that its text cannot close, and a template must tell the judge of that fence.

import { fenced, fenceOf } from '../core/judge-data.ts';
import { invalidArgument } from '../core/errors.ts';
import { labelsOf, scoreOfLabel, swappedVote, type VerdictScale } from '../core/judge-verdict.ts';
import type { JudgePromptValues, JudgeTemplate, JudgeTemplates } from '../ports/judge-templates.ts';
import { checkHead, readFrontMatter, refusal, sha256Of } from './front-matter.ts';
import type { PromptSourceFile } from './front-matter.ts';
import { PromptEngine } from './prompt-bodies.ts';
import { promptFilesOf, type PromptFolders } from './prompt-folders.ts';

const VALUES = ['question', 'ground_truth', 'aliases', 'answer', 'other'];
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

function parseJudgeFile(engine: PromptEngine, file: PromptSourceFile): JudgeTemplate {
  const { head, body } = readFrontMatter(file);
  checkHead(file, head, { stage: 'judge', kind: KIND, values: VALUES });
  const scale = scaleOf(file, head.output);
  const isPairwise = head.input.includes('other');
  if (isPairwise) checkMirrors(file, scale);
  const scope = (values: JudgePromptValues): object => ({ ...fencedValues(values), params: head.params });
  const parsed = engine.parse(file, body, {
    kind: KIND,
    given: [...head.input, 'fence'],
    shown: [
      { value: 'fence', called: 'the fence' },
      { value: 'answer', called: 'the answer' },
      ...(isPairwise ? [{ value: 'other', called: 'the other answer' }] : []),
    ],
    trials: [[], ['an alias', 'another']].map((aliases) =>
      scope({ question: 'q', groundTruth: 't', aliases, answer: 'a', other: 'b' }),
    ),
  });
  const given = isPairwise ? ['answer', 'other'] : ['answer'];
  checkWhole(file, given, engine.print(parsed, scope(PROBE)));
  return {
    name: head.name,
    id: `${head.name}@${head.version}-${sha256Of(file).slice(0, ID_HASH_CHARS)}`,
    scale,
    usesGroundTruth: head.input.includes('ground_truth'),
    isPairwise,
    render: (values) => engine.print(parsed, scope(values)),
  };
}

/** What a filter would cut, join or decode: long, in lines, with entities and percent signs. */
const PROBE_TEXT = `  a\n\n%3C &lt; ' <b>x</b> ${'long '.repeat(20_000)}\n`;
const PROBE = { question: 'q', groundTruth: 't', aliases: [], answer: PROBE_TEXT, other: `o${PROBE_TEXT}` };

/** A filter (`truncate`, `url_decode`, …) on an answer could cut its fence off, or make markers that were torn whole again. */
function checkWhole(
  file: PromptSourceFile,
  names: readonly string[],
  printed: readonly { readonly content: string }[],
): void {
  const values = new Map<string, unknown>(Object.entries(fencedValues(PROBE)));
  const broken = names.find(
    (name) => !printed.some(({ content }) => content.includes(String(values.get(name)))),
  );
  if (broken !== undefined)
    throw refusal(file, 'body', `its text must show "${broken}" as it is, without a filter`);
}

/** The values under their names in templates, each in its fence, and the name of that fence. */
function fencedValues(values: JudgePromptValues): object {
  const { question, groundTruth, aliases, answer, other } = values;
  const fence = fenceOf([question, groundTruth, answer, other, ...aliases]);
  return {
    fence,
    question: fenced(question, { fence, name: 'question' }),
    ground_truth: fenced(groundTruth, { fence, name: 'ground_truth' }),
    aliases: aliases.map((alias) => fenced(alias, { fence, name: 'alias' })),
    answer: fenced(answer, { fence, name: 'answer' }),
    other: fenced(other, { fence, name: 'other' }),
  };
}

function scaleOf(
  file: PromptSourceFile,
  output: Readonly<Record<string, unknown>> | undefined,
): VerdictScale {
  if (output === undefined) throw refusal(file, 'output', 'key "output" is missing');
  const entries = Object.entries(output);
  const { from, to } = output;
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
function checkMirrors(file: PromptSourceFile, scale: VerdictScale): void {
  const orphan = labelsOf(scale).find((label) => {
    const score = scoreOfLabel(scale, label);
    const mirror = score === undefined ? undefined : swappedVote({ label, score }, scale);
    return mirror === undefined || swappedVote(mirror, scale)?.label !== label;
  });
  if (orphan === undefined) return;
  throw refusal(file, 'output', `label "${orphan}" has no counterpart for the two answers swapped`);
}
