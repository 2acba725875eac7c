import { describe, expect, test } from 'vitest';
import type { Accounting } from '../../../src/core/calls.ts';
import { balance } from '../../../src/loadtest/books.ts';
import { formatReport, type Report, verdictOf } from '../../../src/loadtest/report.ts';

const REPORT: Report = {
  scenario: 'score',
  transport: 'grpc-stream',
  address: '127.0.0.1:1',
  pace: 'closed loop, 16 in flight',
  workload: '8 × 500 characters',
  duration_s: 10,
  answered: 990,
  wrong: 0,
  failed: 10,
  failed_by_code: { resource_exhausted: { count: 10, detail: 'Full' } },
  error_rate: 0.01,
  requests_per_s: 99,
  groups_per_s: 99,
  completions_per_s: 792,
  bytes_out_per_s: 4e5,
  bytes_in_per_s: 4e4,
  latency_ms: { p50: 1, p90: 2, p99: 3, p999: 4, max: 5, mean: 1.5 },
  send_lag_p99_ms: 0,
  client_cpu_share: 0.5,
};

describe('verdictOf()', () => {
  test.each([
    ['errors beyond it', REPORT, 0.009, /error rate is 1.0 %/],
    ['a wrong answer', { ...REPORT, wrong: 1, wrong_detail: 'group 0' }, 1, /1 wrong answers.*group 0/],
    ['no answer at all', { ...REPORT, answered: 0 }, 1, /no request was answered/],
    ['broken books', { ...REPORT, books: { balance: false, detail: '1 against 2' } }, 1, /1 against 2/],
  ])('verdictOf() judges %s', (_, report, errorRateMax, verdict) => {
    expect(verdictOf(report, errorRateMax)).toMatch(verdict);
  });

  test('verdictOf() lets errors pass that are allowed', () => {
    expect(verdictOf(REPORT, 0.01)).toBeUndefined();
  });
});

describe('formatReport()', () => {
  test('formatReport() names each failure and says nothing of a client that has room', () => {
    const text = formatReport(REPORT);
    expect(text).toContain('resource_exhausted');
    expect(text).not.toContain('the client is the limit');
  });

  test.each([
    ['a closed loop that fills its core', { client_cpu_share: 0.99 }],
    ['an open loop that is late', { pace: 'open loop, 10 requests/s', send_lag_p99_ms: 5 }],
  ])('formatReport() says that the client is the limit for %s', (_, change) => {
    expect(formatReport({ ...REPORT, ...change })).toContain('the client is the limit');
  });
});

/** Ten groups of two leased: eight completed, one expired, one released when the run was closed. */
const BOOKS: Accounting = {
  leases: { leased: 10, completed: 8, expired: 1, released: 1, quarantined: 0, open: 0 },
  groups: { total: 100, issued: 9, completed: 8, quarantined: 0, inProgress: 1 },
  completions: {
    submitted: 16,
    scored: 16,
    unscorable: 0,
    inFlight: 0,
    unscorableByCause: [],
    truncated: 0,
    repeats: 0,
  },
  meanReward: 0.5,
  passRate: 0.5,
  passThreshold: 1,
  zeroVarianceGroups: 0,
  zeroVarianceShare: 0,
  insufficientValidGroups: 0,
  cache: { hits: 0, misses: 0 },
  costUsd: undefined,
  judgePromptTokens: 0,
  judgeCompletionTokens: 0,
  drift: [],
  audits: [],
};
const SEEN = { groupSize: 2, results: 8 };

describe('balance()', () => {
  test('balance() accepts books that agree with what was seen', () => {
    expect(balance(BOOKS, SEEN).balance).toBe(true);
  });

  test.each([
    [
      'a lease that never ended',
      { leases: { ...BOOKS.leases, leased: 11 } },
      SEEN,
      /= leased: 10 against 11/,
    ],
    [
      'a lease still open',
      { leases: { ...BOOKS.leases, leased: 11, open: 1 } },
      SEEN,
      /closed = 0: 1 against 0/,
    ],
    ['a group that is lost', { groups: { ...BOOKS.groups, issued: 10 } }, SEEN, /= issued: 9 against 10/],
    [
      'a completion that is lost',
      { completions: { ...BOOKS.completions, submitted: 17 } },
      SEEN,
      /= submitted: 16 against 17/,
    ],
    ['a result that nobody received', {}, { ...SEEN, results: 7 }, /results received: 8 against 7/],
  ])('balance() sees %s', (_, change, seen, detail) => {
    const books = balance({ ...BOOKS, ...change }, seen);
    expect(books.balance).toBe(false);
    expect(books.detail).toMatch(detail);
  });
});
