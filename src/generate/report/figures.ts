// What a dataset looks like as a whole: which answers, which domains, how its questions differ. Figures of diversity are taken of a
// sample that depends on the questions alone, so that they can be compared and memory stays flat.

import { jaccard, shinglesOf } from '../../core/similarity/minhash.ts';
import { hash32, wordsOf } from '../../core/similarity/words.ts';
import { mean, quantile } from '../../core/statistics.ts';
import { answerTypeOf } from '../draft-answers.ts';
import type { PairItem } from '../item.ts';

/** Questions that diversity is measured on: comparing all with all is quadratic. */
const SAMPLE_MAX = 1_000;
const OPENING_WORDS = 2;
const OPENINGS_MAX = 12;
const RATE_BANDS = 10;

export interface Count {
  readonly name: string;
  readonly count: number;
}

export interface DatasetFigures {
  readonly pairs: number;
  /** Most frequent first, here and below. */
  readonly answerTypes: readonly Count[];
  readonly domains: readonly Count[];
  readonly generators: readonly Count[];
  readonly documents: number;
  readonly personas: number;
  /** Sum over all pairs of what made and tested them; null when a price is not known. */
  readonly costUsd: number | null;
  readonly diversity: Diversity;
  /** Pairs by pass rate, in ten bands from 0 to 1; empty where nothing was measured. */
  readonly passRates: readonly Count[];
}

export interface Diversity {
  /** Questions that the figures below are of. */
  readonly sample: number;
  readonly medianWords: number;
  /** Different words, and different pairs of words, among all: distinct-n (Li et al., arXiv 1510.03055). */
  readonly distinct1: number;
  readonly distinct2: number;
  /** Mean over the sample of the Jaccard similarity of each question to its nearest other one, by pairs of words. */
  readonly nearest: number;
  /** Shannon entropy in bits of the domains of all pairs. */
  readonly domainBits: number;
  /** How questions begin. */
  readonly openings: readonly Count[];
}

export class FigureTaker {
  readonly #types = new Map<string, number>();
  readonly #domains = new Map<string, number>();
  readonly #generators = new Map<string, number>();
  readonly #documents = new Set<number>();
  readonly #personas = new Set<string>();
  readonly #rates = new Map<number, number>();
  readonly #sample: { readonly hash: number; readonly question: string }[] = [];
  #pairs = 0;
  #costUsd: number | null = 0;

  add({ draft, passage, costUsd }: PairItem): void {
    this.#pairs += 1;
    this.#costUsd = this.#costUsd === null || costUsd === null ? null : this.#costUsd + costUsd;
    count(this.#types, answerTypeOf(draft));
    count(this.#generators, draft.generator);
    if (draft.domain !== undefined) count(this.#domains, draft.domain);
    if (draft.persona !== undefined) this.#personas.add(draft.persona);
    if (passage !== undefined) this.#documents.add(hash32(passage.documentId, 0));
    if (draft.passRate !== undefined)
      count(this.#rates, Math.min(RATE_BANDS - 1, Math.floor(draft.passRate * RATE_BANDS)));
    this.#draw(draft.question);
  }

  figures(): DatasetFigures {
    return {
      pairs: this.#pairs,
      answerTypes: byCount(this.#types),
      domains: byCount(this.#domains),
      generators: byCount(this.#generators),
      documents: this.#documents.size,
      personas: this.#personas.size,
      costUsd: this.#costUsd,
      diversity: {
        ...diversityOf(this.#sample.map(({ question }) => question)),
        domainBits: entropy([...this.#domains.values()]),
      },
      passRates: this.#rates.size === 0 ? [] : bands(this.#rates),
    };
  }

  /** Keeps the questions with the smallest hashes: any order of adding leaves the same ones. */
  #draw(question: string): void {
    const entry = { hash: hash32(question, 0), question };
    const last = this.#sample.at(-1);
    if (this.#sample.length >= SAMPLE_MAX && last !== undefined && !isBefore(entry, last)) return;
    const at = this.#sample.findIndex((other) => isBefore(entry, other));
    this.#sample.splice(at < 0 ? this.#sample.length : at, 0, entry);
    this.#sample.length = Math.min(this.#sample.length, SAMPLE_MAX);
  }
}

function isBefore(
  a: { readonly hash: number; readonly question: string },
  b: { readonly hash: number; readonly question: string },
): boolean {
  return a.hash < b.hash || (a.hash === b.hash && a.question < b.question);
}

function diversityOf(questions: readonly string[]): Omit<Diversity, 'domainBits'> {
  const words = questions.map(wordsOf);
  const openings = new Map<string, number>();
  for (const each of words) if (each.length > 0) count(openings, each.slice(0, OPENING_WORDS).join(' '));
  const lengths = words.map(({ length }) => length);
  return {
    sample: questions.length,
    medianWords: lengths.length === 0 ? 0 : quantile(lengths, 0.5),
    distinct1: distinct(words, 1),
    distinct2: distinct(words, 2),
    nearest: nearestOf(questions),
    openings: byCount(openings).slice(0, OPENINGS_MAX),
  };
}

/** Different stretches of n words among all; 0 where there are none. */
function distinct(texts: readonly (readonly string[])[], n: number): number {
  const seen = new Set<string>();
  let all = 0;
  for (const words of texts) {
    for (let at = 0; at + n <= words.length; at += 1) {
      seen.add(words.slice(at, at + n).join(' '));
      all += 1;
    }
  }
  return all === 0 ? 0 : seen.size / all;
}

function nearestOf(questions: readonly string[]): number {
  if (questions.length < 2) return 0;
  const shingles = questions.map((question) => shinglesOf(question, 2));
  const nearest = shingles.map((own, at) =>
    shingles.reduce((most, other, index) => (index === at ? most : Math.max(most, jaccard(own, other))), 0),
  );
  return mean(nearest);
}

function entropy(counts: readonly number[]): number {
  const total = counts.reduce((sum, each) => sum + each, 0);
  // Adding 0 turns −0 into 0.
  return -counts.reduce((sum, each) => sum + (each / total) * Math.log2(each / total), 0) + 0;
}

function count<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function byCount(counts: ReadonlyMap<string, number>): readonly Count[] {
  return [...counts]
    .map(([name, each]) => ({ name, count: each }))
    .toSorted((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
}

function bands(rates: ReadonlyMap<number, number>): readonly Count[] {
  return Array.from({ length: RATE_BANDS }, (_, band) => ({
    name: `${band / RATE_BANDS} to ${(band + 1) / RATE_BANDS}`,
    count: rates.get(band) ?? 0,
  }));
}
