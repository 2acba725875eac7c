// Which judges and reward models a server has, as data: what the configuration file says once it is checked. Keys are named
// by their environment variable and are never in here.

import type { Calibration } from './calibration.ts';
import type { JsonObject } from './json.ts';
import type { ModelEndpoint, ModelLimits } from './model-access.ts';
import type { RewardModelInput } from './reward-model.ts';

/** Dialects of servers of reward models. */
export const SERVED_KINDS = [
  'vllm_classify',
  'embeddings',
  'tei_predict',
  'tei_rerank',
  'get_reward',
  'cosine',
] as const;
export type ServedKind = (typeof SERVED_KINDS)[number];

/** What is absent is left to the judge's own defaults. */
export interface JudgeConfig extends ModelLimits {
  readonly name: string;
  readonly model: string;
  readonly template: string;
  readonly endpoints: readonly ModelEndpoint[];
  readonly votes?: number | undefined;
  readonly agreement?: number | undefined;
  readonly temperature?: number | undefined;
  readonly maxTokens?: number | undefined;
  readonly seed?: number | undefined;
  readonly topP?: number | undefined;
  readonly reasoningEffort?: string | undefined;
}

/** A network in this process. */
export interface OnnxConfig {
  readonly kind: 'onnx';
  readonly name: string;
  readonly folder: string;
  /** Execution providers in order of preference. */
  readonly providers?: readonly string[] | undefined;
  readonly lanes?: number | undefined;
  readonly threads?: number | undefined;
  /** What wins over the folder's own declaration: input, reads, calibration, … */
  readonly declared: JsonObject;
}

/** What stands around and between the texts where a server takes one text only, for example a chat's markup. */
export interface TextFrame {
  readonly before: string;
  readonly between: string;
  readonly after: string;
}

/** A network behind HTTP. */
export interface ServedConfig {
  readonly kind: ServedKind;
  readonly name: string;
  readonly url: string;
  readonly model?: string | undefined;
  readonly apiKeyEnv?: string | undefined;
  readonly label?: string | number | undefined;
  readonly input: RewardModelInput;
  readonly reads: 'answer' | 'completion';
  readonly calibration: Calibration;
  readonly frame: TextFrame;
  readonly deadlineMs: number;
  readonly attemptsMax: number;
  /** Texts of one request. */
  readonly batchMax: number;
  /** Requests at a time. */
  readonly concurrencyMax: number;
}

export type RewardModelConfig = OnnxConfig | ServedConfig;

export interface AuditConfig {
  /** Of the cheap verdicts, in [0, 1]. */
  readonly share: number;
  readonly judge: string;
}

export interface ScorerConfig {
  /** URL of the cache of paid verdicts. */
  readonly cache: string;
  readonly judges: readonly JudgeConfig[];
  readonly rewardModels: readonly RewardModelConfig[];
  /** Absent: the default share, by the judge that is called `judge` or else the first one. */
  readonly audit?: AuditConfig | undefined;
}

export const NO_SCORERS: ScorerConfig = { cache: 'sqlite:', judges: [], rewardModels: [] };

/** Name of the judge that environment variables define, and that audits use where none is named. */
export const DEFAULT_JUDGE = 'judge';
export const DEFAULT_TEMPLATE = 'equivalence';
export const DEFAULT_AUDIT_SHARE = 0.01;

/** The configuration with a judge of the environment's, unless it has one of that name itself. */
export function withDefaultJudge(
  config: ScorerConfig,
  judge: { readonly model: string; readonly baseUrl: string; readonly apiKeyEnv: string | undefined },
): ScorerConfig {
  if (config.judges.some(({ name }) => name === DEFAULT_JUDGE)) return config;
  const { model, ...endpoint } = judge;
  const added: JudgeConfig = {
    name: DEFAULT_JUDGE,
    model,
    template: DEFAULT_TEMPLATE,
    endpoints: [{ ...endpoint, weight: 1 }],
  };
  return { ...config, judges: [...config.judges, added] };
}

/** Who looks at how many of the cheap verdicts; undefined where there is no judge for it. */
export function auditOf({ audit, judges }: ScorerConfig): AuditConfig | undefined {
  if (audit !== undefined) return audit.share === 0 ? undefined : audit;
  const judge = judges.find(({ name }) => name === DEFAULT_JUDGE) ?? judges[0];
  return judge && { share: DEFAULT_AUDIT_SHARE, judge: judge.name };
}
