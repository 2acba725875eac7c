// A generation run: documents go in, through the planned stages, and pairs come out in the order of their documents. It keeps
// nothing that was not paid for: a run that is started again computes everything anew and finds every reply in the journal.

import type { Clock } from '../../ports/clock.ts';
import type { DocumentSource } from '../../ports/document-source.ts';
import type { GenerationPrompts } from '../../ports/generation-prompts.ts';
import type { ItemSpool } from '../../ports/item-spool.ts';
import type { ReplyJournal } from '../../ports/reply-journal.ts';
import { costSum } from '../costs.ts';
import type { Item, PairItem } from '../item.ts';
import type { StageTools } from '../stage.ts';
import { Asker, type RecipeModel } from './ask.ts';
import { runFlow } from './flow.ts';
import { StageFunnel, type RunReport } from './funnel.ts';
import { Halt } from './halt.ts';
import { readItems, readPairs, TableWriter } from './item-tables.ts';
import { findLostCosts, spentKey, spentRow } from './lost-costs.ts';
import { PassageReader } from './passage-reader.ts';
import type { PlannedStage } from './planned-stage.ts';
import { StageRunner } from './stage-runner.ts';
import { runWhole } from './whole.ts';

export interface RunOptions {
  readonly stages: readonly PlannedStage[];
  /** Undefined: no documents, the first stage makes its items of the task. */
  readonly documents: DocumentSource | undefined;
  /** By their names in the recipe. */
  readonly models: ReadonlyMap<string, RecipeModel>;
  readonly prompts: GenerationPrompts;
  readonly journal: ReplyJournal;
  readonly spool: ItemSpool;
  readonly clock: Clock;
  /** What stages may use besides. */
  readonly tools: Omit<StageTools, 'ask' | 'random' | 'signal'>;
  readonly seed: number;
  /** Items at once at least; more are under way where models would wait for them. */
  readonly concurrency: number;
  /** Nothing is asked any more; replies that are under way are awaited and kept. */
  readonly interrupt: AbortSignal;
  /** Gives up replies that are under way as well. */
  readonly giveUp?: AbortSignal | undefined;
  /** Whether pairs are kept as they were written, for a control without any filter. */
  readonly keepsWritten?: boolean | undefined;
  /** Questions in a row without a reply after which the run stops. */
  readonly failuresMax?: number | undefined;
}

const FAILURES_MAX = 50;
const NEVER = new AbortController().signal;
const SPENT = 'spent';
const ALIVE = 'alive';
const WRITTEN = 'written';

export class GenerationRun {
  readonly #options: RunOptions;
  readonly #halt = new Halt();
  readonly #funnels: readonly StageFunnel[];
  readonly #startedAt: number;
  readonly #passages: PassageReader;
  #elapsedMs: number | undefined;
  #isFinished = false;
  /** The table of finished pairs, once there is one. */
  #result: string | undefined;
  #kept = 0;
  #failuresInARow = 0;
  #spent: TableWriter | undefined;
  #alive: TableWriter | undefined;
  #written: TableWriter | undefined;

  constructor(options: RunOptions) {
    this.#options = options;
    this.#startedAt = options.clock.now();
    this.#passages = new PassageReader(options.documents);
    this.#funnels = options.stages.map(({ name, model }) => new StageFunnel(name, model));
  }

