import { availableParallelism } from 'node:os';

import { defineConfig } from 'vitest/config';

// Real servers and child processes run inside these tests, so the limit is a guard against hangs, not a measure.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Trainers that bring PyTorch, Ray and the like: gigabytes, and minutes. `npm run test:interop` runs them too.
    exclude: ['test/interop/trainers/**'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    // Many tests wait for a process of theirs: on two cores, one worker would leave one idle.
    maxWorkers: Math.max(2, availableParallelism() - 1),
  },
});
