// What became of everything that a run looked at, stage by stage: the report's figures, and how they are counted.

import type { ModelBill } from '../../ports/managed-model.ts';
import { costSum } from '../costs.ts';
import type { Drop, Item } from '../item.ts';
import { type Example, FirstExamples, type Reasoned, Reasons, shortened } from './reasons.ts';

export type { Example, Reasoned } from './reasons.ts';

/** Askings of models and what they cost, in US dollars; a cost is null where a price or a count of tokens is not known. */
export interface AskingReport {
  /** Replies that this run bought. What failed on the way to them is in the bills of the models alone. */
  readonly calls: number;
  /** Replies that were there already, or were being bought for another item. */
  readonly cached: number;
  /** Of both, those that could not be read. */
  readonly unreadable: number;
  /** Of the replies that this run bought. */
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly costUsd: number | null;
  /** Of all replies that were used, whenever they were bought. */
  readonly usedUsd: number | null;
  /** Of `usedUsd`: for items of which nothing came through to the end. 0 until the run has ended. */
  readonly lostUsd: number | null;
}

export interface StageReport extends AskingReport {
  /** In the recipe, told apart by a number where a method is named twice: `check`, `check-2`. */
  readonly name: string;
  /** Name of the recipe's model; undefined for a stage that asks none. */
  readonly model: string | undefined;
  /** Items that came in. Each of them went on, was made into others, was dropped, or is unfinished. */
  readonly in: number;
  /** Of those, the ones that went on. */
  readonly kept: number;
  /** Items that are new here. */
  readonly made: number;
  readonly dropped: readonly Reasoned[];
  /** A model was down, or the run stopped: a later run takes them up. */
  readonly unfinished: { readonly count: number; readonly examples: readonly Example[] };
}

export interface SourceReport {
  readonly documents: number;
  readonly passages: number;
  /** Documents that could not be read, by reason. */
  readonly broken: readonly Reasoned[];
  readonly bytesRead: number;
  readonly bytesTotal: number;
}

/** Why a run stopped before its end. */
export const STOP_REASONS = ['budget_spent', 'interrupted', 'model_down'] as const;
export type StopReason = (typeof STOP_REASONS)[number];

export interface ModelReport extends ModelBill {
  /** In the recipe: `teacher`. */
  readonly name: string;
  readonly model: string;
}

export interface RunReport {
  readonly state: 'running' | 'finished' | 'stopped';
  readonly stopped: { readonly reason: StopReason; readonly detail: string } | undefined;
  readonly elapsedMs: number;
  readonly source: SourceReport;
  readonly stages: readonly StageReport[];
  /** Pairs that any stage wrote, all stages together. */
  readonly generated: number;
  /** Pairs at the end of the last stage. */
  readonly kept: number;
  /** All stages together. */
  readonly dropped: Readonly<Record<string, number>>;
  readonly unfinished: number;
  /** Everything that was sent since the run began, failures included. */
  readonly models: readonly ModelReport[];
  /** Of all models. */
  readonly calls: number;
  /** Null when a price is not known. */
  readonly costUsd: number | null;
}

const LABEL_CHARS_MAX = 120;

/** What people know an item by. */
export function labelOf(item: Item): string {
  if (item.kind === 'pair') return shortened(item.draft.question, LABEL_CHARS_MAX);
  const { source, title, span } = item.passage;
  const name = title === undefined ? source : `${source}: ${title}`;
  return `${shortened(name, LABEL_CHARS_MAX)} (bytes ${span.start} to ${span.end})`;
}

/** The counters of one stage. */
export class StageFunnel {
  readonly name: string;
  readonly #model: string | undefined;
  readonly #reasons = new Reasons();
  readonly #unfinished = new FirstExamples();
  readonly #asked = { calls: 0, cached: 0, unreadable: 0, promptTokens: 0, completionTokens: 0 };
  #in = 0;
  #kept = 0;
  #made = 0;
  #madePairs = 0;
  #unfinishedCount = 0;
  #costUsd: number | null = 0;
  #usedUsd: number | null = 0;
  #lostUsd: number | null = 0;

  constructor(name: string, model: string | undefined) {
    this.name = name;
    this.#model = model;
  }

  get unfinished(): number {
    return this.#unfinishedCount;
  }

  get madePairs(): number {
    return this.#madePairs;
  }

  came(count = 1): void {
    this.#in += count;
  }

  /** `item`: what came in; undefined for what a stage made of nothing. */
  decided(item: Item | undefined, kept: readonly Item[], drops: readonly Drop[]): void {
    for (const each of kept) {
      if (each.key === item?.key) this.#kept += 1;
      else {
        this.#made += 1;
        if (each.kind === 'pair') this.#madePairs += 1;
      }
    }
    const label = item === undefined ? this.name : labelOf(item);
    for (const drop of drops) this.#reasons.add(drop, label, item?.key ?? '');
  }

  left(item: Item, detail: string): void {
    this.#unfinishedCount += 1;
    this.#unfinished.add({ item: labelOf(item), detail }, item.key);
  }

  /** Of `count` items that came, none was decided. */
  leftAll(count: number, detail: string): void {
    this.#unfinishedCount += count;
    this.#unfinished.add({ item: this.name, detail }, '');
  }

  asked(reply: {
    readonly isBought: boolean;
    readonly isReadable: boolean;
    readonly promptTokens: number | null;
    readonly completionTokens: number | null;
    readonly costUsd: number | null;
  }): void {
    if (!reply.isReadable) this.#asked.unreadable += 1;
    this.#usedUsd = costSum(this.#usedUsd, reply.costUsd);
    if (!reply.isBought) {
      this.#asked.cached += 1;
      return;
    }
    this.#asked.calls += 1;
    this.#asked.promptTokens += reply.promptTokens ?? 0;
    this.#asked.completionTokens += reply.completionTokens ?? 0;
    this.#costUsd = costSum(this.#costUsd, reply.costUsd);
  }

  lost(costUsd: number | null): void {
    this.#lostUsd = costSum(this.#lostUsd, costUsd);
  }

  report(): StageReport {
    return {
      name: this.name,
      model: this.#model,
      in: this.#in,
      kept: this.#kept,
      made: this.#made,
      dropped: this.#reasons.report(),
      unfinished: { count: this.#unfinishedCount, examples: this.#unfinished.report() },
      ...this.#asked,
      costUsd: this.#costUsd,
      usedUsd: this.#usedUsd,
      lostUsd: this.#lostUsd,
    };
  }
}
