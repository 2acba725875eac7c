// Stands between a scoring and its scorers and measures what each asking took: its time, and for judges who had to be asked
// and who did not. It changes no finding.

import { createHash } from 'node:crypto';
import type { Finding } from '../../core/reward.ts';
import type { Cost } from '../../core/score.ts';
import type { VerifierInput } from '../../core/verifiers/verifier.ts';
import type { Scorer, ScorerLookup } from '../../services/scoring/scorer.ts';

/** What one scorer was asked under one recipe. For judges every asking is one of the last four. */
export interface Askings {
  /** Milliseconds from asking to finding; of judges only where the judge was asked. */
  readonly milliseconds: number[];
  /** Answers that the judge is not shown, by rule. */
  refused: number;
  /** The verdict was there before this recipe needed it. */
  known: number;
  /** Another completion of this recipe has the same question and answer. */
  sameAnswer: number;
  /** Went to the judge, with or without a verdict. */
  asked: number;
  /** What a judge was asked, once each: a hash of all that it is shown. */
  readonly questions: Set<string>;
}

export class ScorerMeter {
  readonly #judges: ReadonlySet<string>;
  readonly #now: () => number;
  #current = new Map<string, Askings>();

  /** @param options.now milliseconds, with fractions */
  constructor(options: { readonly judges: Iterable<string>; readonly now: () => number }) {
    this.#judges = new Set(options.judges);
    this.#now = options.now;
  }

  /** From now on askings are counted in `askings`, by scorer; those under way stay where they began. */
  countIn(askings: Map<string, Askings>): void {
    this.#current = askings;
  }

  /** The scorers of `lookup`, measured. */
  through(lookup: ScorerLookup): ScorerLookup {
    return {
      find: (name) => {
        const scorer = lookup.find(name);
        return scorer && this.#measured(scorer);
      },
      names: () => lookup.names(),
    };
  }

  #measured(scorer: Scorer): Scorer {
    const { name, reads, fallback, groupWise } = scorer;
    return {
      name,
      reads,
      fallback,
      parseOptions: (options) => scorer.parseOptions(options),
      score: (input, signal) => {
        const record = this.#begin(scorer, input);
        const finding = scorer.score(input, signal);
        if (!(finding instanceof Promise)) {
          record(finding);
          return finding;
        }
        // Rejected: the asking was given up, which is for those who wait for it.
        void finding.then(record, () => record(undefined));
        return finding;
      },
      groupWise: groupWise && {
        sizeProblem: (size, options) => groupWise.sizeProblem(size, options),
        reads: (options) => groupWise.reads(options),
        scoreGroup: async (inputs, signal) => {
          const records = inputs.map((input) => this.#begin(scorer, input));
          let findings: readonly Finding[] = [];
          try {
            findings = await groupWise.scoreGroup(inputs, signal);
            return findings;
          } finally {
            // One finding tells the cost of the whole group; none has come where the asking was given up.
            const told = findings.find((finding) => costOf(finding) !== undefined);
            records.forEach((record, index) => record(told ?? findings[index]));
          }
        },
      },
    };
  }

  /** Begins one asking. What comes back is to be told its finding, or that it was given up. */
  #begin(scorer: Scorer, input: VerifierInput): (finding: Finding | undefined) => void {
    const askings = this.#askingsOf(scorer.name);
    const settle = this.#judges.has(scorer.name) ? judgeCounter(askings, scorer, input) : () => true;
    const startedAt = this.#now();
    return (finding) => {
      if (settle(finding)) askings.milliseconds.push(this.#now() - startedAt);
    };
  }

  #askingsOf(name: string): Askings {
    const known = this.#current.get(name);
    if (known !== undefined) return known;
    const askings = {
      milliseconds: [],
      refused: 0,
      known: 0,
      sameAnswer: 0,
      asked: 0,
      questions: new Set<string>(),
    };
    this.#current.set(name, askings);
    return askings;
  }
}

/** Counts one asking of a judge; tells whether the judge itself was asked. Undefined is an asking that was given up. */
function judgeCounter(
  askings: Askings,
  { reads }: Scorer,
  { answer, groundTruth, promptText }: VerifierInput,
): (finding: Finding | undefined) => boolean {
  const shown = reads === 'answer' ? [promptText, answer, groundTruth] : [promptText, answer];
  const question = createHash('sha256').update(JSON.stringify(shown)).digest('base64url').slice(0, 22);
  const isFirst = !askings.questions.has(question);
  askings.questions.add(question);
  return (finding) => {
    const cost = costOf(finding);
    if (finding !== undefined && cost === undefined) {
      askings.refused += 1;
      askings.questions.delete(question);
      return false;
    }
    if (cost?.isCached === true) {
      if (isFirst) askings.known += 1;
      else askings.sameAnswer += 1;
      return false;
    }
    askings.asked += 1;
    return true;
  };
}

function costOf(finding: Finding | undefined): Cost | undefined {
  return finding !== undefined && 'cost' in finding ? finding.cost : undefined;
}
