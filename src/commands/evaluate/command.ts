// What `groupwise evaluate` does: finds a server and a policy, walks the split once greedily and once by drawing, and reports.

import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { DATABASE_FILE } from '../../adapters/sqlite.ts';
import { EnvClient } from '../../client/env-client.ts';
import type { Tls } from '../../client/tls.ts';
import { readSettings } from '../../config.ts';
import { LIMITS } from '../../contract/limits.ts';
import { EnvError, invalidArgument } from '../../core/errors.ts';
import { walkSplit } from '../../trainer/evaluation/answered-questions.ts';
import { TRAINING_RECORD } from '../../trainer/loop/training-folder.ts';
import { figuresOf, placeFigures } from '../../trainer/evaluation/figures.ts';
import { type EmbeddedServer, startEmbeddedServer } from '../embedded-server.ts';
import { endBy } from '../exit-status.ts';
import type { EvaluateFlags } from '../evaluate.ts';
import { printJson, printLine, printNote, readPem } from '../options.ts';
import { watchProgress } from '../progress.ts';
import { chooseRespondent, type ChosenRespondent } from './choose-respondent.ts';
import { describeEvaluation, type Evaluation, evaluationToJson, type MeasuredWalk } from './describe.ts';
import { type KnownDataset, readPlaces } from './places.ts';

export async function evaluate(flags: EvaluateFlags): Promise<void> {
  const ks = ksOf(flags);
  checkFlags(flags);
  const interrupt = listenForInterrupt();
  let server: EmbeddedServer | undefined;
  let chosen: ChosenRespondent | undefined;
  try {
    chosen = await chooseRespondent(flags);
    let known: KnownDataset | undefined;
    if (flags.embedded === true) {
      server = await startEmbeddedServer(
        async (data) => {
          known = await knownDataset(data, flags);
        },
        { data: dataOf(flags) },
      );
    }
    const evaluation = await measure(server?.grpc ?? flags.server ?? '', {
      flags,
      ks,
      chosen,
      known,
      signal: interrupt.signal,
    });
    if (flags.json === true) printJson(evaluationToJson(evaluation));
    else for (const line of describeEvaluation(evaluation)) printLine(line);
  } finally {
    interrupt.stop();
    await chosen?.close();
    await server?.stop();
  }
}

interface Measuring {
  readonly flags: EvaluateFlags;
  readonly ks: readonly number[];
  readonly chosen: ChosenRespondent;
  readonly known: KnownDataset | undefined;
  readonly signal: AbortSignal;
}

async function measure(address: string, measuring: Measuring): Promise<Evaluation> {
  const { flags, ks, chosen, known } = measuring;
  const token = flags.embedded === true ? undefined : readSettings({ token: flags.token }).token;
  const client = new EnvClient({ address, token, tls: tlsOf(flags) });
  try {
    await client.ready();
    const dataset = await client.getDataset(known?.name ?? flags.dataset ?? '');
    const walk = (count: number, temperature: number): Promise<MeasuredWalk> =>
      measureWalk(client, { ...measuring, dataset: dataset.name, count, temperature });
    return {
      policy: chosen.respondent.description,
      dataset: dataset.name,
      version: dataset.version,
      split: flags.split,
      seed: flags.seed,
      greedy: flags.greedy ? await walk(1, 0) : undefined,
      sampled: ks.length > 0 ? await walk(flags.samples, flags.temperature) : undefined,
    };
  } finally {
    client.close();
  }
}

async function measureWalk(
  client: EnvClient,
  {
    flags,
    ks,
    chosen,
    known,
    signal,
    dataset,
    count,
    temperature,
  }: Measuring & { readonly dataset: string; readonly count: number; readonly temperature: number },
): Promise<MeasuredWalk> {
  let standing = { share: 0, text: '' };
  const stop = watchProgress(() => standing);
  try {
    const walk = await walkSplit({
      client,
      respondent: chosen.respondent,
      dataset,
      split: flags.split,
      questionsMax: flags.limit,
      reward: flags.reward,
      promptTemplate: flags.promptTemplate,
      plan: { count, temperature, tokensMax: flags.tokensMax ?? chosen.tokensMax, seed: flags.seed, signal },
      scoreMsMax: flags.scoreTimeout * 1_000,
      onProgress: (done, of) => {
        standing = { share: done / of, text: `${temperature === 0 ? 'greedy' : 'sampled'}: ${done}/${of}` };
      },
    });
    const options = { ks: temperature === 0 ? [1] : ks, seed: flags.seed };
    return {
      runId: walk.run.runId,
      samples: count,
      temperature,
      seconds: walk.seconds,
      unanswered: walk.unanswered,
      figures: figuresOf(walk.questions, options),
      places: known && placeFigures(walk.questions, ({ pairId }) => known.places.get(pairId), options),
    };
  } finally {
    stop();
  }
}

