// Builds the server out of its parts: stores, services, doors. Everything that lives as long as the server is made here
// and ended here, in the opposite order.

import { CryptoNonces } from '../adapters/crypto-nonces.ts';
import { lockDataDirectory } from '../adapters/data-directory-lock.ts';
import { createMetrics } from '../adapters/prometheus-metrics.ts';
import { loadPromptFiles } from '../adapters/prompt-files.ts';
import { writeServedAt } from '../adapters/served-at.ts';
import { SqliteDatasetStore } from '../adapters/sqlite-dataset-store.ts';
import { SqliteRunStore } from '../adapters/sqlite-run-store.ts';
import { openDatabase } from '../adapters/sqlite.ts';
import { SystemClock } from '../adapters/system-clock.ts';
import { WorkerVerifierPool } from '../adapters/verifier-pool.ts';
import type { Settings } from '../config.ts';
import { LIMITS } from '../contract/limits.ts';
import type { DoorObserver } from '../contract/observer.ts';
import { EnvError } from '../core/errors.ts';
import { createRandom } from '../core/random.ts';
import { recipeFromJson } from '../core/recipe-json.ts';
import type { Recipe } from '../core/recipe.ts';
import { compatOf } from '../edges/compat/dialects.ts';
import { GrpcServer } from '../edges/grpc/server.ts';
import { RestServer } from '../edges/rest/server.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import { ServedRows } from '../services/datasets/served-rows.ts';
import { Environment } from '../services/environment.ts';
import { InFlight } from '../services/in-flight.ts';
import { Rewards } from '../services/rewards.ts';
import { verifierScorers } from '../services/scoring/scorer.ts';
import { Scoring } from '../services/scoring/scoring.ts';
import { nameOrJson, readPem } from './options.ts';
import { openScorers, type Scorers } from './scorers.ts';
import { readVersion } from './version.ts';

export interface ServerAddresses {
  /** HOST:PORT. */
  readonly grpc: string;
  readonly http: string;
}

export interface RunningServer extends ServerAddresses {
  /** Drains both doors for at most `drainMs`, writes what is not yet written, and lets go of the data directory. */
  stop(): Promise<void>;
}

/**
 * Starts both doors over one data directory.
 *
 * @throws EnvError `invalid_argument` for settings that do not go together, `failed_precondition` when another server
 *   holds the directory, `unavailable` when an address cannot be had
 */
export async function startServer(settings: Settings, log: Log): Promise<RunningServer> {
  const grpcPlace = parseAddress(settings.grpc);
  const httpPlace = parseAddress(settings.http);
  requireTokenBeyondLoopback(settings.token, grpcPlace, httpPlace);
  const tls = readTls(settings);
  const ending: (() => void | Promise<void>)[] = [];
  const end = async (): Promise<void> => {
    for (const step of ending.splice(0).toReversed()) await step();
  };
  try {
    const lock = lockDataDirectory(settings.data);
    ending.push(() => lock.release());
    const { environment, rewards, rows, scoring, clock, batches } = await startServices(
      settings,
      log,
      ending,
    );
    const reward = readCompatReward(settings, scoring);
    const metrics = createMetrics(() => environment.counts(), batches);
    const observer = observe(log, metrics.observeCall);
    const shared = { services: { environment, rewards }, observer, token: settings.token, tls };
    const grpc = new GrpcServer(shared);
    const compat = compatOf({
      rewards,
      rows,
      clock,
      reward,
      scorers: () => scoring.scorerNames(),
      random: createRandom(0),
      onRetry: metrics.observeRetry,
    });
    const rest = new RestServer({
      ...shared,
      version: readVersion(),
      metrics: async () => ({ contentType: metrics.contentType, text: await metrics.render() }),
      mounted: compat.calls,
      sockets: compat.sockets,
    });
    ending.push(async () => {
      await Promise.all([grpc.drain(settings.drainMs), rest.drain(settings.drainMs)]);
    });
    // One after the other: a door that is still opening when the other one fails would stay open.
    const grpcBound = await grpc.listen(grpcPlace.host, grpcPlace.port);
    const httpBound = await rest.listen(httpPlace.host, httpPlace.port);
    const addresses = { grpc: formatAddress(grpcBound), http: formatAddress(httpBound) };
    ending.push(writeServedAt(settings.data, { ...addresses, tls: tls !== undefined, pid: process.pid }));
    return { ...addresses, stop: end };
  } catch (error) {
    await end();
    throw error;
  }
}

