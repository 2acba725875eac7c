// Builds a scorer on an ONNX model: folder, network, batcher, rules. What the folder leaves open, the caller's settings say.

import { readModelFolder } from '../adapters/onnx-model-folder.ts';
import { OnnxRewardModel } from '../adapters/onnx-reward-model.ts';
import type { JsonObject } from '../core/json.ts';
import { rewardModelRules } from '../core/reward-model-json.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import { RewardModelBatcher } from '../services/reward-models/batcher.ts';
import { RewardModelScorer } from '../services/reward-models/reward-model-scorer.ts';

export interface OnnxScorerSettings {
  /** What recipes call it. */
  readonly name: string;
  readonly folder: string;
  /** Execution providers in order of preference. Default: the CPU alone. */
  readonly providers?: readonly string[] | undefined;
  /** Copies of the network. Default 1. */
  readonly lanes?: number | undefined;
  /** Threads of one run on the CPU. Default: all cores. */
  readonly threads?: number | undefined;
  /** Tokens of a batch, padding included. Default: what the provider likes best. */
  readonly paddedTokensMax?: number | undefined;
  /** Milliseconds that a batch may wait for more while the network is idle. Default 0 on the CPU, 2 elsewhere. */
  readonly lingerMs?: number | undefined;
  /** Texts that may wait. */
  readonly queueMax: number;
  /** Members that win over the folder's `groupwise.json`: head, label, values, pooling, input, reads, calibration, … */
  readonly declared?: JsonObject | undefined;
}

export interface OpenScorer {
  readonly scorer: RewardModelScorer;
  readonly batcher: RewardModelBatcher;
  /** To be called before the process ends. */
  readonly close: () => Promise<void>;
}

/** Small batches are fastest on a CPU, whose caches they fit; a GPU wants its units filled. */
const PADDED_TOKENS = { cpu: 256, other: 16_384 };
const SEQUENCES_MAX = 4_096;
const FILL_MIN = 0.8;

/** @throws EnvError that names the file, key or provider that is at fault */
export async function openOnnxScorer(
  settings: OnnxScorerSettings,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): Promise<OpenScorer> {
  const { name, folder, providers, lanes, threads, queueMax } = settings;
  const files = readModelFolder(folder, settings.declared);
  const rules = rewardModelRules(files.declared, files.facts, folder);
  const model = await OnnxRewardModel.open({
    model: files,
    pooling: rules.reading.head === 'embedding' ? rules.reading.pooling : undefined,
    providers,
    lanes,
    threads,
    log,
  });
  const isCpu = model.provider === 'cpu';
  const batcher = new RewardModelBatcher({
    model,
    clock,
    paddedTokensMax: settings.paddedTokensMax ?? (isCpu ? PADDED_TOKENS.cpu : PADDED_TOKENS.other),
    sequencesMax: SEQUENCES_MAX,
    fillMin: FILL_MIN,
    lingerMs: settings.lingerMs ?? (isCpu ? 0 : 2),
    queueMax,
  });
  return {
    scorer: new RewardModelScorer({ name, rules, batcher, log }),
    batcher,
    close: () => batcher.close(),
  };
}
