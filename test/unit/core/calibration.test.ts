import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { calibrate, type Calibration } from '../../../src/core/calibration.ts';
import { calibrationFromJson } from '../../../src/core/calibration-json.ts';
import type { EnvError } from '../../../src/core/errors.ts';

const TABLE: Calibration = {
  kind: 'table',
  points: [
    [-1, 0.1],
    [0, 0.5],
    [2, 0.9],
  ],
};

describe('calibrate()', () => {
  const cases: readonly (readonly [Calibration, number, number])[] = [
    [{ kind: 'identity' }, 0.25, 0.25],
    [{ kind: 'identity' }, -3, 0],
    [{ kind: 'identity' }, 7, 1],
    [{ kind: 'sigmoid', scale: 1, shift: 0 }, 0, 0.5],
    [{ kind: 'sigmoid', scale: 2, shift: -1 }, 1, 1 / (1 + Math.exp(-1))],
    [{ kind: 'sigmoid', scale: 1, shift: 0 }, 1000, 1],
    [{ kind: 'sigmoid', scale: 1, shift: 0 }, -1000, 0],
    [{ kind: 'min_max', min: -1, max: 3 }, 0, 0.25],
    [{ kind: 'min_max', min: -1, max: 3 }, 4, 1],
    [TABLE, -9, 0.1],
    [TABLE, -1, 0.1],
    [TABLE, -0.5, 0.3],
    [TABLE, 0, 0.5],
    [TABLE, 1, 0.7],
    [TABLE, 9, 0.9],
  ];
  it.each(cases)('calibrate() with %j takes %d to %s', (calibration, raw, score) => {
    expect(calibrate(calibration, raw)).toBeCloseTo(score, 12);
  });

  it.each([
    [{ kind: 'identity' }, Number.NaN],
    [TABLE, Number.POSITIVE_INFINITY],
    [{ kind: 'sigmoid', scale: 1, shift: 0 }, Number.NEGATIVE_INFINITY],
  ] as const)('calibrate() with %j has no score for %d', (calibration, raw) => {
    expect(calibrate(calibration, raw)).toBeUndefined();
  });

  const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
  const calibrations = fc.oneof(
    fc.constant<Calibration>({ kind: 'identity' }),
    fc.record({ kind: fc.constant('sigmoid' as const), scale: finite, shift: finite }),
    fc
      .tuple(fc.double({ min: -1e6, max: 0, noNaN: true }), fc.double({ min: 1e-3, max: 1e6, noNaN: true }))
      .map(([min, max]): Calibration => ({ kind: 'min_max', min, max })),
    fc.constant(TABLE),
  );

  it('calibrate() gives every finite number a score in [0, 1], except where the scale itself overflows to no number', () => {
    fc.assert(
      fc.property(calibrations, finite, (calibration, raw) => {
        const score = calibrate(calibration, raw);
        const mayOverflow = calibration.kind === 'sigmoid';
        expect(score === undefined ? mayOverflow : score >= 0 && score <= 1).toBe(true);
      }),
    );
  });
});

describe('calibrationFromJson()', () => {
  it.each([
    [{ kind: 'identity' }, { kind: 'identity' }],
    [{ kind: 'sigmoid' }, { kind: 'sigmoid', scale: 1, shift: 0 }],
    [
      { kind: 'sigmoid', scale: -0.5, shift: 2 },
      { kind: 'sigmoid', scale: -0.5, shift: 2 },
    ],
    [
      { kind: 'min_max', min: 0, max: 10 },
      { kind: 'min_max', min: 0, max: 10 },
    ],
    [
      {
        kind: 'table',
        points: [
          [0, 0],
          [1, 1],
        ],
      },
      {
        kind: 'table',
        points: [
          [0, 0],
          [1, 1],
        ],
      },
    ],
  ])('calibrationFromJson() reads %j', (json, calibration) => {
    expect(calibrationFromJson(json, 'calibration')).toEqual(calibration);
  });

  it.each([
    [undefined, 'calibration'],
    [{ kind: 'magic' }, 'calibration'],
    [{ kind: 'identity', scale: 1 }, 'calibration.scale'],
    [{ kind: 'sigmoid', scale: 0 }, 'calibration.scale'],
    [{ kind: 'sigmoid', shift: '1' }, 'calibration.shift'],
    [{ kind: 'sigmoid', scale: Number.NaN }, 'calibration.scale'],
    [{ kind: 'min_max', min: 1, max: 1 }, 'calibration.max'],
    [{ kind: 'min_max', max: 1 }, 'calibration.min'],
    [{ kind: 'table', points: [[0, 0]] }, 'calibration.points'],
    [
      {
        kind: 'table',
        points: [
          [0, 0],
          [0, 1],
        ],
      },
      'calibration.points[1]',
    ],
    [
      {
        kind: 'table',
        points: [
          [0, 0],
          [1, 1.5],
        ],
      },
      'calibration.points[1][1]',
    ],
    [{ kind: 'table', points: [[0, 0], [1]] }, 'calibration.points[1]'],
  ])('calibrationFromJson() refuses %j and names %s', (json, field) => {
    expect(() => calibrationFromJson(json, 'calibration')).toThrow(
      expect.objectContaining({ code: 'invalid_argument', field }) as EnvError,
    );
  });
});
