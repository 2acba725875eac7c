// Ctrl-C while money is being spent: the first one asks nothing more and awaits what is under way, which is paid for anyway; the
// second one leaves that too; the third ends the process, whatever it is doing.

import { endBy } from '../exit-status.ts';
import { RunStopped } from '../../generate/engine/halt.ts';

export interface Interrupt {
  /** Nothing is to be asked any more. */
  readonly interrupt: AbortSignal;
  /** Nothing is to be awaited either. */
  readonly giveUp: AbortSignal;
  /** Gives the signals back. */
  stop(): void;
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

export function listenForInterrupt(say: (text: string) => void): Interrupt {
  const [interrupt, giveUp] = [new AbortController(), new AbortController()];
  const onSignal = (signal: NodeJS.Signals): void => {
    if (giveUp.signal.aborted) return endBy(signal);
    if (interrupt.signal.aborted) {
      giveUp.abort(new RunStopped('interrupted', 'Interrupted'));
      return;
    }
    interrupt.abort(new RunStopped('interrupted', 'Interrupted'));
    say('Stopping: replies under way are awaited and kept; once more leaves them');
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return {
    interrupt: interrupt.signal,
    giveUp: giveUp.signal,
    stop: () => {
      for (const signal of SIGNALS) process.off(signal, onSignal);
    },
  };
}
