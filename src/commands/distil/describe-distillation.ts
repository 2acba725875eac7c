// A distillation in words: lines for a person at a terminal, and the card that lies beside the model.

import type { Proportion } from '../../core/proportion.ts';
import { formatCount } from '../options.ts';
import type { DistillationReport, MeasureReport } from './distillation-report.ts';

export function describeDistillation(report: DistillationReport): readonly string[] {
  const {
    held_out: measure,
    held_out_unseen_pairs: unseen,
    rule,
    training,
    undecided_between: band,
  } = report;
  const { decided, agreement_of_decided: agreement } = measure.band;
  return [
    `verdicts     ${partsOf(report)}`,
    `training     ${formatCount(training.best_step)} of ${formatCount(training.steps)} updates kept, ${training.wall_s.toFixed(0)} s on ${training.provider}`,
    `agreement    ${interval(measure.agreement)} at 0.5, ${formatCount(measure.verdicts)} held-out verdicts`,
    ...(unseen === null
      ? []
      : [`             ${interval(unseen.agreement)} on pairs that were not learnt from`]),
    `precision    ${interval(measure.precision)}, recall ${interval(measure.recall)}, AUROC ${measure.auroc?.toFixed(4) ?? 'none'}`,
    `band         undecided between ${band[0].toFixed(4)} and ${band[1].toFixed(4)}: decides ${interval(decided)}, agrees in ${interval(agreement)} of them`,
    `beside math  ${ruleOf(report)}`,
    `             ${worthOf(rule)}`,
  ];
}

/** Markdown. @param name what recipes are to call it */
export function modelCard(report: DistillationReport, name: string): string {
  const { held_out: measure, held_out_unseen_pairs: unseen, rule, training, network, source } = report;
  const from =
    source.judge === null
      ? `the labels of \`${source.file ?? ''}\``
      : `verdicts of the judge "${source.judge.name}" (${source.judge.model}, template ${source.judge.template})`;
  return `# ${name}: an equivalence verifier

Says whether an answer means the same as the ground truth. Distilled by \`groupwise distill\` from ${from}: a network of ${formatCount(network.parameters)} weights, ${network.layers} layers, ${network.width} wide, that reads bytes (\`input: ${network.input}\`), at most ${network.tokens_max} of them. Longer texts are undecided.

It knows what its verdicts showed it and nothing else. Place it where a judge stands behind it, and audit it.

## Verdicts

${partsOf(report)}. No question is in two parts. Seed ${training.seed}; ${training.uses_variants ? 'learnt from what follows from the verdicts as well' : 'learnt from the verdicts alone'}; the weights of update ${formatCount(training.best_step)} of ${formatCount(training.steps)} were kept, by the validation loss.

## Measured on held-out verdicts

|                                      | all                                  | pairs that were not learnt from |
| ------------------------------------ | ------------------------------------ | ------------------------------- |
${rowsOf(measure, unseen)}

With 95 % intervals (Wilson). Scores are probabilities by Platt scaling on a part of its own; tenths of them against the judge:

| scores from | verdicts | mean score | called equivalent |
| ----------- | -------- | ---------- | ----------------- |
${measure.reliability.map((bin) => `| ${bin.from.toFixed(1)} | ${bin.count} | ${bin.mean_score.toFixed(3)} | ${bin.equivalent_share.toFixed(3)} |`).join('\n')}

## In a cascade

${ruleOf(report)}. ${worthOf(rule)}

\`\`\`yaml
reward_models:
  ${name}: { kind: onnx, folder: FOLDER }
\`\`\`

\`\`\`json
${JSON.stringify(report.recipe, undefined, 2)}
\`\`\`

\`groupwise reward-model check FOLDER\` compares the model with what it gave where it was made.
`;
}

function rowsOf(measure: MeasureReport, unseen: MeasureReport | null): string {
  const row = (title: string, cell: (of: MeasureReport) => string): string =>
    `| ${title} | ${cell(measure)} | ${unseen === null ? '' : cell(unseen)} |`;
  return [
    row('verdicts', ({ verdicts }) => formatCount(verdicts)),
    row('agreement at 0.5', ({ agreement }) => interval(agreement)),
    row('precision', ({ precision }) => interval(precision)),
    row('recall', ({ recall }) => interval(recall)),
    row('AUROC', ({ auroc }) => auroc?.toFixed(4) ?? 'none'),
    row('calibration error', ({ calibration_error: error }) => error?.toFixed(4) ?? 'none'),
    row('decided outside the band', ({ band }) => interval(band.decided)),
    row('agreement of these', ({ band }) => interval(band.agreement_of_decided)),
    row('agreement, judge for the rest', ({ band }) => interval(band.agreement_with_judge_for_rest)),
  ].join('\n');
}

function partsOf({ parts }: DistillationReport): string {
  return Object.entries(parts)
    .map(
      ([part, { verdicts, questions, yes }]) =>
        `${part.replace('_', '-')} ${formatCount(verdicts)} (${formatCount(yes)} equivalent) on ${formatCount(questions)} questions`,
    )
    .join(', ');
}

function ruleOf({ rule }: DistillationReport): string {
  const { decided, agreement_of_decided: agreement, left, verifier_of_left: own } = rule;
  const beyond =
    left === 0
      ? 'it leaves nothing'
      : `of the ${formatCount(left)} that it leaves, the verifier decides ${interval(own.decided)} and agrees in ${interval(own.agreement_of_decided)} of them`;
  return `The rule \`math\` decides ${interval(decided)} of the held-out verdicts and agrees in ${interval(agreement)} of these; ${beyond}`;
}

/** What a user should do about it. */
function worthOf({ left, verifier_of_left: own, cascade }: DistillationReport['rule']): string {
  const { judge_asked: asked, judge_asked_without_verifier: before } = cascade;
  const calls = `the judge is asked about ${percent(asked?.share ?? 0)} instead of ${percent(before?.share ?? 0)}, agreement ${interval(cascade.agreement)} instead of ${interval(cascade.agreement_without_verifier)}`;
  if (left === 0 || (own.decided?.share ?? 0) === 0)
    return 'Behind this rule it saves nothing here: leave it out where the rule fits the answers.';
  return `Behind the rule: ${calls}.`;
}

function interval(share: Proportion | null): string {
  if (share === null) return 'none';
  return `${percent(share.share)} (${percent(share.low)} to ${percent(share.high)})`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}
