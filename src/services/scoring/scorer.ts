// What scoring asks of anything that can score a completion, and verifiers as such. Other kinds of scorer come in through
// the same lookup; scoring does not tell them apart.

import type { Fallback } from '../../core/answer.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Finding } from '../../core/reward.ts';
import { VERIFIERS } from '../../core/verifiers/table.ts';
import type { Verdict, Verifier, VerifierInput } from '../../core/verifiers/verifier.ts';
import type { Log } from '../../ports/log.ts';
import type { VerifierPool } from '../../ports/verifier-pool.ts';

export interface Scorer {
  readonly name: string;
  /** `answer`: gets the extracted answer. `completion`: gets the whole text. */
  readonly reads: 'answer' | 'completion';
  readonly fallback: Fallback;
  /** Is given the other columns of the row as well. */
  readonly usesColumns?: boolean | undefined;
  /** Checks and completes a recipe's options. Throws `EnvError` (invalid_argument) that names the option. */
  parseOptions(options: JsonObject): JsonObject;
  /**
   * Without a promise where it can: that is the fast path. Faults are findings; it does not throw for bad text. `signal` is
   * aborted when the recipe's time limit has passed: nobody waits for the finding any more.
   */
  score(input: VerifierInput, signal?: AbortSignal): Finding | Promise<Finding>;
  /** Only of scorers that are group-wise. */
  readonly groupWise?: GroupWise | undefined;
}

/** What makes a scorer group-wise: it scores completions by comparing them with the others of their group. */
export interface GroupWise {
  /** Why a group of this size cannot be scored under these options; undefined when it can. */
  sizeProblem(size: number, options: JsonObject): string | undefined;
  /** Which text it compares under these options. */
  reads(options: JsonObject): Scorer['reads'];
  /**
   * A finding for each of `inputs`, in their order, which are of one group and one question. When `signal` is aborted, the
   * recipe's time limit has passed: what is known by then is told at once, the rest is a fault.
   */
  scoreGroup(inputs: readonly VerifierInput[], signal: AbortSignal): Promise<readonly Finding[]>;
}

export interface ScorerLookup {
  find(name: string): Scorer | undefined;
  names(): readonly string[];
}

/** Counts of what heavy verification did. */
export interface HeavyCounters {
  /** Runs in a worker. */
  runs: number;
  /** Asked for while the same work was in flight, and answered by it. */
  shared: number;
  timeouts: number;
  crashes: number;
}

export interface VerifierScorers extends ScorerLookup {
  readonly heavy: Readonly<HeavyCounters>;
}

export interface VerifierScorersOptions {
  readonly pool: VerifierPool;
  readonly log?: Log | undefined;
  /** Default: all that there are. */
  readonly verifiers?: readonly Verifier[] | undefined;
}

/** All verifiers as scorers; heavy ones go to `pool`, the same work in flight only once. */
export function verifierScorers({
  pool,
  log,
  verifiers = VERIFIERS,
}: VerifierScorersOptions): VerifierScorers {
  const heavy: HeavyCounters = { runs: 0, shared: 0, timeouts: 0, crashes: 0 };
  const inFlight = new Map<string, Promise<Finding>>();
  const scorers = new Map<string, Scorer>();
  for (const verifier of verifiers) {
    const { name, reads, fallback, usesColumns } = verifier;
    scorers.set(name, {
      name,
      reads,
      fallback,
      usesColumns,
      parseOptions: (options) => verifier.parseOptions(options),
      score: (input) => {
        const verdict = decideHere(verifier, input, log);
        return verdict ?? runOnce(input, verifier, { pool, heavy, inFlight });
      },
    });
  }
  const names = [...scorers.keys()];
  return { heavy, find: (name) => scorers.get(name), names: () => names };
}

/** The verdict of a cheap verifier, or of a heavy one's quick look. A verifier that throws is a bug of ours, not a wrong answer. */
function decideHere(verifier: Verifier, input: VerifierInput, log: Log | undefined): Finding | undefined {
  try {
    return verifier.quick === undefined ? verifier.verify(input) : verifier.quick(input);
  } catch (error) {
    log?.error('Verifier threw', { verifier: verifier.name, error });
    return { kind: 'fault', cause: 'verifier_crash', detail: `the verifier "${verifier.name}" failed` };
  }
}

interface HeavyWork {
  readonly pool: VerifierPool;
  readonly heavy: HeavyCounters;
  readonly inFlight: Map<string, Promise<Finding>>;
}

function runOnce(
  input: VerifierInput,
  verifier: Verifier,
  { pool, heavy, inFlight }: HeavyWork,
): Promise<Finding> {
  const key = JSON.stringify([verifier.name, input]);
  const running = inFlight.get(key);
  if (running !== undefined) {
    heavy.shared += 1;
    return running;
  }
  heavy.runs += 1;
  const run = runHeavy(pool.verify(verifier.name, input), heavy).finally(() => {
    inFlight.delete(key);
  });
  inFlight.set(key, run);
  return run;
}

async function runHeavy(work: ReturnType<VerifierPool['verify']>, heavy: HeavyCounters): Promise<Finding> {
  const found = await work;
  if (found.kind === 'fault') {
    if (found.cause === 'verifier_timeout') heavy.timeouts += 1;
    else heavy.crashes += 1;
  }
  return found satisfies Verdict | Finding;
}
