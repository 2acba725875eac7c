// Which pair is next: the choices a run can make.

export const SAMPLING_KINDS = ['sequential', 'shuffled', 'curriculum'] as const;
export type SamplingKind = (typeof SAMPLING_KINDS)[number];

/** Pairs whose observed pass rate is at most `passRateMax` and above that of the pool before. */
export interface CurriculumPool {
  readonly name: string;
  readonly passRateMax: number;
  readonly weight: number;
}

export interface Sampling {
  readonly kind: SamplingKind;
  /** Owe the batch another group for each zero-variance one (dynamic sampling, DAPO, arXiv 2503.14476). */
  readonly refill: boolean;
  /** Only `curriculum`; in rising order, the last one up to 1. */
  readonly pools: readonly CurriculumPool[];
  /** Only `curriculum`: weight of pairs that no completion was seen for. */
  readonly unseenWeight: number;
}

/** Pools and weights after prime-rl's difficulty pools. */
export const DEFAULT_POOLS: readonly CurriculumPool[] = [
  { name: 'hard', passRateMax: 0.25, weight: 0.2 },
  { name: 'normal', passRateMax: 0.75, weight: 1 },
  { name: 'easy', passRateMax: 1, weight: 0.2 },
];
