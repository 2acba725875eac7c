// What `groupwise train` does, against a server, or against one of its own. It opens what a training needs, hands it to the loop,
// and says how it ended.

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';

import { lockTraining } from '../../adapters/data-directory-lock.ts';
import { diskError } from '../../adapters/disk.ts';
import { EnvClient } from '../../client/env-client.ts';
import type { Tls } from '../../client/tls.ts';
import { readSettings } from '../../config.ts';
import { EnvError, invalidArgument } from '../../core/errors.ts';
import type { RunId } from '../../core/ids.ts';
import { lastUserMessage } from '../../trainer/loop/draw.ts';
import type { Patience } from '../../trainer/loop/patience.ts';
import { train as trainLoop } from '../../trainer/loop/train.ts';
import type { TrainingSettings } from '../../trainer/loop/settings.ts';
import { TrainingFolder } from '../../trainer/loop/training-folder.ts';
import { warmUp, type WarmUpPlan, type WarmUpRow } from '../../trainer/loop/warm-up.ts';
import type { ServerSampler } from '../../trainer/rollouts/server-sampler.ts';
import type { TrainingEnd } from '../../trainer/training-event.ts';
import { type EmbeddedServer, startEmbeddedServer } from '../embedded-server.ts';
import { printJson, printLine, printNote, readPem } from '../options.ts';
import { listenForTrainInterrupt } from './interrupt.ts';
import { type ChosenModel, chooseModel, openPolicy, threadsOf } from './open-policy.ts';
import type { TrainFlags } from './options.ts';
import { openRollouts } from './rollouts.ts';
import { checkMeasuredSplit, measurerOf } from './measurer.ts';
import { DEFAULT_TASK, identityOf, settingsOf, warmUpLearningRate } from './settings.ts';
import { openWatchers } from './watchers.ts';
import { warmUpRowsFrom, warmUpRowsOf, type Wording } from './warm-up-rows.ts';

/** Questions of one measurement of the warm-up, and updates between two. */
const HELD_OUT_MAX = 256;
const MEASURE_EVERY = 20;

/** What was trained, in --out, as others load it: a checkpoint, or an adapter. */
const POLICY_FOLDER = 'policy';

/** @throws EnvError for flags that cannot be, and `cancelled` for a training that did not reach its last step */
export async function runTrain(flags: TrainFlags): Promise<void> {
  checkFlags(flags);
  const chosen = await chooseModel(flags);
  const lock = flags.out === undefined ? undefined : lockTraining(flags.out);
  const interrupt = listenForTrainInterrupt(printNote);
  let rows: readonly WarmUpRow[] | undefined;
  let server: EmbeddedServer | undefined;
  try {
    const wording = { ...flags, reward: flags.reward, settings: readSettings({}) };
    if (typeof flags.warmUp === 'string') rows = await warmUpRowsFrom(flags.warmUp, wording);
    if (flags.embedded === true) {
      server = await startEmbeddedServer(
        async (data) => void (rows = (await prepareEmbedded(data, flags, wording)) ?? rows),
        { data: flags.out === undefined ? undefined : join(flags.out, 'data') },
      );
    }
    const end = await trainAgainst(server?.grpc ?? flags.server ?? '', {
      flags,
      chosen,
      rows,
      signal: interrupt.signal,
    });
    report(end, flags);
  } catch (error) {
    throw flags.out === undefined
      ? error
      : diskError(`Cannot keep the training in "${flags.out}" (--out)`, error);
  } finally {
    interrupt.stop();
    await server?.stop();
    lock?.release();
  }
}

/** Makes the dataset; the rows of the warm-up, where one is to be. */
async function prepareEmbedded(
  data: string,
  flags: TrainFlags,
  wording: Wording,
): Promise<readonly WarmUpRow[] | undefined> {
  // Loaded when it is asked for: the dataset engine is large.
  const { makeDefaultTask } = await import('./default-task.ts');
  await makeDefaultTask(data);
  return flags.warmUp === undefined ? warmUpRowsOf(data, DEFAULT_TASK, wording) : undefined;
}

interface Asked {
  readonly flags: TrainFlags;
  readonly chosen: ChosenModel;
  /** For the warm-up, where there is to be one. */
  readonly rows: readonly WarmUpRow[] | undefined;
  /** Ends the training after its step. */
  readonly signal: AbortSignal;
}

