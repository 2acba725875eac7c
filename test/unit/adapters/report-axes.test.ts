// The horizontal axis of a chart as it is drawn: it ends with its data, and whole numbers have whole ticks.

import { describe, expect, it } from 'vitest';

import { reportPage } from '../../../src/adapters/report-page.ts';

/** Labels below the axis. */
function ticksOf(xs: readonly number[]): readonly string[] {
  const page = reportPage({
    title: 'Axes',
    blocks: [
      {
        kind: 'lines',
        title: 'Reward',
        x: 'training step',
        y: 'share',
        series: [{ name: 'each step', points: xs.map((x) => [x, 0.5 + x / 1_000] as const) }],
      },
    ],
  });
  // Those of the other axis end at their place.
  return Array.from(page.matchAll(/text-anchor="middle"[^>]*>([\d.,]+)</gu), ([, text]) => text ?? '');
}

describe('reportPage()', () => {
  it.each([
    [20, 1],
    [2, 1],
    [7, 1],
    [600, 1],
    [220, 10],
  ])('draws an axis of whole numbers up to %i that ends there, with whole ticks', (last, by) => {
    const xs = Array.from({ length: last / by }, (_, index) => (index + 1) * by);
    const ticks = ticksOf(xs);
    expect(ticks.length).toBeGreaterThan(1);
    expect(ticks.filter((tick) => tick.includes('.'))).toEqual([]);
    expect(ticks.at(-1)).toBe(String(last));
  });
});
