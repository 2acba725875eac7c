// The arm that learns from rewards: the trainer's own loop, against the server, on the questions of the source documents in the order
// of the dataset. What a step has used is what was leased for it, so leases are watched on their way.

import { randomBytes } from 'node:crypto';

import { CallsClient, type CallOptions } from '../../client/calls-client.ts';
import type { CallName, InputOf, ReplyOf } from '../../contract/calls.ts';
import { EnvError } from '../../core/errors.ts';
import type { PairId, RunId } from '../../core/ids.ts';
import { lastUserMessage } from '../loop/draw.ts';
import { train } from '../loop/train.ts';
import { TrainingFolder } from '../loop/training-folder.ts';
import { FlopMeter } from './flops.ts';
import { type ArmWorld, gradePoint } from './grade-point.ts';
import { ANSWER_TOKENS_MAX } from './grading.ts';
import { type ArmPoint, type ArmRecord, type ExperimentPlan, gradedSteps, type SeedData } from './plan.ts';

const SCORE_MS_MAX = 600_000;

/** @param world its policy is the base, and is trained */
export async function reinforce(world: ArmWorld): Promise<ArmRecord> {
  const startedAt = performance.now();
  const { seed, plan, data, policy, parameters, client, patience } = world;
  const meter = new FlopMeter(parameters);
  const leases = new LeaseWatcher(client);
  const steps = Math.ceil((data.documentOf.size * plan.passes) / plan.promptsPerStep);
  const graded = new Set(gradedSteps(steps, plan.points));
  const points: ArmPoint[] = [];
  const order = (): readonly string[] => documentsOf(leases.pairs, data);
  const grade = async (step: number): Promise<void> => {
    if (graded.has(step)) points.push(await gradePoint(world, { documents: order(), meter }));
  };
  const end = await train({
    client: leases,
    policy: meter.around(policy),
    promptText: lastUserMessage,
    settings: settingsOf(plan, data.dataset, seed),
    length: { steps, checkpointEvery: steps, checkpointsKept: 1 },
    // A killed arm is run again from its base: it is a matter of a minute.
    folder: await TrainingFolder.open(undefined, {}),
    runId: `experiment-${seed}-${randomBytes(4).toString('hex')}` as RunId,
    described: {},
    publish: grade,
    tell: () => {},
    patience,
    scoreMsMax: SCORE_MS_MAX,
  });
  if (end.stopped !== undefined) throw new EnvError('cancelled', `Stopped: ${end.stopped}`);
  // The last weights are published to nobody: nothing is drawn with them.
  await grade(steps);
  const seconds = (performance.now() - startedAt) / 1000;
  return { arm: 'reinforcement', seed, points, order: order(), seconds };
}

function settingsOf(
  plan: ExperimentPlan,
  dataset: string,
  seed: number,
): Parameters<typeof train>[0]['settings'] {
  return {
    dataset,
    split: 'train',
    seed,
    promptsPerStep: plan.promptsPerStep,
    groupSize: plan.groupSize,
    updates: plan.updates,
    estimator: 'grpo:verl',
    reward: undefined,
    // Documents one after another: what is used grows by whole documents.
    sampling: 'sequential',
    promptTemplate: 'plain',
    epochs: undefined,
    tokensMax: ANSWER_TOKENS_MAX,
    temperature: 1,
    loss: {
      loss: 'clipped-ratio',
      clip: { low: 0.2, high: 0.2 },
      aggregation: 'token-mean',
      klWeight: 0,
    },
    optimiser: { learningRate: plan.learningRate, gradientNormMax: 1 },
    // What is leased is what is learned from.
    driftMax: 0,
  };
}

/** Each document once, in the order in which its first question came. */
export function documentsOf(
  pairs: readonly PairId[],
  { documentOf }: Pick<SeedData, 'documentOf'>,
): readonly string[] {
  const documents = pairs.map((pair) => {
    const document = documentOf.get(pair);
    if (document === undefined) throw new RangeError(`Question ${pair} is of no source document`);
    return document;
  });
  return [...new Set(documents)];
}

/** Passes every call on, and remembers which questions were leased. */
class LeaseWatcher extends CallsClient {
  readonly #client: CallsClient;
  readonly pairs: PairId[] = [];

  constructor(client: CallsClient) {
    super();
    this.#client = client;
  }

  override async call<Name extends CallName>(
    name: Name,
    input: InputOf<Name>,
    options?: CallOptions,
  ): Promise<ReplyOf<Name>> {
    return this.#client.call(name, input, options);
  }

  override async leaseGroups(
    ...call: Parameters<CallsClient['leaseGroups']>
  ): Promise<ReplyOf<'LeaseGroups'>> {
    const reply = await super.leaseGroups(...call);
    this.pairs.push(...reply.groups.map(({ pairId }) => pairId));
    return reply;
  }

  override close(): void {
    this.#client.close();
  }
}
