// Scores one completion for a dialect, and again while a fault may pass and the client's patience lasts: most dialects have
// no word for "unscorable", and a number in its place would teach the policy our outage. What is asked for twice is not paid
// for twice: judges remember their verdicts by content and share those under way, so this keeps no memory of its own.

import type { ScoreGroup } from '../../core/calls.ts';
import { EnvError } from '../../core/errors.ts';
import type { Random } from '../../core/random.ts';
import type { Recipe } from '../../core/recipe.ts';
import type { CompletionOutcome, UnscorableCause } from '../../core/score.ts';
import type { RewardsService } from '../../services/service.ts';

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

/** Dialect by dialect, why something was scored again. */
export interface Retry {
  readonly dialect: string;
  /** The cause of the unscorable, or the code of the refusal. */
  readonly cause: string;
}

export interface HeldScoringOptions {
  readonly rewards: RewardsService;
  readonly clock: {
    now(): number;
    after(delayMs: number, run: () => void): () => void;
  };
  readonly random: Random;
  readonly onRetry: (retry: Retry) => void;
}

export interface Asked {
  readonly dialect: string;
  readonly reward: Recipe | undefined;
  /** How long the client can wait; undefined: one try, however long it takes. */
  readonly holdMs: number | undefined;
  readonly signal: AbortSignal;
  /** What the reference is called in this dialect, for errors: `labels[0]`. */
  readonly field: string;
}

export class HeldScoring {
  readonly #options: HeldScoringOptions;

  constructor(options: HeldScoringOptions) {
    this.#options = options;
  }

  /**
   * The outcome of the one completion in `group`, unscorable only when no more tries fit into the time.
   *
   * @throws EnvError for what scoring refuses; the reason of `signal` when that is aborted
   */
  async outcome(group: ScoreGroup, asked: Asked): Promise<CompletionOutcome> {
    const { clock, onRetry } = this.#options;
    const { dialect, holdMs, signal } = asked;
    const until = holdMs === undefined ? undefined : clock.now() + holdMs;
    for (let tries = 1; ; tries += 1) {
      const tried = await this.#try(group, asked, until);
      const cause = passingCause(tried);
      const waitMs = Math.max(this.#backoff(tries), askedToWaitMs(tried));
      if (cause === undefined || until === undefined || clock.now() + waitMs >= until) return settled(tried);
      onRetry({ dialect, cause });
      await this.#pause(waitMs, signal);
    }
  }

  async #try(
    group: ScoreGroup,
    { reward, signal, holdMs, field }: Asked,
    until: number | undefined,
  ): Promise<Tried> {
    if (signal.aborted) throw signal.reason;
    try {
      const reply = this.#options.rewards.score(
        { reward, estimator: { name: 'dr_grpo' }, groups: [group] },
        signal,
      );
      const scored = reply instanceof Promise ? await this.#inTime(reply, signal, until) : reply;
      if (scored === undefined) return { outcome: lateOutcome(holdMs) };
      const outcome = scored.groups[0]?.completions[0]?.outcome;
      if (outcome === undefined) throw new TypeError('A completion was scored without an outcome');
      return { outcome };
    } catch (error) {
      if (!(error instanceof EnvError)) throw error;
      if (BUSY.has(error.code)) return { busy: error };
      throw renamed(error, field);
    }
  }

  /** Undefined when `until` comes first. What comes too late goes on: its verdict is there for who asks again. */
  async #inTime<Value>(
    work: Promise<Value>,
    signal: AbortSignal,
    until: number | undefined,
  ): Promise<Value | undefined> {
    const { clock } = this.#options;
    const ended: (() => void)[] = [];
    const left = new Promise<never>((_, reject) => {
      const leave = (): void => reject(signal.reason as EnvError);
      signal.addEventListener('abort', leave, { once: true });
      ended.push(() => signal.removeEventListener('abort', leave));
    });
    const late = new Promise<undefined>((resolve) => {
      if (until !== undefined) ended.push(clock.after(until - clock.now(), () => resolve(undefined)));
    });
    try {
      return await Promise.race([work, left, late]);
    } finally {
      for (const end of ended) end();
    }
  }

  #pause(ms: number, signal: AbortSignal): Promise<void> {
    const slept = new Promise<true>((resolve) => {
      this.#options.clock.after(ms, () => resolve(true));
    });
    return this.#inTime(slept, signal, undefined).then(() => undefined);
  }

  /** Doubles up to a limit, then a random half of it: requests that failed together do not come back together. */
  #backoff(tries: number): number {
    const most = Math.min(FIRST_WAIT_MS * 2 ** (tries - 1), WAIT_MS_MAX);
    return most / 2 + (most / 2) * this.#options.random.next();
  }
}

/** One try: what became of the completion, or the refusal of a server that had no room. */
type Tried = { readonly outcome: CompletionOutcome } | { readonly busy: EnvError };

function settled(tried: Tried): CompletionOutcome {
  if ('busy' in tried) throw tried.busy;
  return tried.outcome;
}

function passingCause(tried: Tried): string | undefined {
  if ('busy' in tried) return tried.busy.code;
  const { outcome } = tried;
  return outcome.kind === 'unscorable' && isPassing(outcome.unscorable.cause)
    ? outcome.unscorable.cause
    : undefined;
}

function askedToWaitMs(tried: Tried): number {
  return 'busy' in tried ? (tried.busy.retryAfterMs ?? 0) : 0;
}

/** The service speaks of the first group of a call that its client never wrote. */
function renamed({ code, message, field, retryAfterMs }: EnvError, own: string): EnvError {
  const rename = (text: string): string => text.replace('groups[0]', () => own);
  const details = { field: field === undefined ? undefined : rename(field), retryAfterMs };
  return new EnvError(code, rename(message), details);
}

/** Whether scoring again may help. */
export function isPassing(cause: UnscorableCause): boolean {
  return PASSING.has(cause);
}

function lateOutcome(holdMs: number | undefined): CompletionOutcome {
  const detail = `Not scored within ${holdMs} ms`;
  return {
    kind: 'unscorable',
    unscorable: { cause: 'deadline_exceeded', scorer: '', detail },
    scores: [],
  };
}
