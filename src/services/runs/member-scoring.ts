// What becomes of members once they may be scored: an outcome each, whatever happens. A scorer that throws is our bug; the
// completion must neither wait for ever nor get a number for it.

import type { CompletionOutcome } from '../../core/score.ts';
import type { Log } from '../../ports/log.ts';
import type { HeldGroup, Member } from './held-group.ts';
import type { RunAudits } from './run-audits.ts';
import type { RowScorer } from './run-parts.ts';

export interface MemberScoringOptions {
  readonly scorer: RowScorer;
  readonly maxDrift: number | undefined;
  readonly audits: RunAudits;
  readonly log: Log;
}

export class MemberScoring {
  readonly #options: MemberScoringOptions;

  constructor(options: MemberScoringOptions) {
    this.#options = options;
  }

  /** Whether the members of the group are compared with each other, and must be scored together. */
  isGroupWise({ pair, prompt }: HeldGroup): boolean {
    return pair !== undefined && prompt !== undefined && this.#options.scorer.isGroupWise({ pair, prompt });
  }

  /** Without a promise when the verdict is quick. Never rejects. */
  score(held: HeldGroup, member: Member): CompletionOutcome | Promise<CompletionOutcome> {
    const { scorer, audits } = this.#options;
    const stale = this.#outcomeOfStale(member);
    if (stale !== undefined) return stale;
    const { pair, prompt } = held;
    if (pair === undefined || prompt === undefined) return this.#outcomeOfUnread(held);
    try {
      const { completion } = member;
      const outcome = scorer.score({ pair, prompt, completion, onAudit: audits.of(pair) });
      return outcome instanceof Promise
        ? outcome.catch((error: unknown) => this.#outcomeOfBug(error))
        : outcome;
    } catch (error) {
      return this.#outcomeOfBug(error);
    }
  }

  /** Outcomes in the order of `group`. Never rejects. */
  async scoreTogether(held: HeldGroup, group: readonly Member[]): Promise<readonly CompletionOutcome[]> {
    const { pair, prompt } = held;
    const stale = group.map((member) => this.#outcomeOfStale(member));
    const compared = group.filter((_, index) => stale[index] === undefined);
    if (pair === undefined || prompt === undefined) return group.map(() => this.#outcomeOfUnread(held));
    const completions = compared.map(({ completion }) => completion);
    let scored: Iterator<PromiseSettledResult<CompletionOutcome>>;
    try {
      const onAudit = this.#options.audits.of(pair);
      const settled = await this.#options.scorer.scoreGroup({ pair, prompt, completions, onAudit });
      scored = settled.values();
    } catch (error) {
      const outcome = this.#outcomeOfBug(error);
      return stale.map((own) => own ?? outcome);
    }
    return stale.map((own) => {
      if (own !== undefined) return own;
      const { value: found } = scored.next() as {
        value: PromiseSettledResult<CompletionOutcome> | undefined;
      };
      return found?.status === 'fulfilled' ? found.value : this.#outcomeOfBug(found?.reason);
    });
  }

  #outcomeOfStale({ drift }: Member): CompletionOutcome | undefined {
    const { maxDrift } = this.#options;
    if (maxDrift === undefined || drift === undefined || drift <= maxDrift) return undefined;
    const detail = `${drift} policy versions behind, the run takes at most ${maxDrift}`;
    return { kind: 'unscorable', unscorable: { cause: 'drift_exceeded', scorer: '', detail }, scores: [] };
  }

  #outcomeOfUnread({ state }: HeldGroup): CompletionOutcome {
    return this.#outcomeOfBug(new Error(`Group ${state.sequence} is scored before its pair is read`));
  }

  #outcomeOfBug(error: unknown): CompletionOutcome {
    this.#options.log.error('Scoring threw', { error });
    const detail = 'Scoring failed inside the server';
    return { kind: 'unscorable', unscorable: { cause: 'verifier_crash', scorer: '', detail }, scores: [] };
  }
}
