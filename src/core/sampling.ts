// Which pair is next: the choices a run can make, and what answers the question. Pure data: no clock, no storage, no
// randomness of its own.

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

/** The pair of one new group: its ordinal in the split, and which pass over the split this is, from 0. */
export interface Draw {
  readonly ordinal: number;
  readonly epoch: number;
}

/** What became of one pair's group: completions that passed, of those that were scored. */
export interface Observation {
  readonly passes: number;
  /** 0 when no completion could be scored: nothing is learnt of the pair. */
  readonly trials: number;
}

/** One group that was handed out in an earlier life of the server. */
export interface IssuedGroup {
  readonly ordinal: number;
  /** Undefined while the group is still open. */
  readonly observation: Observation | undefined;
  /** Quarantined: its pair is not drawn again. */
  readonly isRetired: boolean;
}

/**
 * Says which pair each new group of a run takes. Groups are numbered by `position`, 0 … groupsTotal-1, in the order in
 * which they are first handed out; a group that is leased again (attempt 2, …) keeps its position and asks nothing here.
 *
 * `sequential` and `shuffled` are functions of the position alone: `observe`, `retire` and `restore` do nothing, and a
 * resumed run goes on at its next position. `curriculum` also depends on what was observed before.
 */
export interface Sampler {
  /** Pairs × epochs. */
  readonly groupsTotal: number;
  /** Whether `restore` needs the groups of the earlier life, or the next position says it all. */
  readonly needsHistory: boolean;
  /**
   * The pair for the group at `position`; call it once for each position, in rising order. `all_leased`: every pair that
   * could be drawn is out, ask again for this position after the next `observe` or `retire`. `exhausted`: never again.
   */
  next(position: number): Draw | 'all_leased' | 'exhausted';
  /** The pair's group ended: it may be drawn again. */
  observe(ordinal: number, observation: Observation): void;
  /** The pair's group was quarantined: it is not drawn again (except by the walks, which draw each pair anyway). */
  retire(ordinal: number): void;
  /** Takes in all groups of an earlier life, in order of position. Call it before anything else, at most once. */
  restore(issued: Iterable<IssuedGroup>): void;
}
