// A grader's text: words with variables in double braces. What a variable stands for is printed once and never read again.

import { invalidArgument } from '../errors.ts';
import { type GradedCase, isGroundTruth, parseVariable, type Variable, valueOf } from './variable.ts';

export type TextTemplate = readonly (string | Variable)[];

/** `absent`: the row lacks the variable. `missing`: the completion does. */
export type Rendered =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'absent' | 'missing'; readonly variable: string };

const VARIABLES_MAX = 256;

/** @throws EnvError `invalid_argument` with `field` */
export function parseTextTemplate(text: string, field: string): TextTemplate {
  const parts: (string | Variable)[] = [];
  let at = 0;
  for (let open = text.indexOf('{{'); open >= 0; open = text.indexOf('{{', at)) {
    const close = text.indexOf('}}', open);
    if (close < 0) throw invalidArgument(field, 'The text opens a variable with "{{" and does not close it');
    if (open > at) parts.push(text.slice(at, open));
    parts.push(parseVariable(text.slice(open + 2, close), field));
    at = close + 2;
    if (parts.length > 2 * VARIABLES_MAX) {
      throw invalidArgument(field, `The text has more than ${VARIABLES_MAX} variables`);
    }
  }
  if (at < text.length) parts.push(text.slice(at));
  return parts;
}

export function variablesOf(template: TextTemplate): readonly Variable[] {
  return template.filter((part) => typeof part !== 'string');
}

/** Whether the text shows anything of the completion. */
export function showsSample(template: TextTemplate): boolean {
  return variablesOf(template).some(({ namespace }) => namespace === 'sample');
}

export function renderText(template: TextTemplate, given: GradedCase, truth: string): Rendered {
  let text = '';
  for (const part of template) {
    if (typeof part === 'string') {
      text += part;
      continue;
    }
    const value = valueOf(part, given, truth);
    if (value.kind !== 'text') return { kind: value.kind, variable: part.name };
    text += value.text;
  }
  return { kind: 'text', text };
}

/** The ground truths that the texts are to be printed with: the aliases as well, where a text shows the ground truth. */
export function truthsFor(templates: readonly TextTemplate[], given: GradedCase): readonly string[] {
  const { answer, aliases } = given.groundTruth;
  const isShown = templates.some((template) =>
    variablesOf(template).some((variable) => isGroundTruth(variable, given)),
  );
  return isShown ? [answer, ...aliases] : [answer];
}