  /**
   * Runs once, to the end or to a stop; the report says which. Throws what stages and adapters throw that is no stop: bugs,
   * templates that do not fit, a disk that is full. What was paid for until then is in the journal.
   */
  async run(): Promise<RunReport> {
    const { interrupt, spool, keepsWritten } = this.#options;
    const stop = (): void => void this.#halt.stop('interrupted', 'Interrupted');
    interrupt.addEventListener('abort', stop, { once: true });
    if (interrupt.aborted) stop();
    try {
      this.#spent = await TableWriter.open(spool, SPENT);
      this.#alive = await TableWriter.open(spool, ALIVE);
      if (keepsWritten === true) this.#written = await TableWriter.open(spool, WRITTEN);
      await this.#runStages();
      if (this.#halt.stopped === undefined) await this.#finish();
      return this.report();
    } finally {
      interrupt.removeEventListener('abort', stop);
      this.#elapsedMs = this.#options.clock.now() - this.#startedAt;
    }
  }

  /** The pairs of a finished run, in order, in constant memory; can be read again. None where the run stopped. */
  async *pairs(): AsyncGenerator<PairItem> {
    // The plan ends in a stage that gives pairs, and every outcome is checked.
    if (this.#result !== undefined) yield* readPairs(this.#options.spool, this.#result);
  }

  /** Every pair that any stage wrote, as it was written, whatever became of it; in order, where the run was told to keep them. */
  async *written(): AsyncGenerator<PairItem> {
    if (this.#written !== undefined) yield* readPairs(this.#options.spool, WRITTEN);
  }

  /** How far it is, at any time. */
  report(): RunReport {
    const { models, clock } = this.#options;
    const stages = this.#funnels.map((funnel) => funnel.report());
    const bills = [...models].map(([name, { managed }]) => ({
      name,
      model: managed.model,
      ...managed.bill(),
    }));
    const { stopped } = this.#halt;
    const dropped: Record<string, number> = {};
    for (const { reason, count } of stages.flatMap((stage) => stage.dropped)) {
      dropped[reason] = (dropped[reason] ?? 0) + count;
    }
    return {
      state: stopped === undefined ? (this.#isFinished ? 'finished' : 'running') : 'stopped',
      stopped: stopped && { reason: stopped.reason, detail: stopped.message },
      elapsedMs: this.#elapsedMs ?? clock.now() - this.#startedAt,
      source: this.#passages.report(),
      stages,
      generated: this.#funnels.reduce((sum, { madePairs }) => sum + madePairs, 0),
      kept: this.#kept,
      dropped,
      unfinished: stages.reduce((sum, { unfinished }) => sum + unfinished.count, 0),
      models: bills,
      calls: bills.reduce((sum, { calls }) => sum + calls, 0),
      costUsd: costSum(...bills.map(({ costUsd }) => costUsd)),
    };
  }

  async #runStages(): Promise<void> {
    const runners = this.#runners();
    let input: string | undefined;
    for (let at = 0; at < runners.length;) {
      const output = `items-${at}`;
      const flowing = eachFrom(runners, at);
      const [runner] = runners.slice(at);
      if (flowing.length > 0) {
        await this.#flow(flowing, this.#itemsOf(input), output);
      } else if (runner !== undefined) {
        const table = input ?? (await this.#spoolPassages());
        if (this.#halt.stopped !== undefined) return;
        const { spool } = this.#options;
        await runWhole(runner, { spool, input: table, output, halt: this.#halt });
      }
      if (this.#halt.stopped !== undefined) return;
      // What is read no more makes room on the disk.
      if (input !== undefined) await this.#options.spool.clear(input);
      input = output;
      at += Math.max(1, flowing.length);
    }
    this.#result = input;
  }

  #runners(): readonly StageRunner[] {
    const { models, prompts, journal, giveUp = NEVER, tools, seed, stages } = this.#options;
    const halt = this.#halt;
    const asker = new Asker({
      models,
      prompts,
      journal,
      halt,
      giveUp,
      onReply: (isAnswered) => this.#heard(isAnswered),
    });
    const around = {
      asker,
      tools: { ...tools, signal: halt.signal },
      seed,
      onSpent: async (item: Item, stage: string, costUsd: number | null) =>
        this.#spent?.add(spentKey(item, stage), spentRow(item, stage, costUsd)),
      onUnfinished: async (item: Item) => this.#alive?.add(item.key, {}),
      onWritten: async (item: PairItem) => this.#written?.add(item.key, item),
    };
    return stages.flatMap((planned, index) => {
      const funnel = this.#funnels[index];
      return funnel === undefined ? [] : [new StageRunner(planned, funnel, around)];
    });
  }

  async #flow(runners: readonly StageRunner[], input: AsyncIterable<Item>, output: string): Promise<void> {
    const { models, concurrency } = this.#options;
    const callsMax = [...models.values()].reduce((sum, { managed }) => sum + managed.concurrencyMax, 0);
    const writer = await TableWriter.open(this.#options.spool, output);
    await runFlow(input, {
      runners,
      // Twice as many as calls: the next question is there when a reply comes.
      itemsMax: Math.max(concurrency, 2 * callsMax),
      halt: this.#halt,
      onDone: (item) => writer.add(item.key, item),
    });
    await writer.flush();
  }

  /** A single model that is down fails many questions at once; one reply in between says that it is not. */
  #heard(isAnswered: boolean): void {
    this.#failuresInARow = isAnswered ? 0 : this.#failuresInARow + 1;
    const { failuresMax = FAILURES_MAX } = this.#options;
    if (this.#failuresInARow < failuresMax) return;
    this.#halt.stop('model_down', `${this.#failuresInARow} questions in a row got no reply`);
  }

  #itemsOf(table: string | undefined): AsyncIterable<Item> {
    return table === undefined ? this.#passages.read() : readItems(this.#options.spool, table);
  }

  async #spoolPassages(): Promise<string> {
    const table = 'passages';
    const writer = await TableWriter.open(this.#options.spool, table);
    for await (const item of this.#passages.read()) {
      if (this.#halt.signal.aborted) break;
      await writer.add(item.key, item);
    }
    await writer.flush();
    return table;
  }

  async #finish(): Promise<void> {
    for await (const { key } of this.pairs()) {
      this.#kept += 1;
      await this.#alive?.add(key, {});
    }
    for (const writer of [this.#alive, this.#spent, this.#written]) await writer?.flush();
    const { spool } = this.#options;
    const byName = new Map(this.#funnels.map((funnel) => [funnel.name, funnel]));
    await findLostCosts(spool.read(SPENT), spool.read(ALIVE), ({ stage, costUsd }) =>
      byName.get(stage)?.lost(costUsd),
    );
    this.#isFinished = true;
  }
}

/** The stages from `at` on that look at one item at a time. */
function eachFrom(runners: readonly StageRunner[], at: number): readonly StageRunner[] {
  const rest = runners.slice(at);
  const end = rest.findIndex(({ planned }) => planned.stage.kind === 'whole');
  return end < 0 ? rest : rest.slice(0, end);
}
