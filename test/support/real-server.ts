// The whole server as `groupwise serve` builds it, on free loopback ports over a data directory of its own, with one
// dataset of all answer types whose ground truths cannot be guessed. Every log line is kept.

import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqliteDatasetStore } from '../../src/adapters/sqlite-dataset-store.ts';
import { type RunningServer, startServer } from '../../src/commands/server.ts';
import { readSettings } from '../../src/config.ts';
import { pairIdOf } from '../../src/core/pair-id.ts';
import { ANSWER_TYPES, type AnswerType, type QaPair } from '../../src/core/qa-pair.ts';
import type { Log } from '../../src/ports/log.ts';

export interface RealServer {
  readonly running: RunningServer;
  readonly restUrl: string;
  /** What no client may ever see. */
  readonly secrets: readonly string[];
  readonly pairs: readonly QaPair[];
  /** Every log line, fields and stacks included, as text. */
  readonly logLines: string[];
  stop(): Promise<void>;
}

export const REAL_DATASET = 'secrets';

export async function startRealServer(pairsPerType = 4): Promise<RealServer> {
  const data = await mkdtemp(join(tmpdir(), 'groupwise-test-'));
  const pairs = ANSWER_TYPES.flatMap((answerType) =>
    Array.from({ length: pairsPerType }, (_, index) => secretPair(answerType, index)),
  );
  await writeDataset(data, pairs);
  const logLines: string[] = [];
  const log = keepingLog(logLines);
  const settings = readSettings({ data, grpc: '127.0.0.1:0', http: '127.0.0.1:0', drainMs: 1_000 }, {});
  const running = await startServer(settings, log);
  return {
    running,
    restUrl: `http://${running.http}`,
    secrets: pairs.flatMap(({ groundTruth }) => [groundTruth.answer, ...groundTruth.aliases]),
    pairs,
    logLines,
    async stop() {
      await running.stop();
      await rm(data, { recursive: true, force: true });
    },
  };
}

async function writeDataset(data: string, pairs: readonly QaPair[]): Promise<void> {
  const store = new SqliteDatasetStore({ dataDir: data, now: () => 0 });
  const writer = await store.create(
    {
      name: REAL_DATASET,
      description: 'Made for a test',
      reward: undefined,
      provenance: { source: 'test', license: 'Apache-2.0', generator: 'test 1' },
    },
    { replace: false },
  );
  await writer.add(pairs);
  await writer.commit();
  store.close();
}

/** Random in each run, so that no reply can hold one by chance. */
function secretPair(answerType: AnswerType, index: number): QaPair {
  const question = `Question ${index} whose answer is of type ${answerType}?`;
  const prompt = { question };
  return {
    pairId: pairIdOf(prompt),
    question,
    groundTruth: { answer: secretAnswer(answerType), aliases: answerType === 'text' ? [hex()] : [] },
    answerType,
    ...(answerType === 'choice' && { choices: ['north', 'south', 'east', 'west'] }),
    provenance: { documentId: `d-${index}` },
    split: 'train',
  };
}

function secretAnswer(answerType: AnswerType): string {
  switch (answerType) {
    case 'number':
    case 'math':
      return digits();
    case 'quantity':
      return `${digits()} km`;
    case 'date':
      return `18${digits().slice(0, 2)}-03-0${1 + (Number(digits()[0]) % 9)}`;
    case 'list':
      return `${hex()}, ${hex()}`;
    case 'choice':
      return 'B';
    case 'boolean':
      return 'yes';
    case 'pattern':
      return `^${hex()}$`;
    case 'text':
      return hex();
  }
}

function hex(): string {
  return randomBytes(9).toString('hex');
}

function digits(): string {
  return String(10 ** 14 + Math.floor(Math.random() * 10 ** 14) * 7);
}

function keepingLog(lines: string[]): Log {
  const keep =
    (level: string) =>
    (message: string, fields: Readonly<Record<string, unknown>> = {}): void => {
      const shown = Object.entries(fields).map(([key, value]) => [
        key,
        value instanceof Error ? `${value.stack ?? ''} ${String(value.cause)}` : value,
      ]);
      lines.push(`${level} ${message} ${JSON.stringify(Object.fromEntries(shown))}`);
    };
  return { info: keep('info'), warn: keep('warn'), error: keep('error') };
}