// ── What the flags say ────────────────────────────────────────────────────────────────────────────────────────────────

/** The embedded server's data directory, where it is to stay. */
function dataOf({ data, checkpoint }: EvaluateFlags): string | undefined {
  if (data !== undefined) return data;
  if (checkpoint === undefined) return undefined;
  const ofTraining = [checkpoint, join(checkpoint, '..', '..')];
  // Beside an exported policy.
  if (existsSync(join(checkpoint, '..', TRAINING_RECORD))) ofTraining.push(join(checkpoint, '..'));
  return ofTraining.map((path) => join(path, 'data')).find((path) => existsSync(join(path, DATABASE_FILE)));
}

/** A data directory that somebody named is taken as it is; a new one gets the default task. */
async function knownDataset(data: string, flags: EvaluateFlags): Promise<KnownDataset> {
  if (dataOf(flags) === undefined) {
    // Loaded when it is asked for: the dataset engine is large.
    const { makeDefaultTask } = await import('../train/default-task.ts');
    await makeDefaultTask(data);
  } else if (!existsSync(join(data, DATABASE_FILE))) {
    throw new EnvError('not_found', `There is no data directory "${data}": groupwise import makes one`);
  }
  return readPlaces(data, flags.dataset);
}

/** 1, 2, 4, … and the number of samples, unless the flag says which. */
function ksOf({ k, samples, greedy }: EvaluateFlags): readonly number[] {
  if (samples > LIMITS.groupSizeMax) {
    throw invalidArgument(
      '--samples',
      `Cannot draw ${samples} completions: a group has ${LIMITS.groupSizeMax} at most`,
    );
  }
  if (samples === 0 && !greedy) {
    throw invalidArgument(
      '--samples',
      'Cannot evaluate: --samples 0 and --no-greedy leave nothing to measure',
    );
  }
  const tooMany = k?.find((each) => each > samples);
  if (tooMany !== undefined) {
    throw invalidArgument('--k', `Cannot tell pass@${tooMany} from ${samples} samples: raise --samples`);
  }
  if (k !== undefined) return k;
  const powers = Array.from({ length: 11 }, (_, power) => 2 ** power).filter((each) => each < samples);
  return samples === 0 ? [] : [...powers, samples];
}

function checkFlags({ server, embedded, dataset, data, token, tls, tlsCa }: EvaluateFlags): void {
  if ((server === undefined) === (embedded === undefined))
    throw invalidArgument(
      '--server',
      'Cannot evaluate: either --server names a server, or --embedded starts one',
    );
  if (server !== undefined && dataset === undefined)
    throw invalidArgument('--dataset', 'Cannot evaluate: name a dataset of the server with --dataset');
  if (server !== undefined && data !== undefined)
    throw invalidArgument('--data', 'Cannot use --data with --server: it is for --embedded');
  if (embedded === true && (token ?? tls ?? tlsCa) !== undefined)
    throw invalidArgument(
      '--embedded',
      'Cannot use --token or TLS with --embedded: its server needs neither',
    );
}

function tlsOf({ tls, tlsCa }: EvaluateFlags): Tls | undefined {
  return tlsCa === undefined ? tls : { rootCertificates: readPem('--tls-ca', tlsCa) };
}

/** The first Ctrl-C ends the evaluation and closes its run and server, the second one the process. */
function listenForInterrupt(): { readonly signal: AbortSignal; readonly stop: () => void } {
  const interrupt = new AbortController();
  const onSignal = (): void => {
    if (interrupt.signal.aborted) return endBy('SIGINT');
    printNote('Stopping; once more stops at once');
    interrupt.abort(new EnvError('cancelled', 'Stopped: nothing was measured'));
  };
  process.on('SIGINT', onSignal);
  return { signal: interrupt.signal, stop: () => void process.off('SIGINT', onSignal) };
}
