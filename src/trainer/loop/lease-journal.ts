// Which groups were leased for which batch, on disk before anything is done with them. A training that was killed finds here what
// it held: it draws the same completions again, hands them in under the same leases, and gets the results that the server kept.

import { appendFile, readFile, rename, writeFile } from 'node:fs/promises';

import { z } from 'zod';

import { sequenceOfGroup, type GroupId, type RunId } from '../../core/ids.ts';
import type { PromptGroup } from './batch.ts';
import { readJsonAs } from './read-json.ts';

type Line =
  /** `isLast`: the batch gets no more groups, however many it has. */
  | { readonly batch: number; readonly groups: readonly PromptGroup[]; readonly isLast?: true | undefined }
  /** First line of a journal whose oldest lines were dropped: groups that each run had handed out by then. */
  | { readonly leased: Readonly<Record<string, number>> };

const GROUP_SHAPE = z.object({
  runId: z.string(),
  groupId: z.string(),
  leaseId: z.string(),
  batchId: z.string(),
});

const LINE_SHAPE: z.ZodType<Line> = z.union([
  z.object({ leased: z.record(z.string(), z.int().nonnegative()) }),
  z.object({
    batch: z.int().nonnegative(),
    groups: z.array(z.custom<PromptGroup>((group) => GROUP_SHAPE.safeParse(group).success)),
    isLast: z.literal(true).optional(),
  }),
]);

export class LeaseJournal {
  /** Undefined: in memory alone, for a training that cannot be resumed. */
  readonly #path: string | undefined;
  readonly #batches = new Map<number, PromptGroup[]>();
  readonly #complete = new Set<number>();
  readonly #leased = new Map<string, number>();

  private constructor(path: string | undefined) {
    this.#path = path;
  }

  /** Reads what is there. A line that a dying process left unfinished counts as never written. */
  static async open(path: string | undefined): Promise<LeaseJournal> {
    const journal = new LeaseJournal(path);
    if (path === undefined) return journal;
    const text = await readOrNothing(path);
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    for (const [index, line] of whole.split('\n').entries())
      if (line !== '') journal.#take(readJsonAs(LINE_SHAPE, line, `"${path}:${index + 1}"`));
    if (whole !== text) await writeFile(path, whole, { flush: true });
    return journal;
  }

  /** Groups that were leased for a batch, in the order of their leases. */
  groupsOf(batch: number): readonly PromptGroup[] {
    return this.#batches.get(batch) ?? [];
  }

  /** Whether the batch gets no more groups. */
  isComplete(batch: number): boolean {
    return this.#complete.has(batch);
  }

  /** Groups of a run known to be leased: those before this sequence. */
  leasedOf(runId: RunId): number {
    return this.#leased.get(runId) ?? 0;
  }

  /** Resolves when it is on disk. */
  add(batch: number, groups: readonly PromptGroup[]): Promise<void> {
    return this.#append({ batch, groups });
  }

  /** The batch gets no more groups, also when it is looked at again after a crash. */
  complete(batch: number): Promise<void> {
    return this.#append({ batch, groups: [], isLast: true });
  }

  async #append(line: Line): Promise<void> {
    this.#take(line);
    if (this.#path !== undefined) await appendFile(this.#path, `${JSON.stringify(line)}\n`, { flush: true });
  }

  /** Drops what no checkpoint needs any more. */
  forgetBefore(batch: number): Promise<void> {
    for (const number of this.#batches.keys()) if (number < batch) this.#batches.delete(number);
    return this.#rewrite();
  }

  /** Drops what is not going to be trained on. */
  forgetFrom(batch: number): Promise<void> {
    for (const number of this.#batches.keys()) {
      if (number < batch) continue;
      this.#batches.delete(number);
      this.#complete.delete(number);
    }
    return this.#rewrite();
  }

  async #rewrite(): Promise<void> {
    if (this.#path === undefined) return;
    const lines: readonly Line[] = [
      { leased: Object.fromEntries(this.#leased) },
      ...Array.from(this.#batches, ([number, groups]) => ({
        batch: number,
        groups,
        ...(this.#complete.has(number) && { isLast: true as const }),
      })),
    ];
    const partial = `${this.#path}.partial`;
    await writeFile(partial, lines.map((line) => `${JSON.stringify(line)}\n`).join(''), { flush: true });
    await rename(partial, this.#path);
  }

  #take(line: Line): void {
    if ('leased' in line) {
      for (const [runId, count] of Object.entries(line.leased)) this.#raise(runId, count);
      return;
    }
    const groups = this.#batches.get(line.batch) ?? [];
    groups.push(...line.groups);
    this.#batches.set(line.batch, groups);
    if (line.isLast === true) this.#complete.add(line.batch);
    for (const { runId, groupId } of line.groups) this.#raise(runId, placeOf(groupId) + 1);
  }

  #raise(runId: string, count: number): void {
    this.#leased.set(runId, Math.max(count, this.#leased.get(runId) ?? 0));
  }
}

function placeOf(groupId: GroupId): number {
  return sequenceOfGroup(groupId) ?? -1;
}

async function readOrNothing(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  }
}
