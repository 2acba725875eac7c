// Where paid verdicts live: what was asked once, anywhere, is not paid again. Keys are content hashes; values hold no text
// of a completion.

/** One verdict of a judge, as it was given and paid for. */
export interface StoredVerdict {
  /** In [0, 1]. */
  readonly score: number;
  /** What the judge said, for example `equivalent`. */
  readonly label: string;
  /** A few words; never the ground truth. */
  readonly reason?: string | undefined;
  /** Share of votes that agree with the label, in (0, 1]; 1 for a single vote. */
  readonly agreement: number;
  /** US dollars, all votes together; null when the model's price is unknown. */
  readonly costUsd: number | null;
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly model: string;
  /** Template and its version, for invalidation: `equivalence@3`. */
  readonly template: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export interface VerdictCache {
  /** One entry a key, in the order of the keys. */
  getMany(keys: readonly string[]): Promise<readonly (StoredVerdict | undefined)[]>;
  /** Resolves when the verdict is where a crash of this process cannot lose it. */
  set(key: string, verdict: StoredVerdict): Promise<void>;
  close(): Promise<void>;
}

export interface VerdictEntry {
  readonly key: string;
  readonly verdict: StoredVerdict;
}

/** A cache as an operator handles it: looked through, filled and emptied as a whole. */
export interface VerdictArchive extends VerdictCache {
  /** `memory`, `sqlite`, `redis` or `postgres`. */
  readonly kind: string;
  /** All verdicts that have not expired, in no particular order. While others write, an entry may come twice. */
  entries(): AsyncIterable<VerdictEntry>;
  /** As `set`, for many; of two with one key the later stays. */
  setMany(entries: readonly VerdictEntry[]): Promise<void>;
  deleteMany(keys: readonly string[]): Promise<void>;
  clear(): Promise<void>;
}
