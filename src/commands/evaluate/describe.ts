// An evaluation as one line of JSON for programs, and as a few lines for people.

import { counted } from '../../core/counted.ts';
import { formatCount } from '../options.ts';
import type { EvaluationFigures, PassAt, PlaceFigures } from '../../trainer/evaluation/figures.ts';

/** One way of drawing, measured. */
export interface MeasuredWalk {
  readonly runId: string;
  readonly samples: number;
  readonly temperature: number;
  readonly seconds: number;
  /** Why questions stayed without completions. */
  readonly unanswered: readonly string[];
  readonly figures: EvaluationFigures;
  /** Undefined where the server does not tell what kind of question it asks. */
  readonly places: readonly PlaceFigures[] | undefined;
}

export interface Evaluation {
  readonly policy: string;
  readonly dataset: string;
  readonly version: string;
  readonly split: string;
  readonly seed: number;
  readonly greedy: MeasuredWalk | undefined;
  readonly sampled: MeasuredWalk | undefined;
}

export function evaluationToJson({ version, greedy, sampled, ...rest }: Evaluation): object {
  return {
    ...rest,
    dataset_version: version,
    greedy: greedy === undefined ? null : walkToJson(greedy),
    sampled: sampled === undefined ? null : walkToJson(sampled),
  };
}

function walkToJson(walk: MeasuredWalk): object {
  const { runId, samples, temperature, seconds, unanswered, figures, places } = walk;
  return {
    run_id: runId,
    samples,
    temperature,
    wall_s: seconds,
    unanswered: unanswered.length,
    ...figuresToJson(figures),
    places:
      places?.map((place) => ({
        domain: place.domain,
        answer_type: place.answerType,
        ...figuresToJson(place.figures),
      })) ?? null,
  };
}

function figuresToJson(figures: EvaluationFigures): object {
  return {
    questions: figures.questions,
    completions: figures.completions,
    unscorable: figures.unscorable,
    truncated_share: figures.truncatedShare ?? null,
    mean_reward: figures.meanReward ?? null,
    completion_tokens: figures.completionTokens ?? null,
    pass_at: figures.passAt.map(({ k, share, low, high, questions }) => ({ k, share, low, high, questions })),
  };
}

export function describeEvaluation(evaluation: Evaluation): readonly string[] {
  const { policy, dataset, version, split, greedy, sampled } = evaluation;
  return [
    `${policy} on ${dataset} (version ${version}), split ${split}`,
    ...(greedy === undefined ? [] : ['', 'Greedy: the likeliest token each time', ...walkLines(greedy)]),
    ...(sampled === undefined
      ? []
      : [
          '',
          `Sampled: ${sampled.samples} ${sampled.samples === 1 ? 'completion' : 'completions'} of each question at temperature ${sampled.temperature}`,
          ...walkLines(sampled),
        ]),
  ];
}

function walkLines(walk: MeasuredWalk): readonly string[] {
  const { figures, unanswered, places = [] } = walk;
  const [reason] = unanswered;
  const isOnePlace = places.length < 2;
  return [
    ...figures.passAt.map((each) => `  ${passLine(each)}`),
    `  mean reward ${shown(figures.meanReward)} over ${formatCount(figures.completions)} completions, ${formatCount(figures.unscorable)} of them unscorable, ${shown(figures.truncatedShare)} cut off`,
    ...(reason === undefined
      ? []
      : [
          `  ${counted(unanswered.length, 'question')} stayed unanswered and without weight in any figure: ${reason}`,
        ]),
    ...(isOnePlace ? [] : ['  pass@1 by answer type and domain', ...places.map(placeLine)]),
  ];
}

function placeLine({ domain, answerType, figures }: PlaceFigures): string {
  const [first] = figures.passAt;
  const name = [answerType, domain].filter((each) => each !== '').join(', ');
  return `    ${name}: ${first === undefined ? 'nothing could be scored' : passLine(first)}`;
}

function passLine({ k, share, low, high, questions }: PassAt): string {
  return `pass@${k} ${shown(share)} (95 %: ${shown(low)} to ${shown(high)}), ${formatCount(questions)} questions`;
}

function shown(value: number | undefined): string {
  return value === undefined ? '–' : value.toFixed(3);
}
