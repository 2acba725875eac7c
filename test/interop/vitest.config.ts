// Trainers' own packages against a running server: `npm run test:interop`. One file waits for minutes
// while others compute.

import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/interop/**/*.test.ts'],
    testTimeout: 600_000,
    hookTimeout: 120_000,
    pool: 'forks',
    globalSetup: 'test/interop/set-up.ts',
    maxWorkers: 2,
    root: new URL('../..', import.meta.url).pathname,
  },
});
