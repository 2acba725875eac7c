// The rollout stream: lease, submit and results, pipelined. Groups flow while the client has room for them, results when
// their group is completed. Both directions are bounded: frames that the client does not read stop the reading of its own.

import type { RolloutRequest, RolloutResponse } from '../../core/calls.ts';
import { EnvError, invalidArgument } from '../../core/errors.ts';
import type { LeaseId, RunId } from '../../core/ids.ts';
import { Fifo } from './fifo.ts';
import { RolloutLeases } from './rollout-leases.ts';
import { RolloutResults } from './rollout-results.ts';
import type { RunSurroundings } from './run-parts.ts';
import type { Run } from './run.ts';

export interface RolloutSurroundings {
  readonly around: RunSurroundings;
  readonly getRun: (runId: RunId) => Promise<Run>;
}

/** Serves one stream until the client has half-closed and has its results, the run is over, or the client is gone. */
export async function* openRollout(
  requests: AsyncIterable<RolloutRequest>,
  signal: AbortSignal,
  { around, getRun }: RolloutSurroundings,
): AsyncGenerator<RolloutResponse> {
  const frames = requests[Symbol.asyncIterator]();
  const first = await frames.next();
  if (first.done === true) return;
  if (first.value.kind !== 'open') {
    throw invalidArgument('open', 'Cannot serve the stream: its first frame must be "open"');
  }
  const run = await getRun(first.value.runId);
  const done = run.keep();
  const stream = new RolloutStream(run, first.value, around);
  try {
    yield* stream.serve(frames, signal);
  } finally {
    stream.end();
    done();
    // Not awaited: a client that sends nothing more would hold this up for ever.
    void frames.return?.();
  }
}

class RolloutStream {
  readonly #run: Run;
  readonly #around: RunSurroundings;
  readonly #leases: RolloutLeases;
  readonly #results: RolloutResults;
  readonly #out = new Fifo<RolloutResponse>();
  #wakeWriter = (): void => {};
  #wakeReader = (): void => {};
  #isHalfClosed = false;
  #hasEnded = false;
  #failure: { readonly error: unknown } | undefined;

  constructor(run: Run, open: Extract<RolloutRequest, { kind: 'open' }>, around: RunSurroundings) {
    this.#run = run;
    this.#around = around;
    const push = (frame: RolloutResponse): void => this.#push(frame);
    const fail = (error: unknown): void => this.#fail(error);
    this.#leases = new RolloutLeases({
      run,
      around,
      window: open.window,
      batchGroups: open.batchGroups,
      push,
      fail,
      room: () => around.limits.streamFramesBufferedMax - this.#out.length,
      whenOver: () => this.#wakeWriter(),
    });
    this.#results = new RolloutResults({
      run,
      push: (result) => {
        this.#leases.resultCame(result);
        push({ kind: 'result', result });
      },
    });
    run.hearPolicyVersion(open.policyVersion);
  }

  async *serve(frames: AsyncIterator<RolloutRequest>, signal: AbortSignal): AsyncGenerator<RolloutResponse> {
    const wake = (): void => {
      this.#wakeWriter();
      this.#wakeReader();
    };
    signal.addEventListener('abort', wake, { once: true });
    try {
      this.#leases.more();
      void this.#read(frames, signal);
      while (!signal.aborted) {
        const frame = this.#out.shift();
        if (frame !== undefined) {
          yield frame;
          if (this.#out.length < this.#around.limits.streamFramesBufferedMax) this.#roomCame();
        } else if (this.#failure !== undefined) {
          throw this.#failure.error;
        } else if (this.#isOver) {
          return;
        } else {
          await new Promise<void>((resolve) => {
            this.#wakeWriter = resolve;
          });
        }
      }
    } finally {
      signal.removeEventListener('abort', wake);
    }
  }

  /** Leases stay until they expire: the client may come back and hand in under them. */
  end(): void {
    this.#hasEnded = true;
    this.#leases.end();
    this.#results.end();
    this.#wakeReader();
  }

  get #isOver(): boolean {
    return (this.#isHalfClosed || this.#leases.isOver) && !this.#results.areComing;
  }

  async #read(frames: AsyncIterator<RolloutRequest>, signal: AbortSignal): Promise<void> {
    try {
      while (!this.#hasEnded && !signal.aborted) {
        const frame = await frames.next();
        if (frame.done === true) break;
        await this.#serveFrame(frame.value);
        await this.#untilRoom(() => this.#out.length < this.#around.limits.streamFramesBufferedMax);
      }
      this.#isHalfClosed = true;
      this.#leases.end();
      this.#wakeWriter();
    } catch (error) {
      // A client that goes away while it is read from is no fault of anybody's.
      if (!signal.aborted) this.#fail(error);
    }
  }

  async #serveFrame(frame: RolloutRequest): Promise<void> {
    try {
      await this.#serve(frame);
    } catch (error) {
      if (!(error instanceof EnvError)) throw error;
      const { code, message, field, retryAfterMs } = error;
      const problem = { code, detail: message, field, retryAfterMs };
      this.#push({ kind: 'problem', problem, leaseIds: leaseIdsOf(frame) });
    }
  }

  async #serve(frame: RolloutRequest): Promise<void> {
    switch (frame.kind) {
      case 'open':
        throw invalidArgument('open', 'Cannot open the stream twice');
      case 'submit': {
        const completions = frame.groups.reduce((sum, group) => sum + group.completions.length, 0);
        await this.#untilRoom(() => this.#around.inFlight.hasRoom(completions));
        if (this.#hasEnded) return;
        this.#results.expect(await this.#run.takeIn(frame.groups));
        return;
      }
      case 'heartbeat':
        this.#push({ kind: 'heartbeat', reply: await this.#run.heartbeat(frame.leaseIds) });
        return;
      case 'release':
        await this.#run.release(frame.leaseIds);
        return;
      case 'update':
        this.#run.hearPolicyVersion(frame.policyVersion);
        this.#leases.setWindow(frame.window);
        return;
    }
  }

  /** Reading stops until there is room, which is how the client is held back. */
  async #untilRoom(hasRoom: () => boolean): Promise<void> {
    while (!hasRoom() && !this.#hasEnded) {
      await new Promise<void>((resolve) => {
        const forget = this.#around.inFlight.whenLess(resolve);
        this.#wakeReader = () => {
          forget();
          resolve();
        };
      });
    }
  }

  #roomCame(): void {
    this.#wakeReader();
    this.#leases.more();
  }

  #push(frame: RolloutResponse): void {
    if (this.#hasEnded) return;
    this.#out.push(frame);
    this.#wakeWriter();
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#wakeWriter();
  }
}

function leaseIdsOf(frame: RolloutRequest): readonly LeaseId[] {
  if (frame.kind === 'submit') return frame.groups.map((group) => group.leaseId);
  return frame.kind === 'heartbeat' || frame.kind === 'release' ? frame.leaseIds : [];
}
