// Ctrl-C in a training: the first one finishes the step under way and keeps it, the second one ends the process. What was kept last
// is whole either way.

import { EnvError } from '../../core/errors.ts';
import { endBy } from '../exit-status.ts';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

export interface TrainInterrupt {
  readonly signal: AbortSignal;
  /** Gives the signals back. */
  stop(): void;
}

export function listenForTrainInterrupt(say: (text: string) => void): TrainInterrupt {
  const interrupt = new AbortController();
  const onSignal = (signal: NodeJS.Signals): void => {
    if (interrupt.signal.aborted) return endBy(signal);
    say('Stopping after this step; once more stops at once');
    interrupt.abort(new EnvError('cancelled', 'Stopped before it was done'));
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return {
    signal: interrupt.signal,
    stop: () => {
      for (const signal of SIGNALS) process.off(signal, onSignal);
    },
  };
}
