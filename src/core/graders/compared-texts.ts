// The two texts that a grader compares, as its options word them: shared by the verifiers that compare two texts.

import { invalidArgument } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import type { OptionReader } from '../verifiers/options.ts';
import { unusable } from '../verifiers/verifier.ts';
import type { Verdict, VerifierInput } from '../verifiers/verifier.ts';
import { parseTextTemplate, renderText, showsSample, truthsFor } from './text-template.ts';

export interface TextPair {
  readonly input: string;
  readonly reference: string;
}

const TEXT_CHARS_MAX = 20_000;
/** What the texts are where a recipe does not say. */
const INPUT = '{{ sample.output_text }}';
const REFERENCE = '{{ item.reference_answer }}';

/** Options `input` and `reference`: texts with variables. */
export const TEXT_OPTIONS: Readonly<Record<'input' | 'reference', OptionReader>> = {
  input: (value, name) => textOption(value, name, INPUT),
  reference: (value, name) => textOption(value, name, REFERENCE),
};

function textOption(value: unknown, name: string, fallback: string): string {
  if (value === undefined) return fallback;
  if (typeof value !== 'string') throw invalidArgument(name, `Option "${name}" must be a text`);
  if (value.length > TEXT_CHARS_MAX) {
    throw invalidArgument(name, `Option "${name}" has more than ${TEXT_CHARS_MAX} characters`);
  }
  parseTextTemplate(value, name);
  return value;
}

/** Two texts of which neither shows the completion would give every completion the same score. */
export function requireSample(options: JsonObject): JsonObject {
  const texts = [textIn(options, 'input'), textIn(options, 'reference')];
  if (texts.some((text) => showsSample(parseTextTemplate(text, 'input')))) return options;
  throw invalidArgument(
    'input',
    'Neither "input" nor "reference" shows the completion: use {{ sample.output_text }}',
  );
}

/**
 * The texts with their variables filled in, once for each ground truth that is as right; or why there are none: a row without
 * the variable is unusable, a completion that does not say it has no answer.
 *
 * @param truthsMax how many ground truths are tried
 */
export function comparedTexts(
  { answer, groundTruth, choices, promptText, columns, options }: VerifierInput,
  truthsMax: number,
): readonly TextPair[] | Verdict {
  const input = parseTextTemplate(textIn(options, 'input'), 'input');
  const reference = parseTextTemplate(textIn(options, 'reference'), 'reference');
  const given = { completion: answer, groundTruth, choices, promptText, columns };
  const pairs: TextPair[] = [];
  for (const truth of truthsFor([input, reference], given).slice(0, truthsMax)) {
    const [first, second] = [renderText(input, given, truth), renderText(reference, given, truth)];
    // The row's own fault goes first: nothing that a completion says can mend it.
    const absent = [first, second].find(({ kind }) => kind === 'absent');
    if (absent !== undefined && absent.kind !== 'text') {
      return unusable(`the row has no "${absent.variable.slice(0, 64)}"`);
    }
    if (first.kind !== 'text' || second.kind !== 'text') return { kind: 'no_answer' };
    pairs.push({ input: first.text, reference: second.text });
  }
  return pairs;
}

export function isVerdict(found: readonly TextPair[] | Verdict): found is Verdict {
  return !Array.isArray(found);
}

/** An option that `parseOptions` has filled in. */
export function textIn(options: JsonObject, name: string): string {
  const text = options[name];
  if (typeof text === 'string') return text;
  throw new TypeError(`Option "${name}" was not checked by parseOptions`);
}
