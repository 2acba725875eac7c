// Finds the groups that clients speak of, in memory or in the store, and reads the pairs and prompts of those that are open.

import type { GroupCompletions } from '../core/calls.ts';
import { sequenceOfLease, type RunId } from '../core/ids.ts';
import type { RunStore } from '../ports/run-store.ts';
import type { GroupBoard } from './group-board.ts';
import type { HeldGroup } from './held-group.ts';
import type { RunLedger } from './run-ledger.ts';
import type { RunParts } from './run-parts.ts';
import type { FoundGroup } from './submission.ts';

export interface GroupReaderOptions {
  readonly runId: RunId;
  readonly board: GroupBoard;
  readonly ledger: RunLedger;
  readonly store: RunStore;
  readonly parts: Pick<RunParts, 'split' | 'render'>;
}

export class GroupReader {
  readonly #options: GroupReaderOptions;

  constructor(options: GroupReaderOptions) {
    this.#options = options;
  }

  /** Reads what is not yet in memory, all at once. */
  async readPairs(groups: readonly HeldGroup[]): Promise<void> {
    const { parts, runId } = this.#options;
    const absent = groups.filter((held) => held.pair === undefined);
    if (absent.length === 0) return;
    const pairs = await parts.split.pairsAt(absent.map((held) => held.state.ordinal));
    absent.forEach((held, index) => {
      const pair = pairs[index];
      if (pair === undefined) {
        throw new Error(`Pair ${held.state.ordinal} of run ${runId} is not in its split`);
      }
      held.pair = pair;
      held.prompt = parts.render(pair);
    });
  }

  /** The groups of these leases when all of them are in memory; undefined when some must be read. */
  findNow(groups: readonly GroupCompletions[]): readonly FoundGroup[] | undefined {
    const found: FoundGroup[] = [];
    for (const { leaseId } of groups) {
      const held = this.#options.board.find(sequenceOfLease(leaseId) ?? -1);
      if (held?.pair === undefined) return undefined;
      found.push({ kind: 'held', held });
    }
    return found;
  }

  async findLater(groups: readonly GroupCompletions[]): Promise<readonly (FoundGroup | undefined)[]> {
    const found = await Promise.all(
      groups.map(({ leaseId }) => this.find(sequenceOfLease(leaseId) ?? Number.POSITIVE_INFINITY)),
    );
    await this.readPairs(
      found.flatMap((each) => (each?.kind === 'held' && each.held.ended === undefined ? [each.held] : [])),
    );
    return found;
  }

  async find(sequence: number): Promise<FoundGroup | undefined> {
    const { board, ledger, store, runId } = this.#options;
    if (sequence >= board.position) return undefined;
    const held = board.find(sequence) ?? ledger.findEnded(sequence);
    if (held !== undefined) return { kind: 'held', held };
    const ended = await store.endedGroup(runId, sequence);
    return ended && { kind: 'stored', ended };
  }
}
