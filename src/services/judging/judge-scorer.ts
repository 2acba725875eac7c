// A judge as a scorer of recipes. What it could not tell stays untold: votes that disagree are undecided, a failure is a
// fault with its cause, and neither becomes a number.

import { invalidArgument } from '../../core/errors.ts';
import { parseVariable, type Variable, valueOf } from '../../core/graders/variable.ts';
import { isDecisive } from '../../core/judge-votes.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Finding } from '../../core/reward.ts';
import type { Cost } from '../../core/score.ts';
import type { VerifierInput } from '../../core/verifiers/verifier.ts';
import type { Scorer } from '../scoring/scorer.ts';
import type { Judge, JudgeOutcome } from './judge.ts';

export interface JudgeScorerOptions {
  readonly judge: Judge;
  /** Of its template: a judge that compares with nothing reads the whole completion. */
  readonly usesGroundTruth: boolean;
  /** Of its template as well: shows the whole completion in any case. */
  readonly readsCompletion?: boolean | undefined;
  /** Of its template as well: what it shows of the row and the completion by name. */
  readonly variables?: readonly string[] | undefined;
  /** Least share of votes that decides, above one half in any case. */
  readonly agreement: number;
  /** Aborted when the server goes down. */
  readonly signal: AbortSignal;
}

export function judgeScorer(options: JudgeScorerOptions): Scorer {
  const { judge, usesGroundTruth, readsCompletion = !usesGroundTruth, agreement, signal } = options;
  const shown = (options.variables ?? []).map((name) => parseVariable(name, 'variables'));
  return {
    name: judge.name,
    reads: readsCompletion ? 'completion' : 'answer',
    fallback: 'line',
    usesColumns: shown.length > 0,
    parseOptions: (given) => checkedOptions(judge, given),
    score: async (input, timeLimit) => {
      const { answer, groundTruth, promptText } = input;
      if (usesGroundTruth && groundTruth.answer.trim() === '') {
        return { kind: 'unusable', reason: 'the ground truth is empty' };
      }
      const variables = shown.length === 0 ? undefined : valuesOf(shown, input);
      if (variables !== undefined && 'kind' in variables) return variables;
      const question = {
        question: promptText,
        groundTruth: usesGroundTruth ? groundTruth.answer : '',
        aliases: usesGroundTruth ? groundTruth.aliases : [],
        answer,
        ...(variables && { variables: variables.values }),
      };
      const until = timeLimit === undefined ? signal : AbortSignal.any([signal, timeLimit]);
      return judgeFinding(await judge.judge(question, until), agreement);
    },
  };
}

/** The text of each variable; or why there is none: a row without it is unusable, a completion that lacks it says nothing. */
function valuesOf(
  shown: readonly Variable[],
  { answer, groundTruth, choices, promptText, columns }: VerifierInput,
): Finding | { readonly values: Readonly<Record<string, string>> } {
  const given = { completion: answer, groundTruth, choices, promptText, columns };
  const found = shown.map((variable) => ({ variable, value: valueOf(variable, given, groundTruth.answer) }));
  const absent = found.find(({ value }) => value.kind === 'absent');
  if (absent !== undefined) return { kind: 'unusable', reason: `the row has no "${absent.variable.name}"` };
  if (found.some(({ value }) => value.kind === 'missing')) return { kind: 'no_answer' };
  return {
    values: Object.fromEntries(
      found.map(({ variable, value }) => [variable.name, value.kind === 'text' ? value.text : '']),
    ),
  };
}

/** A recipe may say which template it means, so that it is refused where the judge has another one. */
function checkedOptions(judge: Judge, options: JsonObject): JsonObject {
  const stranger = Object.keys(options).find((key) => key !== 'template');
  if (stranger !== undefined) {
    throw invalidArgument(stranger, `The judge "${judge.name}" takes no option but "template" in a recipe`);
  }
  checkTemplate(judge, options['template']);
  return options;
}

/** @param template what a recipe says, if anything */
export function checkTemplate(judge: Judge, template: unknown): void {
  const [own] = judge.template.split('@');
  if (template === undefined || template === own) return;
  throw invalidArgument(
    'template',
    `The judge "${judge.name}" has the template "${own}": another one needs a judge of its own`,
  );
}

/** What a judge's outcome says about a completion. */
export function judgeFinding(outcome: JudgeOutcome, agreementMin: number): Finding {
  switch (outcome.kind) {
    case 'refused':
      return { kind: 'score', score: 0, reason: outcome.reason };
    case 'fault':
      return { kind: 'fault', cause: outcome.cause, detail: outcome.detail, cost: costOf(outcome) };
    case 'verdict': {
      const { score, label, agreement } = outcome.verdict;
      const share = `${Math.round(agreement * 100)} % of the votes`;
      const cost = costOf(outcome);
      if (!isDecisive(agreement, agreementMin))
        return { kind: 'undecided', reason: `only ${share} say "${label}"`, cost };
      return { kind: 'score', score, reason: `the judge says "${label}"`, cost };
    }
  }
}

/** What an asking cost. A verdict that was remembered was paid for by whoever asked first. */
export function costOf(outcome: Exclude<JudgeOutcome, { kind: 'refused' }>): Cost {
  if (outcome.kind === 'fault') {
    const { costUsd: usd, promptTokens, completionTokens } = outcome;
    return { usd, isCached: false, promptTokens, completionTokens };
  }
  if (outcome.isRemembered === true) return { usd: 0, isCached: true, promptTokens: 0, completionTokens: 0 };
  const { costUsd: usd, promptTokens, completionTokens } = outcome.verdict;
  return { usd, isCached: false, promptTokens, completionTokens };
}
