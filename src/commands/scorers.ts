// Builds the scorers that recipes may use: all verifiers, and the judges and reward models of the configuration. What they
// share (the cache of verdicts, the signal that stops them) is made here, and ended here.

import { loadJudgePromptFiles } from '../adapters/judge-prompt-files.ts';
import { requirePromptFolder } from '../adapters/prompt-folders.ts';
import { OpenAiLanguageModel } from '../adapters/openai-language-model.ts';
import { HttpServedRewardModel } from '../adapters/served-reward-model.ts';
import { openVerdictCache } from '../adapters/verdict-cache-url.ts';
import { readKey, type Settings, SettingsError } from '../config.ts';
import { LIMITS } from '../contract/limits.ts';
import { EnvError, invalidArgument } from '../core/errors.ts';
import { createRandom } from '../core/random.ts';
import {
  auditOf,
  type JudgeConfig,
  type OnnxConfig,
  type ScorerConfig,
  type ServedConfig,
} from '../core/scorer-config.ts';
import type { Clock } from '../ports/clock.ts';
import type { JudgeTemplates } from '../ports/judge-templates.ts';
import type { Log } from '../ports/log.ts';
import type { BatcherCounts } from '../ports/metrics.ts';
import { Audit } from '../services/scoring/audit.ts';
import { CachedJudge } from '../services/judging/cached-judge.ts';
import { answerCharsMaxOf, assembleJudge, JUDGE_DEFAULTS } from '../services/judging/assemble-judge.ts';
import { judgeScorer } from '../services/judging/judge-scorer.ts';
import { rankingScorer } from '../services/judging/ranking-scorer.ts';
import type { BooksSnapshot } from '../services/language-models/books.ts';
import { ServedBatches } from '../services/reward-models/served-batches.ts';
import { ServedScorer } from '../services/reward-models/served-scorer.ts';
import type { Scorer, ScorerLookup } from '../services/scoring/scorer.ts';
import { VerdictMemory } from '../services/judging/verdict-memory.ts';
import { openOnnxScorer } from './onnx-scorer.ts';
import { scorerConfigOf, type ScorerSettings } from './scorer-config.ts';

export interface Scorers extends ScorerLookup {
  /** Undefined where no judge looks at cheap verdicts. */
  readonly audit: Audit | undefined;
  /** What each judge sent, and what it was billed, by name. */
  readonly judges: ReadonlyMap<string, () => BooksSnapshot>;
  /** What the batches of each reward model in this process did, by name. */
  readonly batches: ReadonlyMap<string, () => BatcherCounts>;
  /** Gives up what is under way and writes what is not yet written. */
  close(): Promise<void>;
}

type OpenSettings = ScorerSettings & Pick<Settings, 'prompts' | 'data'>;

interface Surroundings {
  readonly clock: Clock;
  readonly log: Log;
  /** The scorers file, for errors. */
  readonly file: string | undefined;
  /** Aborted when the server goes down. */
  readonly stopping: AbortSignal;
  /** Each judge enters its own. */
  readonly books: Map<string, () => BooksSnapshot>;
  /** Each reward model that runs here, its own. */
  readonly batches: Map<string, () => BatcherCounts>;
}

/**
 * Opens all judges and reward models beside `verifiers`.
 *
 * @throws EnvError that names the file and key at fault, `SettingsError` for a key that the environment lacks
 */
