// Wires the experiment together: datasets, a server on them, a policy for each seed, the arms, and what is written at the end.

import { availableParallelism } from 'node:os';
import { join } from 'node:path';

import { diskError } from '../../adapters/disk.ts';
import { EnvClient } from '../../client/env-client.ts';
import { invalidArgument } from '../../core/errors.ts';
import { reportText } from '../../core/report-text.ts';
import { createRandom } from '../../core/random.ts';
import { openDevice } from '../../trainer/engine/devices.ts';
import { SEEDS_MAX, compare } from '../../trainer/experiment/comparison.ts';
import { ExperimentFolder } from '../../trainer/experiment/experiment-folder.ts';
import { experimentReport } from '../../trainer/experiment/experiment-report.ts';
import { type ExperimentEvent, runExperiment, type SeedRecord } from '../../trainer/experiment/experiment.ts';
import { parametersOf } from '../../trainer/experiment/flops.ts';
import type { ExperimentPlan } from '../../trainer/experiment/plan.ts';
import { RECORDS_MAX } from '../../trainer/experiment/records.ts';
import { streamOf } from '../../trainer/loop/draw.ts';
import { tinyModel } from '../../trainer/models/tiny.ts';
import { EnginePolicy } from '../../trainer/policy/engine-policy.ts';
import { BYTE_TOKENIZER } from '../../trainer/tokenizers/byte.ts';
import type { ExperimentFlags } from '../experiment.ts';
import { startEmbeddedServer } from '../embedded-server.ts';
import { printJson, printLine, printNote } from '../options.ts';
import { listenForTrainInterrupt } from '../train/interrupt.ts';
import { makeDatasets, readSeedData } from './datasets.ts';
import { summaryOf, writeExperiment } from './files.ts';

const PATIENCE_MS = 60_000;

/** @throws EnvError for flags that cannot be, and what the disk refuses */
export async function runDataEfficiency(flags: ExperimentFlags): Promise<void> {
  try {
    await compareArms(flags);
  } catch (error) {
    throw diskError(`Cannot keep the experiment in "${flags.out}" (--out)`, error);
  }
}

async function compareArms(flags: ExperimentFlags): Promise<void> {
  const plan = planOf(flags);
  checkFlags(flags, plan);
  const tokenizer = BYTE_TOKENIZER;
  const { layers, width, heads } = plan;
  const model = tinyModel({ vocabulary: tokenizer.vocabulary, end: tokenizer.end, layers, width, heads });
  const parameters = parametersOf(model);
  const threads = flags.threads ?? availableParallelism();
  const folder = await ExperimentFolder.open(flags.out, plan);
  const dataDir = join(flags.out, 'data');
  const interrupt = listenForTrainInterrupt(printNote);
  const server = await startEmbeddedServer(
    async (data) => {
      for (const seed of flags.seeds) await makeDatasets(data, seed, plan);
    },
    { data: dataDir },
  );
  const client = new EnvClient({ address: server.grpc });
  let device: string | undefined;
  try {
    await client.ready();
    const records = await runExperiment({
      seeds: flags.seeds,
      plan,
      dataOf: (seed) => readSeedData(dataDir, seed, plan),
      openPolicy: async (seed) => {
        const say = device === undefined ? printNote : (): void => {};
        const engine = await openDevice({ device: flags.device, threads, say });
        device = engine.provider;
        return EnginePolicy.open({
          model,
          tokenizer,
          engine,
          random: createRandom(streamOf(seed, 'weights')),
        });
      },
      parameters,
      client,
      folder,
      patience: { patienceMs: PATIENCE_MS, signal: interrupt.signal, say: printNote },
      tell: (event) => printNote(lineOf(event)),
    });
    const comparison = compare(records);
    const facts = {
      plan,
      records,
      comparison,
      model: model.description,
      parameters,
      // What was finished before says nothing of where.
      device: device ?? 'an earlier start of the command',
      seconds: secondsOf(records),
    };
    const report = experimentReport(facts);
    const summary = { ...summaryOf(facts), files: writeExperiment(flags.out, report, facts) };
    if (flags.json === true) printJson(summary);
    else printLine(`${reportText(report)}\n\nThe page with the curves: ${join(flags.out, 'report.html')}`);
  } finally {
    interrupt.stop();
    client.close();
    await server.stop();
  }
}

/** Everything but what may change when the experiment is taken up again. */
function planOf(flags: ExperimentFlags): ExperimentPlan {
  const { seeds: _seeds, out: _out, device: _device, threads: _threads, json: _json, ...plan } = flags;
  return plan;
}

function checkFlags({ seeds }: ExperimentFlags, plan: ExperimentPlan): void {
  if (seeds.length > SEEDS_MAX)
    throw invalidArgument('--seeds', `Cannot use ${seeds.length} seeds: at most ${SEEDS_MAX}`);
  const documents = plan.warmUpDocuments + plan.sourceDocuments + plan.heldOutDocuments;
  if (documents > RECORDS_MAX)
    throw invalidArgument(
      '--source-documents',
      `Cannot write ${documents} documents: there are ${RECORDS_MAX} with different sums`,
    );
}

function secondsOf(records: readonly SeedRecord[]): number {
  return records.reduce(
    (sum, { arms }) => sum + Object.values(arms).reduce((part, { seconds }) => part + seconds, 0),
    0,
  );
}

function lineOf(event: ExperimentEvent): string {
  if (event.kind === 'base')
    return `seed ${event.seed}: base after ${event.updates} updates, sampled accuracy ${event.accuracy.toFixed(3)}`;
  const { seed, arm, index, point } = event;
  return (
    `seed ${seed}, ${arm}, point ${index}: ${point.documents} documents, ${(point.flops / 1e12).toFixed(3)} teraFLOP, ` +
    `pass@1 ${point.pass.toFixed(3)}, refreshed ${point.pass_refreshed.toFixed(3)}, texts ${point.stated.toFixed(3)}`
  );
}