async function trainAgainst(address: string, { flags, chosen, rows, signal }: Asked): Promise<TrainingEnd> {
  const settings = settingsOf(flags, flags.dataset ?? DEFAULT_TASK);
  const identity = identityOf(settings, flags, chosen.model.description);
  const folder = await TrainingFolder.open(flags.out, identity);
  if (flags.resume === true && (await folder.newest()) === undefined) {
    throw new EnvError(
      'failed_precondition',
      `Cannot resume: there is no checkpoint in "${flags.out ?? ''}"`,
    );
  }
  const token = flags.embedded === true ? undefined : readSettings({ token: flags.token }).token;
  const client = new EnvClient({ address, token, tls: tlsOf(flags) });
  const watchers = await openWatchers(flags.out);
  const patience: Patience = { patienceMs: flags.patience * 1000, signal, say: watchers.say };
  try {
    await client.ready();
    await checkMeasuredSplit(flags, { client, settings });
    const policy = await openPolicy(chosen, flags, watchers.say);
    let rollouts: ServerSampler | undefined;
    try {
      rollouts = await openRollouts(flags, policy, patience);
      const promptText = lastUserMessage;
      const { tell } = watchers;
      const end = await trainLoop({
        client,
        policy,
        sampler: rollouts,
        publish: rollouts && ((version) => rollouts?.publish(version) ?? Promise.resolve()),
        promptText,
        settings,
        length: flags,
        folder,
        runId: `train-${randomBytes(6).toString('hex')}` as RunId,
        described: { ...identity, steps: flags.steps, device: policy.device, threads: threadsOf(flags) },
        warmUp:
          rows &&
          (async () => {
            await warmUp(warmUpPlan(rows, flags, settings), { client, policy, promptText, patience, tell });
          }),
        measure: measurerOf(flags, { client, policy, settings, tell, patience }),
        tell,
        patience,
        scoreMsMax: flags.scoreTimeout * 1000,
      });
      if (flags.out !== undefined) await policy.export(join(flags.out, POLICY_FOLDER));
      return end;
    } finally {
      await rollouts?.close();
      await policy.close();
    }
  } finally {
    await watchers.close();
    client.close();
  }
}

function warmUpPlan(rows: readonly WarmUpRow[], flags: TrainFlags, settings: TrainingSettings): WarmUpPlan {
  return {
    rows,
    target: flags.warmUpTarget,
    stepsMax: flags.warmUpSteps,
    rowsPerStep: flags.warmUpRows,
    optimiser: { ...settings.optimiser, learningRate: warmUpLearningRate(flags) },
    measureEvery: MEASURE_EVERY,
    heldOutMax: HELD_OUT_MAX,
    seed: settings.seed,
    tokensMax: settings.tokensMax,
    temperature: settings.temperature,
  };
}

/** @throws EnvError `cancelled` for a training that did not reach its last step */
function report(end: TrainingEnd, flags: TrainFlags): void {
  if (flags.json === true) {
    printJson({ ...end, kind: undefined });
  } else {
    printLine(
      `Mean reward ${end.first_reward.toFixed(3)} → ${end.final_reward.toFixed(3)} in ${end.steps} steps, ${end.wall_s.toFixed(0)} s on ${end.device}`,
    );
  }
  if (end.stopped === undefined) return;
  // So many walks and no more were asked for.
  if (end.stopped !== 'interrupted') return printNote(`Ended after step ${end.steps}: ${end.stopped}`);
  const how =
    flags.out === undefined
      ? 'nothing was kept: with --out DIR it could go on'
      : 'the same command goes on from there';
  throw new EnvError(
    'cancelled',
    `Stopped after step ${end.steps} of ${flags.steps}, ${end.stopped}: ${how}`,
  );
}

function checkFlags({ server, embedded, dataset, resume, out, token, tls, tlsCa }: TrainFlags): void {
  if (server === undefined && embedded === undefined)
    throw invalidArgument(
      '--server',
      'Cannot train: name a server with --server, or start one with --embedded',
    );
  if (server !== undefined && embedded === true)
    throw invalidArgument('--embedded', 'Cannot do both: --embedded starts a server, --server names one');
  if (server !== undefined && dataset === undefined)
    throw invalidArgument('--dataset', 'Cannot train: name a dataset of the server with --dataset');
  if (embedded === true && dataset !== undefined)
    throw invalidArgument('--dataset', 'Cannot choose a dataset with --embedded: it makes its own');
  if (embedded === true && (token ?? tls ?? tlsCa) !== undefined)
    throw invalidArgument(
      '--embedded',
      'Cannot use --token or TLS with --embedded: its server needs neither',
    );
  if (resume === true && out === undefined)
    throw invalidArgument('--resume', 'Cannot resume without --out: say where the training is');
}

function tlsOf({ tls, tlsCa }: TrainFlags): Tls | undefined {
  return tlsCa === undefined ? tls : { rootCertificates: readPem('--tls-ca', tlsCa) };
}
