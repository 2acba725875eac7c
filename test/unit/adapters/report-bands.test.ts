// Bands of a chart as they are drawn: one polygon for each, in the colour of its line, between its bounds.

import { describe, expect, it } from 'vitest';

import { reportPage } from '../../../src/adapters/report-page.ts';
import type { ReportLines } from '../../../src/core/report-document.ts';

const LINES: ReportLines = {
  kind: 'lines',
  title: 'Share',
  x: 'tokens',
  y: 'share',
  series: [
    { name: 'plain', points: [[0, 0.5] as const, [10, 0.5] as const] },
    {
      name: 'banded',
      points: [[0, 0.2] as const, [10, 0.6] as const],
      band: [[0, 0.1, 0.3] as const, [10, 0.4, 0.8] as const],
    },
  ],
};

function numbersOf(attribute: string | undefined): readonly number[] {
  return (attribute ?? '').split(' ').map(Number);
}

describe('reportPage()', () => {
  const page = reportPage({ title: 'Bands', blocks: [LINES] });
  const polygons = Array.from(page.matchAll(/<polygon points="([^"]*)" fill="([^"]*)"/gu));

  it('draws a band around the line that has one and around no other', () => {
    expect(polygons).toHaveLength(1);
    const [, , colour] = polygons[0] ?? [];
    const lines = Array.from(
      page.matchAll(/<path d="([^"]*)"[^>]*stroke="([^"]*)" stroke-width="2" stroke-linejoin/gu),
    );
    expect(lines.map(([, , stroke]) => stroke === colour)).toEqual([false, true]);
  });

  it('goes along the upper bounds and back along the lower ones', () => {
    const [x1, high1, x2, high2, x3, low2, x4, low1] = numbersOf(polygons[0]?.[1]);
    expect([x3, x4]).toEqual([x2, x1]);
    // Heights count from the top: 0.3 − 0.1 is half of 0.8 − 0.4.
    const [first, second] = [(low1 ?? 0) - (high1 ?? 0), (low2 ?? 0) - (high2 ?? 0)];
    expect(first).toBeGreaterThan(0);
    expect(second).toBeCloseTo(2 * first, 0);
  });

  it('names lines in the legend, and no band', () => {
    const names = Array.from(page.matchAll(/<text[^>]*>([^<]*)</gu), ([, text]) => text);
    expect(names.filter((name) => name === 'plain' || name === 'banded')).toEqual(['plain', 'banded']);
    expect(names.some((name) => name?.includes('series'))).toBe(false);
  });
});
