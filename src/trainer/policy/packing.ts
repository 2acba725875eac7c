// How completions are laid out for a graph: those of one prompt stand behind it in one row, so that it is read once, and each
// sees the prompt and itself alone. Rows are put together into parts that fit. Which tokens stand where is all that this file
// knows; whether the sum over parts is the whole is the loss's business.

import type { TokenSequence } from '../policy.ts';

export interface PackedPart {
  /** Rows of tokens, filled up at the right. */
  readonly rows: number;
  readonly length: number;
  /** [rows, length] each: token, position in its own sequence, and segment: 0 the prompt, 1, 2, … completions, −1 nothing. */
  readonly tokens: Int32Array;
  readonly positions: Int32Array;
  readonly segments: Int32Array;
  /** The sequences of this part, by their index. */
  readonly sequences: readonly number[];
  /** Tokens of the longest completion. */
  readonly width: number;
  /** For each token of the completions, one after another: the slot (row · length + column) that predicts it, and itself. */
  readonly slots: readonly number[];
  readonly targets: readonly number[];
  /** Where each sequence begins in `slots`. */
  readonly starts: readonly number[];
  /** Tokens of each completion. */
  readonly counts: readonly number[];
}

export interface PackingLimits {
  /** Slots of one part; a row that is longer makes a part of its own. */
  readonly tokensMax: number;
}

interface Row {
  readonly prompt: readonly number[];
  readonly members: number[];
  length: number;
}

/** Completions of one prompt share a row up to so many tokens, or up to twice the longest sequence: attention grows with the square. */
const SHARED_ROW_TOKENS = 128;

/**
 * Parts that have every sequence with a completion once. The order is the same whatever `tokensMax` is.
 * @throws RangeError for a prompt without tokens: nothing would predict the first token behind it
 */
export function pack(
  sequences: readonly TokenSequence[],
  { tokensMax }: PackingLimits,
): readonly PackedPart[] {
  // Rows of like lengths stand together, so that little is filled up.
  const rows = rowsOf(sequences).toSorted((a, b) => b.length - a.length);
  const parts: Row[][] = [];
  for (const row of rows) {
    const part = parts.at(-1);
    const [longest] = part ?? [];
    if (part === undefined || longest === undefined || (part.length + 1) * longest.length > tokensMax)
      parts.push([row]);
    else part.push(row);
  }
  return parts.map((part) => packRows(part, sequences));
}

function rowsOf(sequences: readonly TokenSequence[]): readonly Row[] {
  const longest = Math.max(
    0,
    ...sequences.map(({ prompt, completion }) => prompt.length + completion.length),
  );
  const tokensMax = Math.max(SHARED_ROW_TOKENS, 2 * longest);
  const rows: Row[] = [];
  const open = new Map<string, Row>();
  sequences.forEach(({ prompt, completion }, index) => {
    if (prompt.length === 0)
      throw new RangeError(`Cannot score completion ${index}: its prompt has no tokens`);
    if (completion.length === 0) return;
    const key = prompt.join();
    // The last token is predicted and predicts nothing.
    const added = completion.length - 1;
    const row = open.get(key);
    if (row !== undefined && row.length + added <= tokensMax) {
      row.members.push(index);
      row.length += added;
      return;
    }
    const next = { prompt, members: [index], length: prompt.length + added };
    rows.push(next);
    open.set(key, next);
  });
  return rows;
}

function packRows(rows: readonly Row[], sequences: readonly TokenSequence[]): PackedPart {
  const length = Math.max(...rows.map((row) => row.length));
  const size = rows.length * length;
  const tokens = new Int32Array(size);
  const positions = new Int32Array(size);
  const segments = new Int32Array(size).fill(-1);
  const part = { sequences: [], slots: [], targets: [], starts: [], counts: [] } as {
    readonly [key in 'sequences' | 'slots' | 'targets' | 'starts' | 'counts']: number[];
  };
  rows.forEach(({ prompt, members }, row) => {
    let slot = row * length;
    const put = (token: number, position: number, segment: number): void => {
      tokens[slot] = token;
      positions[slot] = position;
      segments[slot] = segment;
      slot += 1;
    };
    prompt.forEach((token, position) => put(token, position, 0));
    const promptEnd = slot - 1;
    members.forEach((index, member) => {
      const completion = sequences[index]?.completion ?? [];
      part.sequences.push(index);
      part.starts.push(part.slots.length);
      part.counts.push(completion.length);
      completion.forEach((token, place) => {
        part.targets.push(token);
        part.slots.push(place === 0 ? promptEnd : slot - 1);
        if (place < completion.length - 1) put(token, prompt.length + place, member + 1);
      });
    });
  });
  return { rows: rows.length, length, tokens, positions, segments, width: Math.max(...part.counts), ...part };
}

/**
 * Numbers of each token, one after another as in `slots`, as a table [sequences, width] with `fill` behind the end of each.
 * @param of the numbers of a sequence, by its index, one for each token
 */
export function table(
  part: PackedPart,
  of: (sequence: number) => ArrayLike<number>,
  fill = 0,
): Float32Array<ArrayBuffer> {
  const numbers = new Float32Array(part.sequences.length * part.width).fill(fill);
  part.sequences.forEach((sequence, row) => numbers.set(Array.from(of(sequence)), row * part.width));
  return numbers;
}