async function startServices(
  settings: Settings,
  log: Log,
  ending: (() => void | Promise<void>)[],
): Promise<{
  readonly environment: Environment;
  readonly rewards: Rewards;
  readonly rows: ServedRows;
  readonly scoring: Scoring;
  readonly clock: Clock;
  readonly batches: Scorers['batches'];
}> {
  const clock = new SystemClock();
  const datasets = new SqliteDatasetStore({ dataDir: settings.data, now: () => clock.now() });
  ending.push(() => datasets.close());
  const database = openDatabase(settings.data);
  ending.push(() => database.close());
  const pool = new WorkerVerifierPool({
    limitMs: LIMITS.verifyMs,
    queueMax: LIMITS.completionsInFlightMax,
    log,
  });
  ending.push(() => pool.close());
  const scorers = await openScorers(settings, verifierScorers({ pool, log }), { clock, log });
  ending.push(() => scorers.close());
  const scoring = new Scoring(scorers, clock, scorers.audit);
  const inFlight = new InFlight(LIMITS.completionsInFlightMax);
  const templates = loadPromptFiles({ user: settings.prompts });
  const environment = new Environment({
    datasets,
    runs: new SqliteRunStore(database),
    templates,
    scoring,
    clock,
    nonces: new CryptoNonces(),
    log,
    inFlight,
    limits: LIMITS,
  });
  await environment.start();
  ending.push(() => environment.stop());
  const rewards = new Rewards({ scoring, datasets, inFlight });
  const rows = new ServedRows({ datasets, templates });
  return { environment, rewards, rows, scoring, clock, batches: scorers.batches };
}

/** A recipe that nothing can score is told of now, not to the first trainer that comes. */
function readCompatReward({ compatReward }: Settings, scoring: Scoring): Recipe {
  const reward = recipeFromJson(nameOrJson('--compat-reward', compatReward), '--compat-reward');
  try {
    scoring.prepare(reward, '--compat-reward');
  } catch (error) {
    if (!(error instanceof EnvError)) throw error;
    const { code, message, field } = error;
    throw new EnvError(code, `Cannot use --compat-reward: ${message}`, { field, cause: error });
  }
  return reward;
}

function observe(log: Log, observeCall: DoorObserver['callEnded']): DoorObserver {
  return {
    callEnded: observeCall,
    bugMet: ({ door, call, requestId, error }) => log.error('Call failed', { door, call, requestId, error }),
  };
}

interface Place {
  readonly host: string;
  readonly port: number;
}

/** HOST:PORT as settings have it, with brackets around IPv6. */
export function parseAddress(address: string): Place {
  const colon = address.lastIndexOf(':');
  return {
    host: address.slice(0, colon).replace(/^\[(.*)\]$/, '$1'),
    port: Number(address.slice(colon + 1)),
  };
}

function formatAddress({ host, port }: Place): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Whoever can reach the doors can read prompts and spend the judges' money: beyond this machine only with a token. */
function requireTokenBeyondLoopback(token: string | undefined, ...places: readonly Place[]): void {
  const open = places.find(({ host }) => !/^(localhost|127(\.\d{1,3}){3}|::1)$/.test(host));
  if (open === undefined || token !== undefined) return;
  throw new EnvError(
    'invalid_argument',
    `Cannot listen on ${formatAddress(open)} without a token: set GROUPWISE_TOKEN, or listen on 127.0.0.1`,
    { field: 'token' },
  );
}

function readTls({
  tlsCert,
  tlsKey,
}: Settings): { readonly certificate: Buffer; readonly key: Buffer } | undefined {
  if (tlsCert === undefined || tlsKey === undefined) return undefined;
  return { certificate: readPem('--tls-cert', tlsCert), key: readPem('--tls-key', tlsKey) };
}
