// The pool of Self-Instruct (arXiv 2212.10560): seed tasks that people wrote, and the machine's tasks that passed. A new task passes when it
// has the form of one and its ROUGE-L with every task of the pool is at most 0.7.

import { z } from 'zod';

import type { Random } from '../../core/random.ts';
import { RougeIndex } from '../../core/similarity/rouge-index.ts';
import type { Drop } from '../item.ts';
import { drawFrom } from './draw.ts';

/** What a text cannot be given, or a model that only writes cannot do. */
const UNSEEN = ['image', 'images', 'graph', 'graphs', 'picture', 'pictures', 'file', 'files', 'map', 'maps'];
const UNDOABLE = ['draw', 'plot', 'go to'];
/** Words that Alpaca added to them. */
export const ALPACA_BANNED = [...UNSEEN, ...UNDOABLE, 'video', 'audio', 'music', 'flowchart', 'diagram'];
export const SELF_INSTRUCT_BANNED = [...UNSEEN, ...UNDOABLE];

export const poolShape = (banned: readonly string[]) => ({
  /** Largest ROUGE-L with a seed or a task that was kept. */
  similarity_max: z.number().gt(0).max(1).default(0.7),
  words_min: z.int().min(1).default(4),
  words_max: z.int().min(1).default(150),
  /** Words and phrases that a task must not have in it. */
  banned: z.array(z.string().min(1)).default([...banned]),
  /** Phrases that a task must not begin with. */
  banned_starts: z.array(z.string().min(1)).default(['write a program']),
  /** Whether a task must begin with a letter or digit of ASCII. Turn it off for tasks in other languages. */
  ascii_start: z.boolean().default(true),
});

export interface PoolRules {
  readonly similarity_max: number;
  readonly words_min: number;
  readonly words_max: number;
  readonly banned: readonly string[];
  readonly banned_starts: readonly string[];
  readonly ascii_start: boolean;
}

export class TaskPool<Seed> {
  readonly #rules: PoolRules;
  readonly #seeds: readonly Seed[];
  readonly #made: Seed[] = [];
  readonly #texts: string[] = [];
  readonly #index: RougeIndex;
  readonly #banned: RegExp | undefined;

  /** @param textOf what of a seed is compared */
  constructor(seeds: readonly Seed[], textOf: (seed: Seed) => string, rules: PoolRules) {
    this.#rules = rules;
    this.#seeds = seeds;
    this.#index = new RougeIndex(rules.similarity_max);
    this.#banned = anyOf(rules.banned);
    for (const seed of seeds) this.#add(textOf(seed));
  }

  /** Machine-made tasks that passed. */
  get size(): number {
    return this.#made.length;
  }

  /** Takes the task into the pool, or says why not. */
  offer(seed: Seed, text: string): Drop | undefined {
    const flaw = this.#flawOf(text);
    if (flaw !== undefined) return flaw;
    this.#made.push(seed);
    this.#add(text);
    return undefined;
  }

  /** Tasks to show: so many of people and so many of the machine's, shuffled. People's stand in for machine's that are missing. */
  show(count: { readonly seeds: number; readonly made: number }, random: Random): readonly Seed[] {
    const made = drawFrom(this.#made, count.made, random);
    const seeds = drawFrom(this.#seeds, count.seeds + count.made - made.length, random);
    const all = [...seeds, ...made];
    return drawFrom(all, all.length, random);
  }

  #add(text: string): void {
    this.#index.add(text);
    this.#texts.push(text);
  }

  #flawOf(text: string): Drop | undefined {
    const { words_min: wordsMin, words_max: wordsMax, ...rules } = this.#rules;
    const words = text.split(/\s+/u).filter((word) => word !== '').length;
    if (words < wordsMin) return { reason: 'too_short', detail: text };
    if (words > wordsMax) return { reason: 'too_long', detail: `${words} words` };
    if (rules.ascii_start && !/^[A-Za-z0-9]/u.test(text)) return { reason: 'odd_start', detail: text };
    const lower = text.toLowerCase();
    const start = rules.banned_starts.find((phrase) => lower.startsWith(phrase.toLowerCase()));
    if (start !== undefined) return { reason: 'banned_start', detail: `"${start}": ${text}` };
    const word = this.#banned?.exec(text)?.[0];
    if (word !== undefined) return { reason: 'banned_word', detail: `"${word}": ${text}` };
    const found = this.#index.findSimilar(text);
    if (found === undefined) return undefined;
    const of = found.index < this.#seeds.length ? 'similar_to_seed' : 'similar_to_kept';
    const like = `"${this.#texts[found.index] ?? ''}" (${found.similarity.toFixed(2)})`;
    return { reason: of, detail: `"${text}" is like ${like}` };
  }
}

/** Any of the phrases as whole words. */
function anyOf(phrases: readonly string[]): RegExp | undefined {
  if (phrases.length === 0) return undefined;
  const escaped = phrases.map((phrase) => phrase.replaceAll(/[$()*+.?[\\\]^{|}]/gu, String.raw`\$&`));
  return new RegExp(String.raw`(?<![\p{L}\p{N}])(?:${escaped.join('|')})(?![\p{L}\p{N}])`, 'iu');
}
