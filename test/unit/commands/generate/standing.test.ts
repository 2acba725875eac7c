import { describe, expect, it } from 'vitest';
import { formatUsd } from '../../../../src/commands/generate/show-plan.ts';
import { standingOf } from '../../../../src/commands/generate/standing.ts';
import type { RunForecast } from '../../../../src/generate/engine/estimate.ts';
import { type RunReport, StageFunnel } from '../../../../src/generate/engine/funnel.ts';

function reportWith(calls: number, cached: number, costUsd: number | null): RunReport {
  const stage = new StageFunnel('check', 'teacher').report();
  return {
    state: 'running',
    stopped: undefined,
    elapsedMs: 10_000,
    source: { documents: 1_200, passages: 1_300, broken: [], bytesRead: 25, bytesTotal: 100 },
    stages: [{ ...stage, kept: 40, calls, cached }],
    generated: 60,
    kept: 0,
    dropped: {},
    unfinished: 0,
    models: [],
    calls,
    costUsd,
  };
}

const FORECAST: RunForecast = {
  stages: [],
  pairs: 10,
  calls: 400,
  promptTokens: 0,
  completionTokens: 0,
  costUsd: 1,
};

describe('standingOf()', () => {
  it('standingOf() goes by what was read where no model is asked', () => {
    expect(standingOf(reportWith(0, 0, 0), undefined)).toEqual({
      share: 0.25,
      text: '1,200 documents | 40 pairs',
    });
  });

  it('standingOf() goes by the replies where models are asked, kept ones too', () => {
    expect(standingOf(reportWith(50, 150, 0.125), FORECAST)).toEqual({
      share: 0.5,
      text: '1,200 documents | 40 pairs | 50 calls, 5.0/s, 150 kept replies | $0.13',
    });
    expect(standingOf(reportWith(50, 0, null), FORECAST).text).toContain('cost unknown');
  });

  it('standingOf() never says that all is done', () => {
    expect(standingOf(reportWith(900, 0, 1), FORECAST).share).toBeLessThan(1);
  });
});

describe('formatUsd()', () => {
  it.each([
    [0, '$0'],
    [12.345, '$12.35'],
    [0.5, '$0.50'],
    [0.001_234, '$0.0012'],
    [0.000_000_12, '$0.00000012'],
  ])('formatUsd() of %f is %s', (usd, text) => {
    expect(formatUsd(usd)).toBe(text);
  });
});
