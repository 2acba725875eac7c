import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { pack, table, type PackedPart } from '../../../../src/trainer/policy/packing.ts';
import type { TokenSequence } from '../../../../src/trainer/policy.ts';

/** What a slot sees of its row, itself last: the rule of `scored-sequences`, in plain words. */
function seenFrom(part: PackedPart, slot: number): readonly number[] {
  const start = slot - (slot % part.length);
  const seen: number[] = [];
  for (let other = start; other <= slot; other += 1) {
    const owner = part.owners[other];
    if (owner === part.owners[slot] || owner === part.prompts[slot]) seen.push(other);
  }
  return seen;
}

const SEQUENCES: readonly TokenSequence[] = [
  { prompt: [1, 2, 3], completion: [11, 12] },
  { prompt: [4, 5], completion: [13] },
  { prompt: [1, 2, 3], completion: [14, 15, 16] },
];

const tokens = fc.array(fc.nat(300), { minLength: 1, maxLength: 40 });
const sequences = fc
  .tuple(
    fc.array(tokens, { minLength: 1, maxLength: 4 }),
    fc.array(fc.tuple(fc.nat(3), tokens), { maxLength: 30 }),
  )
  .map(([prompts, members]) =>
    members.map(([at, completion]) => ({ prompt: prompts[at % prompts.length] ?? [], completion })),
  );

describe('pack()', () => {
  it('puts completions of a prompt behind it once, and another prompt behind them', () => {
    const [part, ...others] = pack(SEQUENCES, { tokensMax: 100 });
    expect(others).toEqual([]);
    expect(part).toMatchObject({
      rows: 2,
      length: 6,
      tokens: Int32Array.of(1, 2, 3, 11, 14, 15, 4, 5, 0, 0, 0, 0),
      positions: Int32Array.of(0, 1, 2, 3, 3, 4, 0, 1, 0, 0, 0, 0),
      owners: Int32Array.of(0, 0, 0, 1, 2, 2, 0, 0, -1, -1, -1, -1),
      prompts: Int32Array.of(0, 0, 0, 0, 0, 0, 0, 0, -1, -1, -1, -1),
      sequences: [0, 2, 1],
      slots: [2, 3, 2, 4, 5, 7],
      targets: [11, 12, 14, 15, 16, 13],
      starts: [0, 2, 5],
      counts: [2, 3, 1],
      width: 3,
    });
  });

  it('shows each predicting slot its prompt and what came before in its completion, and nothing else', () => {
    fc.assert(
      fc.property(sequences, fc.integer({ min: 1, max: 400 }), (all, tokensMax) => {
        const found: number[] = [];
        for (const part of pack(all, { tokensMax })) {
          part.sequences.forEach((sequence, row) => {
            found.push(sequence);
            const { prompt, completion } = all[sequence] ?? { prompt: [], completion: [] };
            expect(part.counts[row]).toBe(completion.length);
            completion.forEach((target, place) => {
              const entry = (part.starts[row] ?? NaN) + place;
              const seen = seenFrom(part, part.slots[entry] ?? NaN);
              expect(part.targets[entry]).toBe(target);
              expect(seen.map((slot) => part.tokens[slot])).toEqual([
                ...prompt,
                ...completion.slice(0, place),
              ]);
              expect(seen.map((slot) => part.positions[slot])).toEqual(seen.map((_, position) => position));
            });
          });
        }
        expect(found.toSorted((a, b) => a - b)).toEqual(all.map((_, index) => index));
      }),
    );
  });

  it('keeps parts of several rows within tokensMax', () => {
    fc.assert(
      fc.property(sequences, fc.integer({ min: 1, max: 400 }), (all, tokensMax) => {
        for (const { rows, length } of pack(all, { tokensMax }))
          expect(rows === 1 || rows * length <= tokensMax).toBe(true);
      }),
    );
  });

  it('fills rows that one long bundle would leave half empty', () => {
    const long = { prompt: [9], completion: Array.from({ length: 100 }, () => 1) };
    const short = Array.from({ length: 50 }, (_, index) => ({ prompt: [index], completion: [1, 1, 1] }));
    const slots = pack([long, ...short], { tokensMax: 10_000 }).reduce(
      (sum, part) => sum + part.rows * part.length,
      0,
    );
    expect(slots).toBeLessThan(1.4 * (100 + 50 * 3));
  });

  it('leaves out completions without tokens, and refuses prompts without', () => {
    expect(pack([{ prompt: [1], completion: [] }], { tokensMax: 10 })).toEqual([]);
    expect(() => pack([{ prompt: [], completion: [1] }], { tokensMax: 10 })).toThrow(/prompt has no tokens/);
  });
});

describe('table()', () => {
  it('puts the numbers of each sequence in a row, in the order of the part', () => {
    const [part] = pack(SEQUENCES, { tokensMax: 100 });
    if (part === undefined) throw new Error('No part');
    const numbers = [[0.25, 0.5], [1], [2, 3, 4]];
    expect(table(part, (sequence) => numbers[sequence] ?? [])).toEqual(
      Float32Array.of(0.25, 0.5, 0, 2, 3, 4, 1, 0, 0),
    );
  });
});
