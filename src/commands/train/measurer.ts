// How good a policy is on questions that it does not train on, before and after: without it, a rising reward could be learning by heart.

import type { CallsClient } from '../../client/calls-client.ts';
import { invalidArgument } from '../../core/errors.ts';
import { type Walk, walkSplit } from '../../trainer/evaluation/answered-questions.ts';
import { figuresOf } from '../../trainer/evaluation/figures.ts';
import { policyRespondent } from '../../trainer/evaluation/respondent.ts';
import { type Patience, patiently } from '../../trainer/loop/patience.ts';
import type { TrainingOptions } from '../../trainer/loop/training-options.ts';
import type { TrainingSettings } from '../../trainer/loop/settings.ts';
import type { Policy } from '../../trainer/policy.ts';
import type { TrainingWatcher } from '../../trainer/training-event.ts';
import type { TrainFlags } from './options.ts';

/** Questions of one measurement; others of the split are left out, the same ones each time. */
const QUESTIONS_MAX = 512;

export interface Measured {
  readonly client: CallsClient;
  readonly policy: Policy;
  readonly settings: TrainingSettings;
  readonly tell: TrainingWatcher;
  readonly patience: Patience;
}

/** Undefined: nothing is measured. */
function measuredSplit(flags: TrainFlags): string | undefined {
  const split = flags.evaluate ?? (flags.embedded === true ? 'test' : false);
  return split === false ? undefined : split;
}

/** Looks before the warm-up, not behind it. @throws EnvError `invalid_argument` for a split that the dataset has not */
export async function checkMeasuredSplit(
  flags: TrainFlags,
  { client, settings: { dataset } }: Pick<Measured, 'client' | 'settings'>,
): Promise<void> {
  const split = measuredSplit(flags);
  if (split === undefined) return;
  const { splits } = await client.getDataset(dataset);
  if (splits.some(({ name }) => name === split)) return;
  const names = splits.map(({ name }) => `"${name}"`).join(', ');
  throw invalidArgument(
    '--evaluate',
    `Cannot use --evaluate: dataset "${dataset}" has no split "${split}", it has ${names}`,
  );
}

/** Tells greedy pass@1 on the split that the flags name; undefined where they name none. */
export function measurerOf(flags: TrainFlags, measured: Measured): TrainingOptions['measure'] {
  const split = measuredSplit(flags);
  if (split === undefined) return undefined;
  const { client, policy, settings, tell, patience } = measured;
  const { signal = new AbortController().signal } = patience;
  const walk = (): Promise<Walk> =>
    walkSplit({
      client,
      respondent: policyRespondent(policy),
      dataset: settings.dataset,
      split,
      questionsMax: QUESTIONS_MAX,
      reward: settings.reward,
      promptTemplate: settings.promptTemplate,
      plan: { count: 1, temperature: 0, tokensMax: settings.tokensMax, seed: settings.seed, signal },
      scoreMsMax: flags.scoreTimeout * 1000,
      onProgress: () => {},
    });
  return async (when, step) => {
    // Once more from the first question, in a run of its own: the same questions and answers.
    const { questions } = await patiently('measure the policy', walk, patience);
    const { passAt } = figuresOf(questions, { ks: [1], seed: settings.seed });
    const [at] = passAt;
    if (at === undefined) return;
    tell({
      kind: 'evaluation',
      step,
      when,
      split,
      questions: at.questions,
      pass_at_1: at.share,
      low: at.low,
      high: at.high,
      greedy: true,
    });
  };
}
