// The reference page of the estimators says what the code does: each dialect with its constants, scope and needs, and the
// numbers of its worked example.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Constants, Dialect } from '../../src/core/advantages/table.ts';
import { DIALECTS, resolveEstimator } from '../../src/core/advantages/table.ts';

const page = readFileSync(new URL('../../docs/advantages.md', import.meta.url), 'utf8');

/** Rows of the table under a heading: the name in their first cell → their cells. */
function tableUnder(heading: string): Map<string, string[]> {
  const section = page.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  const rows = section
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  return new Map(rows.map((cells) => [cells[0]?.replaceAll('`', '') ?? '', cells]));
}

function constantsInWords({ ddof, epsilon, k, weights }: Constants): string {
  const words = [
    ...(ddof === undefined ? [] : [`ddof ${ddof}`]),
    ...(epsilon === undefined ? [] : [`epsilon ${epsilon.toExponential()}`]),
    ...(k === undefined ? [] : [`k ${k}`]),
    ...(weights === undefined ? [] : ['weights 1']),
  ];
  return words.length === 0 ? 'none' : words.join(', ');
}

function needsInWords({ needs }: Dialect): string {
  const lengths = { required: '; lengths', optional: '; lengths, else 1 each', unused: '' };
  return `${needs.components ? 'components' : 'rewards'}${lengths[needs.lengths]}`;
}

describe('docs/advantages.md', () => {
  const table = tableUnder('The dialects');

  it('lists DIALECTS, no more and no fewer, in both tables', () => {
    const names = DIALECTS.map(({ name }) => name);
    expect([...table.keys()]).toEqual(names);
    expect([...tableUnder('Where they come from, and the loss they belong to').keys()]).toEqual(names);
  });

  for (const dialect of DIALECTS) {
    it(`states constants, scope and needs of ${dialect.name} as DIALECTS has them`, () => {
      const [, , constants, scope, needs] = table.get(dialect.name) ?? [];
      expect({ constants, scope, needs }).toEqual({
        constants: constantsInWords(dialect.constants),
        scope: dialect.scope,
        needs: needsInWords(dialect),
      });
    });

    it(`shows what resolveEstimator() with ${dialect.name} makes of 1, 0, 0, 0`, () => {
      const k = dialect.constants.k === undefined ? undefined : 2;
      const rewards = [1, 0, 0, 0];
      const lengths = dialect.needs.lengths === 'required' ? [5, 5, 5, 5] : undefined;
      const group = { rewards, lengths, components: { math: rewards } };
      const [result] = resolveEstimator({ name: dialect.name, k }).compute([group]);
      const shown = table.get(dialect.name)?.at(-1)?.replaceAll('−', '-').split(', ').map(Number);
      expect(shown).toHaveLength(2);
      expect(Math.abs((result?.advantages[0] ?? Number.NaN) - (shown?.[0] ?? Number.NaN))).toBeLessThan(6e-5);
      for (const other of result?.advantages.slice(1) ?? []) {
        expect(Math.abs(other - (shown?.[1] ?? Number.NaN))).toBeLessThan(6e-5);
      }
    });
  }
});
