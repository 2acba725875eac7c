// A verifier worker whose verifiers misbehave, for tests of the pool. Like the real entry point, it works at import time.

import { appendFileSync, existsSync, writeFileSync } from 'node:fs';

import { serveVerifications } from '../../src/adapters/verifier-pool-serve.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { CORRECT, incorrect } from '../../src/core/verifiers/verifier.ts';
import type { Verdict, Verifier, VerifierInput } from '../../src/core/verifiers/verifier.ts';

const BEHAVIOURS: Readonly<Record<string, (input: VerifierInput) => Verdict>> = {
  'says-so': ({ answer }) => (answer === 'right' ? CORRECT : incorrect(answer)),
  'loops-for-ever': () => {
    for (;;);
  },
  'works-for-a-while': ({ answer }) => {
    const until = performance.now() + Number(answer);
    while (performance.now() < until);
    return CORRECT;
  },
  'writes-for-ever': ({ answer }) => {
    for (;;) appendFileSync(answer, '.');
  },
  dies: () => process.exit(1),
  'dies-in-its-first-worker': ({ answer }) => {
    // A file is the memory that outlives a worker.
    if (!existsSync(answer)) {
      writeFileSync(answer, 'died once');
      process.exit(1);
    }
    return CORRECT;
  },
  'eats-memory': () => {
    const kept: number[][] = [];
    for (;;) kept.push(Array.from({ length: 100_000 }, (_, index) => index));
  },
  throws: () => {
    throw new RangeError('on purpose');
  },
};

function unchanged(options: JsonObject): JsonObject {
  return options;
}

serveVerifications((name): Verifier | undefined => {
  const verify = BEHAVIOURS[name];
  if (verify === undefined) return undefined;
  return { name, summary: '', reads: 'answer', fallback: 'line', parseOptions: unchanged, verify };
});
