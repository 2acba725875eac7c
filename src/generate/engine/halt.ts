// Why a question has no answer for now. Stages never see these: they pass through them to the run, which keeps the item as
// unfinished or stops.

import type { StopReason } from './funnel.ts';

/** The model is down, after all patience. Other questions may fare better. */
export class ModelDown extends Error {
  override readonly name: string = 'ModelDown';
}

/** The question is longer than the model can read. Where it is about one item, that item is dropped; shorter ones fare better. */
export class PromptTooLong extends ModelDown {
  override readonly name = 'PromptTooLong';
}

/** The run stops: nothing is asked any more. */
export class RunStopped extends Error {
  override readonly name = 'RunStopped';
  readonly reason: StopReason;

  constructor(reason: StopReason, detail: string) {
    super(detail);
    this.reason = reason;
  }
}

/** Tells everyone in a run to stop asking; the first reason stays. */
export class Halt {
  readonly #controller = new AbortController();

  /** Aborted with a `RunStopped`. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get stopped(): RunStopped | undefined {
    const reason: unknown = this.signal.reason;
    return reason instanceof RunStopped ? reason : undefined;
  }

  /** Returns what stopped the run, for whoever has to throw it. */
  stop(reason: StopReason, detail: string): RunStopped {
    const stopped = this.stopped ?? new RunStopped(reason, detail);
    if (!this.signal.aborted) this.#controller.abort(stopped);
    return stopped;
  }

  /** For what is no stop but a fault: everyone gets it instead of an answer. */
  fail(error: unknown): void {
    if (!this.signal.aborted) this.#controller.abort(error);
  }
}
