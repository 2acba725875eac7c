// The whole server with one ONNX reward model, as a client on gRPC sees it: groups of 8 completions, many calls at a time.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { EnvClient } from '../../src/client/env-client.ts';
import { DEFAULT_ESTIMATOR } from '../../src/contract/defaults.ts';
import { recipeOf } from '../../src/core/recipe.ts';
import { cpuSeconds, startGroupwise } from './servers.ts';

const GROUP_SIZE = 8;

export interface RewardModelServer {
  /** Processor seconds of the server so far. */
  cpuSeconds(): number;
  /** How late the server's event loop was since it was asked last, 99th percentile. */
  eventLoopP99Ms(): Promise<number>;
  /** Scores the texts as one group; throws when one of them has no score. */
  score(texts: readonly string[]): Promise<number>;
  readonly groupSize: number;
  stop(): Promise<void>;
}

export async function startRewardModelServer(
  folder: string,
  { provider, threads }: { readonly provider: string; readonly threads: number },
): Promise<RewardModelServer> {
  const parent = mkdtempSync(join(tmpdir(), 'groupwise-scorers-'));
  const scorers = join(parent, 'scorers.yaml');
  const quality = { kind: 'onnx', folder, provider, threads };
  // JSON is YAML.
  writeFileSync(scorers, JSON.stringify({ reward_models: { quality } }));
  process.env['GROUPWISE_SCORERS'] = scorers;
  const server = await startGroupwise([]);
  const client = new EnvClient({ address: server.grpc ?? '' });
  const reward = recipeOf('quality');
  return {
    groupSize: GROUP_SIZE,
    cpuSeconds: () => cpuSeconds(server.pid),
    async eventLoopP99Ms() {
      const page = await (await fetch(`http://${server.http ?? ''}/metrics`)).text();
      const line = /^nodejs_eventloop_lag_p99_seconds (\S+)$/m.exec(page);
      return Number(line?.[1]) * 1000;
    },
    async score(texts) {
      const reference = {
        kind: 'inline',
        groundTruth: { answer: 'none', aliases: [] },
        choices: [],
      } as const;
      const completions = texts.map((text) => ({ text }));
      const groups = [{ reference, completions }];
      const reply = await client.score({ reward, estimator: DEFAULT_ESTIMATOR, groups });
      const outcomes = reply.groups.flatMap((group) => group.completions);
      const broken = outcomes.find(({ outcome }) => outcome.kind !== 'scored');
      if (broken !== undefined) throw new Error(`A completion has no score: ${JSON.stringify(broken)}`);
      return outcomes.length;
    },
    async stop() {
      client.close();
      await server.stop();
      rmSync(parent, { recursive: true });
    },
  };
}
