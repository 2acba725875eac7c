// Scores for a dialect, and again while a fault may pass and the client's patience lasts: most dialects have no word
// for "unscorable", and a number in its place would teach the policy our outage. What is asked for twice is not paid
// for twice: judges remember their verdicts by content and share those under way, so this keeps no memory of its own.

import type { EstimatorChoice } from '../../core/advantages/estimator.ts';
import type { CompletionResult, ScoreGroup, ScoreReply } from '../../core/calls.ts';
import { EnvError } from '../../core/errors.ts';
import type { Random } from '../../core/random.ts';
import type { Recipe } from '../../core/recipe.ts';
import type { CompletionOutcome, Unscorable, UnscorableCause } from '../../core/score.ts';
import type { RewardsService } from '../../services/service.ts';
import { inTime, pause, type PatienceClock } from './patience.ts';

const FIRST_WAIT_MS = 250;
const WAIT_MS_MAX = 8_000;

/** Faults that may be gone a moment later. The others are of the completion, the ground truth or the recipe. */
const PASSING: ReadonlySet<string> = new Set<UnscorableCause>([
  'judge_unavailable',
  'judge_unreadable',
  'reward_model_unavailable',
  'deadline_exceeded',
]);

/** Refusals of the whole server that may be gone a moment later. */
const BUSY: ReadonlySet<string> = new Set<EnvError['code']>(['resource_exhausted', 'unavailable']);

/** Of dialects that have no place for advantages. */
const UNUSED: EstimatorChoice = { name: 'dr_grpo' };

/** Dialect by dialect, why something was scored again. */
export interface Retry {
  readonly dialect: string;
  /** The cause of the unscorable, or the code of the refusal. */
  readonly cause: string;
}

export interface HeldScoringOptions {
  readonly rewards: RewardsService;
  readonly clock: PatienceClock;
  readonly random: Random;
  readonly onRetry: (retry: Retry) => void;
}

export interface Asked {
  readonly dialect: string;
  readonly reward: Recipe | undefined;
  /** What the reward is called in this dialect, for errors: `labels[0].reward`; left out: as the URL calls it. */
  readonly rewardField?: string;
  /** Of the advantages, where the dialect has a place for them. */
  readonly estimator?: EstimatorChoice;
  /** How long the client can wait; undefined: one try, however long it takes. */
  readonly holdMs: number | undefined;
  readonly signal: AbortSignal;
  /** What the reference is called in this dialect, for errors: `labels[0]`; empty where it is the body itself. */
  readonly field: string;
}

export class HeldScoring {
  readonly #options: HeldScoringOptions;

  constructor(options: HeldScoringOptions) {
    this.#options = options;
  }

  /** The outcome of the one completion in `group`, under the terms of `score`. */
  async outcome(group: ScoreGroup, asked: Asked): Promise<CompletionOutcome> {
    const [completion] = (await this.score(group, asked)).completions;
    if (completion === undefined) throw new TypeError('A completion was scored without an outcome');
    return completion.outcome;
  }

  /**
   * The outcomes and advantages of a group, with unscorables only when no more tries fit into the time. All members are
   * tried again together, for some recipes compare them.
   *
   * @throws EnvError for what scoring refuses; the reason of `signal` when that is aborted
   */
  async score(group: ScoreGroup, asked: Asked): Promise<ScoredGroup> {
    const { clock, onRetry } = this.#options;
    const { dialect, holdMs, signal } = asked;
    const until = holdMs === undefined ? undefined : clock.now() + holdMs;
    let fault: Fault | undefined;
    for (let tries = 1; ; tries += 1) {
      const tried = await this.#try(group, asked, until);
      if (tried === 'late') return lateGroup(group, asked, fault);
      fault = faultOf(tried);
      const cause = passingCause(tried);
      const waitMs = Math.max(this.#backoff(tries), askedToWaitMs(tried));
      if (cause === undefined || until === undefined || clock.now() + waitMs >= until) return settled(tried);
      onRetry({ dialect, cause });
      await pause(clock, waitMs, signal);
    }
  }

  async #try(
    group: ScoreGroup,
    { reward, estimator = UNUSED, signal, ...called }: Asked,
    until: number | undefined,
  ): Promise<Tried | 'late'> {
    if (signal.aborted) throw signal.reason;
    try {
      const reply = this.#options.rewards.score({ reward, estimator, groups: [group] }, signal);
      const isLate = reply instanceof Promise;
      const scored = isLate ? await inTime(this.#options.clock, reply, signal, until) : reply;
      if (scored === undefined) return 'late';
      const [first] = scored.groups;
      if (first === undefined) throw new TypeError('A group was scored without a result');
      return { scored: { estimator: scored.estimator, ...first } };
    } catch (error) {
      if (!(error instanceof EnvError)) throw error;
      if (BUSY.has(error.code)) return { busy: error };
      throw renamed(error, called);
    }
  }

  /** Doubles up to a limit, then a random half of it: requests that failed together do not come back together. */
  #backoff(tries: number): number {
    const most = Math.min(FIRST_WAIT_MS * 2 ** (tries - 1), WAIT_MS_MAX);
    return most / 2 + (most / 2) * this.#options.random.next();
  }
}

