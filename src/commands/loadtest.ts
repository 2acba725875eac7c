// `groupwise loadtest`: puts a server under load, checks every answer, and reports rates and latencies.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { diskError } from '../adapters/disk.ts';
import type { Tls } from '../client/tls.ts';
import { readSettings } from '../config.ts';
import { EnvError, invalidArgument } from '../core/errors.ts';
import { ARITHMETIC_ROWS, arithmeticDataset } from '../loadtest/arithmetic.ts';
import { ARRIVALS } from '../loadtest/arrivals.ts';
import { BODIES } from '../loadtest/json-bodies.ts';
import { CHECKS } from '../loadtest/reply-check.ts';
import { formatReport, type Report, verdictOf } from '../loadtest/report.ts';
import { type LoadtestOptions, runLoadtest, SCENARIOS, TRANSPORTS } from '../loadtest/run.ts';
import { systemTimers } from '../loadtest/system-timers.ts';
import { startEmbeddedServer } from './embedded-server.ts';
import { atLeastZero, formatCount, positive, printJson, printLine, readPem } from './options.ts';

/** As commander hands them over: what is missing has no default here. */
interface Flags extends Omit<LoadtestOptions, 'grpc' | 'http' | 'token' | 'tls'> {
  readonly grpc?: string;
  readonly http?: string;
  readonly token?: string;
  readonly tls?: true;
  readonly tlsCa?: string;
  readonly embedded?: true;
  readonly json?: true;
  readonly writeDataset?: string;
  readonly maxErrorRate: number;
}

export function registerLoadtest(program: Command): void {
  program
    .command('loadtest')
    .description('Put a server under load, check every answer, report rates and latencies')
    .option('--grpc <host:port>', 'gRPC door of the server')
    .option('--http <host:port>', 'REST door of the server')
    .option('--token <token>', 'bearer token of the server')
    .option('--tls', 'the doors speak TLS, with certificates that this system trusts')
    .option(
      '--tls-ca <file>',
      'the doors speak TLS, with a certificate that those in this PEM file vouch for',
    )
    .option('--embedded', 'start a server for the test; so it is when no address is given')
    .addOption(new Option('--scenario <name>', 'what is done').choices(SCENARIOS).default('score'))
    .addOption(
      new Option('--transport <name>', 'how (default: grpc-stream, or rollout for that scenario)').choices(
        TRANSPORTS,
      ),
    )
    .option(
      '--concurrency <n>',
      'closed loop: requests in flight; rollout: window of each stream',
      whole(1),
      16,
    )
    .option('--rate <per-second>', 'open loop: requests per second, whatever the server does', positive)
    .addOption(new Option('--arrivals <kind>', 'open loop: when').choices(ARRIVALS).default('poisson'))
    .option(
      '--in-flight-max <n>',
      'open loop: unanswered requests before the client gives up sending',
      whole(1),
      10_000,
    )
    .option('--connections <n>', 'connections (default: 1 for gRPC, as many as in flight for REST)', whole(1))
    .option('--streams <n>', 'streams, for the transports that stream', whole(1), 1)
    .option('--duration <s>', 'seconds measured', positive, 10)
    .option('--warmup <s>', 'seconds before that', atLeastZero, 2)
    .option('--timeout <s>', 'seconds that an answer may take', positive, 30)
    .option('--group-size <n>', 'completions per group', whole(1), 8)
    .option('--completion-chars <n>', 'characters per completion', whole(1), 500)
    .option('--groups-per-request <n>', 'score: groups in each request', whole(1), 1)
    .option('--reward <name>', 'score: the verifier', 'math')
    .option(
      '--dataset <name>',
      'rollout: a dataset of arithmetic questions (see --write-dataset)',
      'loadtest',
    )
    .option(
      '--write-dataset <file>',
      'write the questions of the rollout scenario as JSONL, and do nothing else',
    )
    .addOption(new Option('--check <kind>', 'what of each answer is checked').choices(CHECKS).default('full'))
    .addOption(
      new Option('--body <kind>', 'score over REST: shape of the body').choices(BODIES).default('score'),
    )
    .option('--seed <n>', 'seed of the arrivals and of the run', whole(0), 0)
    .option('--max-error-rate <share>', 'share of requests that may fail, from 0 to 1', atLeastZero, 0)
    .option('--json', 'print one line of JSON')
    .action(run);
}

async function run(flags: Flags): Promise<void> {
  if (flags.writeDataset !== undefined) {
    await writeQuestions(flags.writeDataset, flags.json === true);
    return;
  }
  const hasAddress = flags.grpc !== undefined || flags.http !== undefined;
  const tls = tlsOf(flags);
  if (tls !== undefined && !hasAddress)
    throw invalidArgument('--tls', 'Cannot use TLS: a server that is started for the test speaks none');
  if (flags.embedded === true && hasAddress)
    throw invalidArgument(
      '--embedded',
      'Cannot test both: --embedded starts a server, --grpc and --http name one',
    );
  const isEmbedded = !hasAddress;
  const report = isEmbedded ? await testEmbedded(flags) : await testRunning(flags, tls);
  process.stdout.write(flags.json === true ? `${JSON.stringify(report)}\n` : formatReport(report));
  const verdict = verdictOf(report, flags.maxErrorRate);
  if (verdict !== undefined) throw new EnvError('failed_precondition', `The load test failed: ${verdict}`);
}

async function writeQuestions(file: string, isJson: boolean): Promise<void> {
  const questions = arithmeticDataset();
  try {
    await writeFile(file, questions);
  } catch (error) {
    throw diskError(`Cannot write "${file}"`, error);
  }
  if (isJson) printJson({ out: file, rows: ARITHMETIC_ROWS });
  else printLine(`${file}: ${formatCount(ARITHMETIC_ROWS)} questions; groupwise import takes them`);
}

/** Tests a server that is there. Addresses have no default here: a load must not hit a server by accident. */
function testRunning(flags: Flags, tls: Tls | undefined): Promise<Report> {
  const settings = readSettings({ ...flags });
  return runLoadtest(
    {
      ...flags,
      grpc: flags.grpc === undefined ? undefined : settings.grpc,
      http: flags.http === undefined ? undefined : settings.http,
      token: settings.token,
      tls,
    },
    systemTimers,
  );
}

/** @throws EnvError `invalid_argument` for a file that cannot be read */
function tlsOf({ tls, tlsCa }: Flags): Tls | undefined {
  return tlsCa === undefined ? tls : { rootCertificates: readPem('--tls-ca', tlsCa) };
}

async function testEmbedded(flags: Flags): Promise<Report> {
  const server = await startEmbeddedServer(async (data, runCommand) => {
    if (flags.scenario !== 'rollout') return;
    const file = join(data, 'questions.jsonl');
    await writeFile(file, arithmeticDataset());
    await runCommand(['import', file, '--data', data, '--name', flags.dataset]);
  });
  try {
    return await runLoadtest(
      { ...flags, grpc: server.grpc, http: server.http, token: undefined, tls: undefined },
      systemTimers,
    );
  } finally {
    await server.stop();
  }
}

function whole(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < least) {
      throw new InvalidArgumentError(`It must be a whole number of at least ${least}.`);
    }
    return value;
  };
}
