// The stateless scoring of the server without a server: built for one command, and put away when the command is done.

import { createLog } from '../../adapters/pino-log.ts';
import { SqliteDatasetStore } from '../../adapters/sqlite-dataset-store.ts';
import { SystemClock } from '../../adapters/system-clock.ts';
import { WorkerVerifierPool } from '../../adapters/verifier-pool.ts';
import { readSettings } from '../../config.ts';
import { LIMITS } from '../../contract/limits.ts';
import { EnvError } from '../../core/errors.ts';
import type { DatasetStore } from '../../ports/dataset-store.ts';
import { InFlight } from '../../services/in-flight.ts';
import { Rewards } from '../../services/rewards.ts';
import { type ScorerLookup, verifierScorers } from '../../services/scoring/scorer.ts';
import { Scoring } from '../../services/scoring/scoring.ts';
import { requireDataDir } from '../options.ts';
import { openScorers, type Scorers } from '../scorers.ts';

interface OfflineFlags {
  readonly data?: string;
  /** The dataset whose rows may be named. */
  readonly dataset?: string;
  readonly scorers?: string;
  readonly prompts?: string;
}

export interface OfflineRewards {
  readonly rewards: Rewards;
  /** What judges were asked for and paid since the start, by name. */
  readonly judges: Scorers['judges'];
  readonly findPair: DatasetStore['findPair'];
}

/**
 * Makes what scores, as the server has it, for as long as `use` takes.
 *
 * @param through what stands between the scoring and its scorers: a meter, for example
 * @throws EnvError `not_found` when the data directory or the dataset of the flags is not there
 */
export async function withOfflineRewards(
  flags: OfflineFlags,
  use: (offline: OfflineRewards) => Promise<void>,
  through: (scorers: ScorerLookup) => ScorerLookup = (scorers) => scorers,
): Promise<void> {
  const log = createLog('warn');
  const clock = new SystemClock();
  const datasets = flags.dataset === undefined ? NO_DATASETS : await openDatasets(flags, flags.dataset);
  const pool = new WorkerVerifierPool({
    limitMs: LIMITS.verifyMs,
    queueMax: LIMITS.completionsInFlightMax,
    log,
  });
  try {
    const settings = readSettings({ data: flags.data, scorers: flags.scorers, prompts: flags.prompts });
    const scorers = await openScorers(settings, verifierScorers({ pool, log }), { clock, log });
    const scoring = new Scoring(through(scorers), clock);
    const inFlight = new InFlight(LIMITS.completionsInFlightMax);
    try {
      await use({
        rewards: new Rewards({ scoring, datasets, inFlight }),
        judges: scorers.judges,
        findPair: (dataset, pairId) => datasets.findPair(dataset, pairId),
      });
    } finally {
      await scorers.close();
    }
  } finally {
    await pool.close();
    datasets.close();
  }
}

type Datasets = Pick<DatasetStore, 'get' | 'findPair'> & { close(): void };

/** Without --dataset no line can name a row. */
const NO_DATASETS: Datasets = {
  get: () => Promise.resolve(undefined),
  findPair: () => Promise.resolve(undefined),
  close: () => {},
};

async function openDatasets(flags: OfflineFlags, name: string): Promise<Datasets> {
  const clock = new SystemClock();
  const store = new SqliteDatasetStore({ dataDir: requireDataDir(flags), now: () => clock.now() });
  // Asked here and not by the first line that names a row: there may be none, and a wrong name would go unseen.
  if ((await store.get(name)) !== undefined) return store;
  store.close();
  throw new EnvError('not_found', `There is no dataset "${name}"`);
}
