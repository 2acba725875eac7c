// Which judges and reward models there are, by file and environment, without opening any of them.

import { readScorerFile } from '../adapters/scorer-file.ts';
import { apiKeyVariable, type Settings } from '../config.ts';
import type { ScorerNames } from '../core/recipe-check.ts';
import { NO_SCORERS, type ScorerConfig, withDefaultJudge } from '../core/scorer-config.ts';

export type ScorerSettings = Pick<Settings, 'scorers' | 'judgeModel' | 'judgeUrl'>;

/** What the file and the environment say together. Throws `EnvError` that names the file and key at fault. */
export function scorerConfigOf({ scorers, judgeModel, judgeUrl }: ScorerSettings): ScorerConfig {
  const config = scorers === undefined ? NO_SCORERS : readScorerFile(scorers);
  if (judgeModel === undefined) return config;
  const apiKeyEnv = apiKeyVariable(judgeUrl);
  return withDefaultJudge(config, { model: judgeModel, baseUrl: judgeUrl, apiKeyEnv });
}

/** For recipes that are only written down here: the options of a scorer that is not open are checked by the server. */
export function scorerNamesOf(settings: ScorerSettings, verifiers: ScorerNames): ScorerNames {
  const { judges, rewardModels } = scorerConfigOf(settings);
  const names = [...judges, ...rewardModels].map(({ name }) => name);
  const unopened: ReturnType<ScorerNames['find']> = { parseOptions: (options) => options };
  return {
    find: (name) => (names.includes(name) ? unopened : verifiers.find(name)),
    names: () => [...verifiers.names(), ...names],
  };
}
