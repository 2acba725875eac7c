// What a judge of the configuration has said already. It is looked up under the name that its verdicts are kept by; the judge
// itself is not opened, needs no key and is never asked.

import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { loadJudgePromptFiles } from '../../adapters/judge-prompt-files.ts';
import { VERDICTS_FILE } from '../../adapters/sqlite.ts';
import { openVerdictCache, parseVerdictCacheUrl } from '../../adapters/verdict-cache-url.ts';
import type { Settings } from '../../config.ts';
import { EnvError, invalidArgument } from '../../core/errors.ts';
import { isDecisive } from '../../core/judge-votes.ts';
import { PASS_THRESHOLD } from '../../core/pass-rate.ts';
import type { Clock } from '../../ports/clock.ts';
import { identityOf, JUDGE_DEFAULTS } from '../../services/judging/assemble-judge.ts';
import { verdictKey } from '../../services/judging/verdict-key.ts';
import type { LabelledAnswer } from '../../trainer/distil/labelled-answers.ts';
import { scorerConfigOf, type ScorerSettings } from '../scorer-config.ts';

export type AskedAnswer = Pick<LabelledAnswer, 'question' | 'groundTruths' | 'answer'>;

/** For each asking its verdict, `undecided` where the votes disagree, undefined where there is none. */
export type JudgeLookup = (
  asked: readonly AskedAnswer[],
) => Promise<readonly (boolean | 'undecided' | undefined)[]>;

export interface FoundJudge {
  /** Its template with version and wording: what the verdicts are verdicts by. */
  readonly template: string;
  readonly model: string;
}

/** @throws EnvError when there is no such judge, it compares with no ground truth, or its cache cannot be looked into */
export async function withJudgeLookup<Result>(
  name: string,
  settings: ScorerSettings & Pick<Settings, 'prompts' | 'data'>,
  clock: Clock,
  use: (lookUp: JudgeLookup, judge: FoundJudge) => Promise<Result>,
): Promise<Result> {
  const { judges, cache } = scorerConfigOf(settings);
  const config = judges.find((judge) => judge.name === name);
  if (config === undefined) {
    const names = judges.map((judge) => `"${judge.name}"`).join(', ') || 'none (see --scorers)';
    throw invalidArgument('--judge', `There is no judge "${name}": the judges are ${names}`);
  }
  const template = loadJudgePromptFiles({ user: settings.prompts }).find(config.template);
  if (!template.usesGroundTruth || template.isPairwise)
    throw invalidArgument(
      '--judge',
      `Cannot distil the judge "${name}": its template "${template.name}" does not hold one answer against a ground truth`,
    );
  const { kind } = parseVerdictCacheUrl(cache);
  if (kind === 'memory')
    throw invalidArgument('--scorers', 'Cannot look into "memory:": it is gone with the process that has it');
  if (kind === 'sqlite' && !existsSync(join(settings.data, VERDICTS_FILE)))
    throw new EnvError('not_found', `There are no verdicts in "${settings.data}"`);
  const archive = await openVerdictCache({ url: cache, dataDir: settings.data, now: () => clock.now() });
  const identity = identityOf(config, template);
  const agreementMin = config.agreement ?? JUDGE_DEFAULTS.agreement;
  const lookUp: JudgeLookup = async (asked) => {
    const keys = asked.map(({ question, groundTruths: [groundTruth, ...aliases], answer }) =>
      verdictKey(identity, { question, groundTruth, aliases, answer }),
    );
    const verdicts = await archive.getMany(keys);
    return verdicts.map((verdict) => {
      if (verdict === undefined) return undefined;
      return isDecisive(verdict.agreement, agreementMin) ? verdict.score >= PASS_THRESHOLD : 'undecided';
    });
  };
  try {
    return await use(lookUp, { template: identity.template, model: identity.model });
  } finally {
    await archive.close();
  }
}