/** What became of a group, and by which estimator. */
export type ScoredGroup = ScoreReply['groups'][number] & Pick<ScoreReply, 'estimator'>;

/** One try: what became of the group, or the refusal of a server that had no room. */
type Tried = { readonly scored: ScoredGroup } | { readonly busy: EnvError };

function settled(tried: Tried): ScoredGroup {
  if ('busy' in tried) throw tried.busy;
  return tried.scored;
}

/** Why another try may help. A member that no try can help leaves nothing to wait for. */
function passingCause(tried: Tried): string | undefined {
  if ('busy' in tried) return tried.busy.code;
  const causes = tried.scored.completions.flatMap(({ outcome }) =>
    outcome.kind === 'unscorable' ? [outcome.unscorable.cause] : [],
  );
  return causes.every(isPassing) ? causes[0] : undefined;
}

/** What a try ended in, in the words of an unscorable. */
type Fault = Pick<Unscorable, 'scorer' | 'detail'> & { readonly cause: string };

function faultOf(tried: Tried): Fault | undefined {
  if ('busy' in tried) return { cause: tried.busy.code, scorer: '', detail: tried.busy.message };
  const outcome = tried.scored.completions.find((each) => each.outcome.kind === 'unscorable')?.outcome;
  return outcome?.kind === 'unscorable' ? outcome.unscorable : undefined;
}

function askedToWaitMs(tried: Tried): number {
  return 'busy' in tried ? (tried.busy.retryAfterMs ?? 0) : 0;
}

/** The service speaks of the first group, and of the reward, of a call that its client never wrote. */
function renamed(
  { code, message, field, retryAfterMs }: EnvError,
  called: Pick<Asked, 'field' | 'rewardField'>,
): EnvError {
  const rename = (text: string): string =>
    called.field === ''
      ? text.replace('groups[0].', '').replace('groups[0]', 'the body')
      : text.replace('groups[0]', () => called.field);
  const ofReward = field?.replace(/^reward(?=\.|$)/, () => called.rewardField ?? 'reward');
  const details = { field: ofReward === undefined ? undefined : rename(ofReward), retryAfterMs };
  return new EnvError(code, rename(message), details);
}

/** Whether scoring again may help. */
export function isPassing(cause: UnscorableCause): boolean {
  return PASSING.has(cause);
}

/** @param fault of the try before the one that was not ended, which says more than that time is over */
function lateGroup(
  { completions }: ScoreGroup,
  { estimator = UNUSED, holdMs }: Asked,
  fault: Fault | undefined,
): ScoredGroup {
  const before = fault === undefined ? '' : `; before that ${fault.cause}: ${fault.detail}`;
  const detail = `Not scored within ${holdMs} ms${before}`;
  const outcome: CompletionOutcome = {
    kind: 'unscorable',
    unscorable: { cause: 'deadline_exceeded', scorer: fault?.scorer ?? '', detail },
    scores: [],
  };
  const late = completions.map(({ memberIndex }): CompletionResult => {
    return { memberIndex, outcome, advantage: 0, drift: undefined };
  });
  return { estimator, flags: ['insufficient_valid'], completions: late };
}
