// The verdict cache over any keyv store. It brings what keyv leaves open: faults are thrown instead of swallowed, values are
// checked when they are read, and age is told by our own clock.

import { Keyv } from 'keyv';

import type { StoredVerdict, VerdictArchive, VerdictEntry } from '../ports/verdict-cache.ts';
import { verdictFromJson, verdictToJson } from './verdict-cache-codec.ts';
import type { Expiry } from './verdict-expiry.ts';

export const VERDICT_NAMESPACE = 'groupwise';

/** What keyv asks of a store; the adapters' own types differ in details that do not matter here. */
export interface KeyvStore {
  get(key: string): Promise<unknown>;
  getMany(keys: string[]): Promise<unknown[]>;
  set(key: string, value: string, ttlMs?: number): Promise<unknown>;
  setMany(entries: { key: string; value: string; ttl?: number }[]): Promise<unknown>;
  delete(key: string): Promise<boolean>;
  deleteMany(keys: string[]): Promise<boolean>;
  clear(): Promise<void>;
  disconnect(): Promise<void>;
}

export interface KeyvVerdictCacheOptions {
  readonly kind: string;
  readonly store: KeyvStore;
  readonly expiry: Expiry;
  /** False for a store that keeps namespaces apart itself. */
  readonly prefixesKeys?: boolean;
}

/** Texts that many verdicts share are kept once; beyond this many they are not. */
const SHARED_TEXTS_MAX = 1_000;

export class KeyvVerdictCache implements VerdictArchive {
  readonly kind: string;
  readonly #keyv: Keyv<unknown>;
  readonly #expiry: Expiry;
  readonly #sharedTexts = new Map<string, string>();
  #fault: unknown;

  constructor(options: KeyvVerdictCacheOptions) {
    this.kind = options.kind;
    this.#expiry = options.expiry;
    this.#keyv = new Keyv<unknown>({
      store: options.store,
      namespace: VERDICT_NAMESPACE,
      useKeyPrefix: options.prefixesKeys ?? true,
      throwOnErrors: true,
      serialize: JSON.stringify,
      deserialize,
    });
    // Some adapters report a fault only here and go on as if all were said.
    this.#keyv.on('error', (error: unknown) => {
      this.#fault = error;
    });
  }

  async getMany(keys: readonly string[]): Promise<readonly (StoredVerdict | undefined)[]> {
    if (keys.length === 0) return [];
    const values = await this.#keyv.getMany([...keys]);
    return values.map((value) => this.#read(value));
  }

  async set(key: string, verdict: StoredVerdict): Promise<void> {
    const ttlMs = this.#expiry.remainingMs(verdict);
    if (ttlMs !== undefined && ttlMs <= 0) return;
    await this.#keyv.set(key, verdictToJson(verdict), ttlMs);
  }

  async setMany(entries: readonly VerdictEntry[]): Promise<void> {
    // PostgreSQL refuses a statement that writes one key twice.
    const latest = new Map(entries.map(({ key, verdict }) => [key, verdict]));
    const writes = [...latest].flatMap(([key, verdict]) => {
      const ttl = this.#expiry.remainingMs(verdict);
      if (ttl === undefined) return [{ key, value: verdictToJson(verdict) }];
      return ttl <= 0 ? [] : [{ key, value: verdictToJson(verdict), ttl }];
    });
    if (writes.length > 0) await this.#keyv.setMany(writes);
  }

  async deleteMany(keys: readonly string[]): Promise<void> {
    if (keys.length > 0) await this.#keyv.deleteMany([...keys]);
  }

  async *entries(): AsyncGenerator<VerdictEntry> {
    this.#fault = undefined;
    const all: AsyncIterable<readonly [string, unknown]> | undefined = this.#keyv.iterator?.(undefined);
    if (all === undefined) throw new Error(`A ${this.kind} store cannot be looked through`);
    for await (const [key, value] of all) {
      const verdict = this.#read(value);
      if (verdict !== undefined) yield { key, verdict };
    }
    // Half an export must not pass for a whole one.
    if (this.#fault !== undefined) throw this.#fault;
  }

  async clear(): Promise<void> {
    await this.#keyv.clear();
  }

  async close(): Promise<void> {
    await this.#keyv.disconnect();
  }

  #read(value: unknown): StoredVerdict | undefined {
    const verdict = verdictFromJson(value);
    if (verdict === undefined || this.#expiry.hasExpired(verdict)) return undefined;
    const { label, model, template } = verdict;
    return {
      ...verdict,
      label: this.#share(label),
      model: this.#share(model),
      template: this.#share(template),
    };
  }

  #share(text: string): string {
    const known = this.#sharedTexts.get(text);
    if (known !== undefined) return known;
    if (this.#sharedTexts.size < SHARED_TEXTS_MAX) this.#sharedTexts.set(text, text);
    return text;
  }
}

/** Text that is not ours has no value. An exception here would make a fault of every look-up that meets it. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- keyv's own signature
function deserialize<Value>(text: string): { value?: Value; expires?: number } {
  try {
    const read: unknown = JSON.parse(text);
    // keyv takes the value as unknown, and each is checked before it is used.
    return typeof read === 'object' && read !== null ? read : {};
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}
