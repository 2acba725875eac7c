// Applies one stage: hands it its tools, checks what it returns, counts. A model that is down or a run that stops leaves the item
// unfinished; any other exception is a bug of the stage and goes on.

import { dropped, type Outcome, type StageTools } from '../stage.ts';
import { costShare, costSum } from '../costs.ts';
import type { Item, PairItem, PassageItem } from '../item.ts';
import type { Asker } from './ask.ts';
import type { StageFunnel } from './funnel.ts';
import { ModelDown, PromptTooLong, RunStopped } from './halt.ts';
import { checkOutcome } from './outcome-check.ts';
import type { PlannedStage } from './planned-stage.ts';
import { stageRandom } from './stage-random.ts';

/** What all stages of a run share. */
export interface StageSurroundings {
  readonly asker: Asker;
  readonly tools: Omit<StageTools, 'ask' | 'random'>;
  readonly seed: number;
  /** Told what was asked for an item that is decided, and of each item that is not. */
  readonly onSpent: (item: Item, stage: string, costUsd: number | null) => Promise<void>;
  readonly onUnfinished: (item: Item) => Promise<void>;
  /** Told of each pair that is new. */
  readonly onWritten: (item: PairItem) => Promise<void>;
}

interface Spending {
  costUsd: number | null;
  isAny: boolean;
}

export class StageRunner {
  readonly planned: PlannedStage;
  readonly funnel: StageFunnel;
  readonly #around: StageSurroundings;

  constructor(planned: PlannedStage, funnel: StageFunnel, around: StageSurroundings) {
    this.planned = planned;
    this.funnel = funnel;
    this.#around = around;
  }

  /** What goes on of one item; nothing where it was dropped or is unfinished. */
  async apply(item: Item): Promise<readonly Item[]> {
    const { stage, name, kind } = this.planned;
    if (stage.kind !== 'each') throw new Error(`Stage "${name}" looks at all items`);
    this.funnel.came();
    const spending: Spending = { costUsd: 0, isAny: false };
    let outcome;
    try {
      outcome = await stage.apply(item, this.tools(item.key, spending)).catch(dropTooLong);
    } catch (error) {
      if (!(error instanceof ModelDown || error instanceof RunStopped)) throw error;
      this.funnel.left(item, error.message);
      await this.#around.onUnfinished(item);
      return [];
    }
    checkOutcome(outcome, { stage: name, gives: kind.gives, item });
    const going = item.kind === 'passage' ? withCostOf(item, spending, outcome) : outcome;
    await this.decided(item, going);
    if (spending.isAny) await this.#around.onSpent(item, name, spending.costUsd);
    return going.kept;
  }

  /** Counts what became of an item; undefined for what a stage made of nothing. */
  async decided(item: Item | undefined, { kept, drops }: Outcome): Promise<void> {
    this.funnel.decided(item, kept, drops);
    for (const each of kept) {
      if (each.kind === 'pair' && each.key !== item?.key) await this.#around.onWritten(each);
    }
  }

  /** @param key of the item; empty for a stage that sees all */
  tools(key: string, spending: Spending = { costUsd: 0, isAny: false }): StageTools {
    const { asker, tools, seed } = this.#around;
    const ask = asker.for(this.planned, (reply) => {
      this.funnel.asked(reply);
      spending.isAny = true;
      spending.costUsd = costSum(spending.costUsd, reply.costUsd);
    });
    return { ...tools, ask, random: stageRandom(seed, this.planned.name, key) };
  }
}

/**
 * What goes on of a passage, with what was paid for the passage: shared out evenly, since one reply about it serves all. A pair bears
 * what was asked before it was written; what its own reply cost, its stage has said.
 */
function withCostOf(item: PassageItem, spending: Spending, { kept, drops }: Outcome): Outcome {
  const before = item.costUsd === undefined ? 0 : item.costUsd;
  const paid = costSum(before, spending.costUsd);
  const isFree = paid === 0 && !spending.isAny;
  const shared = kept.map((each): Item => {
    if (each.kind === 'pair') {
      return { ...each, costUsd: costSum(each.costUsd, costShare(before, kept.length)) };
    }
    return isFree ? each : { ...each, costUsd: costShare(paid, kept.length) };
  });
  return { kept: shared, drops };
}

/** No later run would fare better with this item. */
function dropTooLong(error: unknown): Outcome {
  if (!(error instanceof PromptTooLong)) throw error;
  return dropped('prompt_too_long', error.message);
}
