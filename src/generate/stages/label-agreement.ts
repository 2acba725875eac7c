// Lets a model answer the question from the passage anew, without seeing the answer, several times: a ground truth that
// independent readers do not find again is not one. It never puts another answer in its place.

import { z } from 'zod';

import { costSum } from '../costs.ts';
import { compareAnswer } from '../draft-answers.ts';
import { asPair, type PairItem } from '../item.ts';
import { dropped, kept, noted, stageKind, type Outcome, type StageTools } from '../stage.ts';
import { passageValues } from './passage-values.ts';

const labelAgreementOptions = () =>
  z.strictObject({
    samples: z.int().min(1).max(64).default(3),
    sample_temperature: z.number().min(0).max(2).default(0.7),
    /** Least share of the samples that must find the same answer. */
    agreement_min: z.number().gt(0).max(1).default(0.66),
  });
type LabelAgreementOptions = z.output<ReturnType<typeof labelAgreementOptions>>;

const replySchema = () => z.object({ reasoning: z.string(), answerable: z.boolean(), answer: z.string() });

interface Answering {
  readonly options: LabelAgreementOptions;
  readonly tools: StageTools;
  readonly reply: ReturnType<typeof replySchema>;
}

export const labelAgreement = stageKind({
  name: 'label_agreement',
  summary: 'A model answers from the passage several times; a share of the answers must agree with the pair.',
  takes: 'pair',
  gives: 'pair',
  model: 'teacher',
  options: labelAgreementOptions,
  estimate: (options: LabelAgreementOptions) => ({
    calls: options.samples,
    promptTokens: 350,
    showsPassage: true,
    completionTokens: 80,
    yield: 0.9,
  }),
  build: (options: LabelAgreementOptions) => {
    const reply = replySchema();
    return {
      kind: 'each',
      apply: async (item, tools) => agree(asPair(item), { options, tools, reply }),
    };
  },
});

async function agree(item: PairItem, { options, tools, reply }: Answering): Promise<Outcome> {
  const { draft, passage } = item;
  if (passage === undefined) return dropped('no_passage', `nothing to answer it from: ${draft.question}`);
  const answers = await Promise.all(
    Array.from({ length: options.samples }, (_, sample) =>
      tools.ask({
        prompt: 'label_agreement/answer',
        values: { ...passageValues(passage), question: draft.question, choices: draft.choices ?? [] },
        reply,
        sample,
        temperature: options.sample_temperature,
      }),
    ),
  );
  const read = answers.flatMap((answer) => (answer.kind === 'answer' ? [answer.value] : []));
  if (read.length === 0) return dropped('unreadable_reply', `none of ${options.samples} samples`);
  let agreed = 0;
  for (const { answerable, answer } of read) {
    if (!answerable) continue;
    const verdict = compareAnswer(draft, answer);
    if (verdict.kind === 'unusable') return dropped('ground_truth_unusable', verdict.reason);
    if (verdict.kind === 'correct') agreed += 1;
  }
  const share = agreed / read.length;
  if (share < options.agreement_min) {
    const said = read.map(({ answerable, answer }) => (answerable ? `"${answer}"` : 'not answerable'));
    return dropped('labels_disagree', `"${draft.answer}", but ${said.join(', ')}: ${draft.question}`);
  }
  return kept({
    ...item,
    costUsd: costSum(item.costUsd, ...answers.map((answer) => answer.costUsd)),
    notes: noted(item.notes, 'label_agreement', { agreed, of: read.length }),
  });
}