export async function openScorers(
  settings: OpenSettings,
  verifiers: ScorerLookup,
  { clock, log }: Pick<Surroundings, 'clock' | 'log'>,
): Promise<Scorers> {
  // Without a judge nothing is read there, and a misspelt name must not go unseen.
  requirePromptFolder(settings.prompts);
  const config = scorerConfigOf(settings);
  const stopping = new AbortController();
  const books: Surroundings['books'] = new Map();
  const batches: Surroundings['batches'] = new Map();
  const { scorers: file } = settings;
  const around: Surroundings = { clock, log, file, stopping: stopping.signal, books, batches };
  const ending: (() => void | Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    stopping.abort(new EnvError('unavailable', 'The server is going down'));
    for (const step of ending.splice(0).toReversed()) await step();
  };
  try {
    const opened = new Map<string, Scorer>();
    for (const model of config.rewardModels) {
      const open = () => openRewardModel(model, around, ending);
      opened.set(model.name, await at(file, `reward_models.${model.name}`, open));
    }
    const judges = await openJudges(config, settings, around, ending);
    for (const judge of judges) opened.set(judge.name, judge);
    return {
      find: (name) => opened.get(name) ?? verifiers.find(name),
      names: () => [...verifiers.names(), ...opened.keys()],
      audit: await at(file, 'audit', () => auditBy(judges, config, log)),
      judges: books,
      batches,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openJudges(
  { judges, cache }: ScorerConfig,
  settings: OpenSettings,
  around: Surroundings,
  ending: (() => void | Promise<void>)[],
): Promise<readonly Scorer[]> {
  if (judges.length === 0) return [];
  const { clock, log } = around;
  const templates = loadJudgePromptFiles({ user: settings.prompts });
  const opening = { url: cache, dataDir: settings.data, now: () => clock.now() };
  const archive = await at(around.file, 'cache', () => openVerdictCache(opening));
  const memory = new VerdictMemory({ cache: archive, clock, log });
  ending.push(() => memory.close());
  return Promise.all(
    judges.map((judge) =>
      at(around.file, `judges.${judge.name}`, () => openJudge(judge, templates, memory, around)),
    ),
  );
}

function openJudge(
  config: JudgeConfig,
  templates: JudgeTemplates,
  memory: VerdictMemory,
  { clock, stopping, books }: Surroundings,
): Scorer {
  const { name, agreement = JUDGE_DEFAULTS.agreement } = config;
  const template = templates.find(config.template);
  const endpoints = config.endpoints.map(({ baseUrl, apiKeyEnv, weight }) => ({
    name: new URL(baseUrl).host,
    model: new OpenAiLanguageModel({
      baseUrl,
      clock,
      ...(apiKeyEnv !== undefined && { apiKey: readKey(apiKeyEnv) }),
    }),
    weight,
  }));
  const judge = assembleJudge(config, { template, endpoints, clock });
  books.set(name, () => judge.books);
  const { usesGroundTruth, isPairwise, readsCompletion, variables } = template;
  const scorer = { judge: new CachedJudge(judge, memory), usesGroundTruth, agreement, signal: stopping };
  if (!isPairwise) return judgeScorer({ ...scorer, readsCompletion, variables });
  return rankingScorer({ ...scorer, answerCharsMax: answerCharsMaxOf(template) });
}

async function openRewardModel(
  model: OnnxConfig | ServedConfig,
  around: Surroundings,
  ending: (() => void | Promise<void>)[],
): Promise<Scorer> {
  if (model.kind !== 'onnx') return openServed(model, around);
  const { scorer, batcher, close } = await openOnnxScorer(
    { ...model, queueMax: LIMITS.completionsInFlightMax },
    around,
  );
  ending.push(close);
  around.batches.set(model.name, () => batcher.counts());
  return scorer;
}

function openServed(config: ServedConfig, { clock, log, stopping }: Surroundings): Scorer {
  const { apiKeyEnv, concurrencyMax, attemptsMax } = config;
  const model = new HttpServedRewardModel({
    ...config,
    model: config.model,
    label: config.label,
    apiKey: apiKeyEnv === undefined ? undefined : readKey(apiKeyEnv),
    now: () => clock.now(),
  });
  const batches = new ServedBatches({ model, clock, random: createRandom(0), concurrencyMax, attemptsMax });
  return new ServedScorer({ config, batches, clock, log, stopping });
}

function auditBy(judges: readonly Scorer[], config: ScorerConfig, log: Log): Audit | undefined {
  const audit = auditOf(config);
  if (audit === undefined) return undefined;
  const judge = judges.find(({ name }) => name === audit.judge);
  if (judge === undefined) {
    const names = judges.map(({ name }) => `"${name}"`).join(', ') || 'none';
    throw invalidArgument('judge', `Cannot audit by "${audit.judge}": the judges are ${names}`);
  }
  if (judge.groupWise !== undefined) {
    if (config.audit === undefined) return undefined;
    throw invalidArgument(
      'judge',
      `Cannot audit by "${judge.name}": it compares completions with each other`,
    );
  }
  if (judge.reads === 'completion') {
    // Who was named to compare with a ground truth must be able to; a default is merely not taken.
    if (config.audit === undefined) return undefined;
    throw invalidArgument('judge', `Cannot audit by "${judge.name}": its template shows no ground truth`);
  }
  log.info('A judge looks at a share of the cheap verdicts', { judge: judge.name, share: audit.share });
  return new Audit({ share: audit.share, judge, log });
}

/** Says where in the configuration the error lies. `file`: undefined where there is none but the environment. */
async function at<Made>(
  file: string | undefined,
  key: string,
  make: () => Made | Promise<Made>,
): Promise<Made> {
  const where = file === undefined ? '' : `Cannot use the scorers in "${file}": `;
  try {
    return await make();
  } catch (error) {
    if (error instanceof SettingsError) {
      throw new SettingsError(error.setting, `${where}${key}: ${error.message}`);
    }
    if (!(error instanceof EnvError)) throw error;
    const field = error.field === undefined ? key : `${key}.${error.field}`;
    throw new EnvError(error.code, `${where}${field}: ${error.message}`, { field, cause: error });
  }
}
