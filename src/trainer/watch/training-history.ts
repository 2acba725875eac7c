// All that a training has told, over all its lives: what a log keeps, a view shows and a report is made of. A training that is taken
// up again tells the steps behind its checkpoint once more; what it tells then takes the place of what it told before.

import type {
  EvaluationDone,
  TrainingEnd,
  TrainingEvent,
  TrainingStart,
  TrainingStepDone,
  WarmUpStep,
} from '../training-event.ts';

export class TrainingHistory {
  #events: TrainingEvent[] = [];

  get events(): readonly TrainingEvent[] {
    return this.#events;
  }

  /** The start of the last life. */
  get start(): TrainingStart | undefined {
    return this.#events.findLast((event) => event.kind === 'start');
  }

  get end(): TrainingEnd | undefined {
    return this.#events.findLast((event) => event.kind === 'end');
  }

  get steps(): readonly TrainingStepDone[] {
    return this.#events.filter((event) => event.kind === 'step');
  }

  get warmUp(): readonly WarmUpStep[] {
    return this.#events.filter((event) => event.kind === 'warm-up');
  }

  get evaluations(): readonly EvaluationDone[] {
    return this.#events.filter((event) => event.kind === 'evaluation');
  }

  /** Whether events of an earlier life had to go for this one. */
  add(event: TrainingEvent): boolean {
    const before = this.#events.length;
    this.#events = this.#events.filter((earlier) => !isTakenBack(earlier, event));
    const isRetold = this.#events.length < before;
    this.#events.push(event);
    return isRetold;
  }
}

/** Whether `earlier` is of a stretch that `event` begins to tell anew. */
function isTakenBack(earlier: TrainingEvent, event: TrainingEvent): boolean {
  switch (event.kind) {
    case 'start':
      return earlier.kind === 'end';
    case 'warm-up':
      return earlier.kind === 'warm-up' && earlier.step >= event.step;
    case 'step':
      return earlier.kind === 'step' && earlier.step >= event.step;
    case 'evaluation':
      return (
        earlier.kind === 'evaluation' &&
        earlier.step >= event.step &&
        earlier.when === event.when &&
        earlier.split === event.split &&
        earlier.greedy === event.greedy
      );
    case 'end':
      return earlier.kind === 'end';
  }
}
