import { defineConfig } from 'vitest/config';

// Real servers and child processes run inside these tests, so the limit is a guard against hangs, not a measure.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
  },
});
