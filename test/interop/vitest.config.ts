// Trainers' own packages against a running server: `npm run test:interop`. One file after the other, as some share an environment.

import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/interop/**/*.test.ts'],
    testTimeout: 600_000,
    hookTimeout: 120_000,
    pool: 'forks',
    fileParallelism: false,
    root: new URL('../..', import.meta.url).pathname,
  },
});
