// How completions are laid out for a graph: those of one prompt stand behind it in one row, so that it is read once, and each
// sees the prompt and itself alone. Rows are filled up with others, and put together into parts that fit. Which tokens stand where is all that this file
// knows; whether the sum over parts is the whole is the loss's business.

import type { TokenSequence } from '../policy.ts';

export interface PackedPart {
  /** Rows of tokens, filled up at the right. */
  readonly rows: number;
  readonly length: number;
  /** [rows, length] each: token, and position in its own sequence. */
  readonly tokens: Int32Array;
  readonly positions: Int32Array;
  /** Whose a token is, and the owner of its prompt: a token sees those of both. Prompts and completions of a row have numbers; −1: nothing. */
  readonly owners: Int32Array;
  readonly prompts: Int32Array;
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
  /** Slots of one part; a row that has more is a part of its own. */
  readonly tokensMax: number;
}

/** A prompt with completions of it, which stand behind it in one row. */
interface Bundle {
  readonly prompt: readonly number[];
  readonly members: number[];
  length: number;
}

interface Row {
  readonly bundles: Bundle[];
  length: number;
}

/** Attention grows with the square of a row: rows are shared up to so many tokens, those of one prompt up to twice the longest sequence. */
const SHARED_ROW_TOKENS = 128;

/** A run of its own costs more than so many empty slots. */
const EMPTY_SLOTS = 64;

/**
 * Parts that have every sequence with a completion once. The order is the same whatever `tokensMax` is.
 * @throws RangeError for a prompt without tokens: nothing would predict the first token behind it
 */
export function pack(
  sequences: readonly TokenSequence[],
  { tokensMax }: PackingLimits,
): readonly PackedPart[] {
  const parts: Row[][] = [];
  for (const row of rowsOf(bundlesOf(sequences))) {
    const part = parts.at(-1);
    const [longest] = part ?? [];
    // A long row that would be more than half empty is better off among its like.
    const fits =
      part !== undefined &&
      longest !== undefined &&
      (part.length + 1) * longest.length <= tokensMax &&
      longest.length - row.length <= Math.max(row.length, EMPTY_SLOTS);
    if (fits) part.push(row);
    else parts.push([row]);
  }
  return parts.map((part) => packRows(part, sequences));
}

function bundlesOf(sequences: readonly TokenSequence[]): readonly Bundle[] {
  const longest = sequences.reduce(
    (most, each) => Math.max(most, each.prompt.length + each.completion.length),
    0,
  );
  const tokensMax = Math.max(SHARED_ROW_TOKENS, 2 * longest);
  const bundles: Bundle[] = [];
  const open = new Map<string, Bundle>();
  sequences.forEach(({ prompt, completion }, index) => {
    if (prompt.length === 0)
      throw new RangeError(`Cannot score completion ${index}: its prompt has no tokens`);
    if (completion.length === 0) return;
    const key = prompt.join();
    // The last token is predicted and predicts nothing.
    const added = completion.length - 1;
    const bundle = open.get(key);
    if (bundle !== undefined && bundle.length + added <= tokensMax) {
      bundle.members.push(index);
      bundle.length += added;
      return;
    }
    const next = { prompt, members: [index], length: prompt.length + added };
    bundles.push(next);
    open.set(key, next);
  });
  return bundles;
}

/** First fit of the longest first: short bundles stand behind others, where otherwise there would be nothing. Longest row first. */
function rowsOf(bundles: readonly Bundle[]): readonly Row[] {
  const inOrder = bundles.toSorted((a, b) => b.length - a.length);
  const tokensMax = Math.min(SHARED_ROW_TOKENS, inOrder[0]?.length ?? 0);
  const rows: Row[] = [];
  // Rows before this one are full: no later bundle is shorter than the shortest.
  const shortest = inOrder.at(-1)?.length ?? 0;
  let firstOpen = 0;
  for (const bundle of inOrder) {
    let at = firstOpen;
    while (at < rows.length && (rows[at]?.length ?? 0) + bundle.length > tokensMax) at += 1;
    const row = rows[at];
    if (row === undefined) {
      rows.push({ bundles: [bundle], length: bundle.length });
    } else {
      row.bundles.push(bundle);
      row.length += bundle.length;
    }
    while (firstOpen < rows.length && (rows[firstOpen]?.length ?? 0) + shortest > tokensMax) firstOpen += 1;
  }
  return rows.toSorted((a, b) => b.length - a.length);
}

function packRows(rows: readonly Row[], sequences: readonly TokenSequence[]): PackedPart {
  const length = Math.max(...rows.map((row) => row.length));
  const size = rows.length * length;
  const tokens = new Int32Array(size);
  const positions = new Int32Array(size);
  const owners = new Int32Array(size).fill(-1);
  const prompts = new Int32Array(size).fill(-1);
  const part: { readonly [key in 'sequences' | 'slots' | 'targets' | 'starts' | 'counts']: number[] } = {
    sequences: [],
    slots: [],
    targets: [],
    starts: [],
    counts: [],
  };
  rows.forEach(({ bundles }, row) => {
    let slot = row * length;
    let last = -1;
    for (const { prompt, members } of bundles) {
      last += 1;
      const promptOwner = last;
      const put = (token: number, position: number): void => {
        tokens[slot] = token;
        positions[slot] = position;
        owners[slot] = last;
        prompts[slot] = promptOwner;
        slot += 1;
      };
      prompt.forEach(put);
      const promptEnd = slot - 1;
      for (const index of members) {
        last += 1;
        const completion = sequences[index]?.completion ?? [];
        part.sequences.push(index);
        part.starts.push(part.slots.length);
        part.counts.push(completion.length);
        completion.forEach((token, place) => {
          part.targets.push(token);
          part.slots.push(place === 0 ? promptEnd : slot - 1);
          if (place < completion.length - 1) put(token, prompt.length + place);
        });
      }
    }
  });
  return {
    rows: rows.length,
    length,
    tokens,
    positions,
    owners,
    prompts,
    width: Math.max(...part.counts),
    ...part,
  };
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

/** Puts the numbers of a part where its sequences are. */
export function unpack(part: PackedPart, numbers: readonly number[], found: (readonly number[])[]): void {
  part.sequences.forEach((sequence, row) => {
    const start = row * part.width;
    found[sequence] = numbers.slice(start, start + (part.counts[row] ?? 0));
  });
}
