// Finds the groups that clients speak of, in memory or in the store, and reads the pairs and prompts of those that are open.

import type { GroupCompletions } from '../../core/calls.ts';
import { EnvError } from '../../core/errors.ts';
import { sequenceOfLease, type RunId } from '../../core/ids.ts';
import type { QaPair } from '../../core/qa-pair.ts';
import type { RunStore } from '../../ports/run-store.ts';
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

export interface UnreadableGroup {
  readonly held: HeldGroup;
  /** For the log. */
  readonly why: string;
}

export class GroupReader {
  readonly #options: GroupReaderOptions;

  constructor(options: GroupReaderOptions) {
    this.#options = options;
  }

  /**
   * Reads what is not yet in memory, all at once. Returns the groups whose own row cannot be read or rendered, and why;
   * rejects when it is not the row's fault.
   */
  async readPairs(groups: readonly HeldGroup[]): Promise<readonly UnreadableGroup[]> {
    const absent = groups.filter((held) => held.pair === undefined);
    if (absent.length === 0) return [];
    try {
      const pairs = await this.#options.parts.split.pairsAt(absent.map((held) => held.state.ordinal));
      return absent.flatMap((held, index) => this.#render(held, pairs[index]));
    } catch (error) {
      if (!isOfRow(error)) throw error;
      return (await Promise.all(absent.map((held) => this.#readAlone(held)))).flat();
    }
  }

  /** One bad row must not take the others with it. */
  async #readAlone(held: HeldGroup): Promise<readonly UnreadableGroup[]> {
    try {
      const [pair] = await this.#options.parts.split.pairsAt([held.state.ordinal]);
      return this.#render(held, pair);
    } catch (error) {
      if (!isOfRow(error)) throw error;
      return [{ held, why: reasonOf(error) }];
    }
  }

  #render(held: HeldGroup, pair: QaPair | undefined): readonly UnreadableGroup[] {
    if (pair === undefined) return [{ held, why: 'it is not in its split' }];
    try {
      held.prompt = this.#options.parts.render(pair);
      held.pair = pair;
      return [];
    } catch (error) {
      if (!isOfRow(error)) throw error;
      return [{ held, why: reasonOf(error) }];
    }
  }

  get runId(): RunId {
    return this.#options.runId;
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

/** A refusal of the store (the dataset was removed, the disk has no room) says nothing of the row. */
function isOfRow(error: unknown): boolean {
  return !(error instanceof EnvError) || error.code === 'data_loss';
}

/** Without the words of an exception that was not made for others to read: they may repeat the row. */
function reasonOf(error: unknown): string {
  if (error instanceof EnvError) return error.message;
  if (!(error instanceof Error)) return 'something was thrown';
  const at = error.stack?.split('\n').find((line) => line.startsWith('    at '));
  return `${error.name}${at === undefined ? '' : ` ${at.trim()}`}`;
}
