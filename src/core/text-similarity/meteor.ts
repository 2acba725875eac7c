// METEOR of one sentence (Lavie and Agarwal 2007): unigrams matched as they are, then by their stems, with a penalty for
// matches that lie apart. As `nltk.translate.meteor_score` computes it, but without its third stage: no synonyms of WordNet.

import { porterStem } from './porter-stem.ts';
import { tokensOf } from './tokens.ts';

const ALPHA = 0.9;
const BETA = 3;
const GAMMA = 0.5;

/** A place in the text and the place in the reference that it is matched with. */
type Match = readonly [number, number];

/**
 * Fmean · (1 − γ·(chunks / matches)^β) in [0, 1), with Fmean = P·R / (α·P + (1 − α)·R); α, β, γ = 0.9, 3, 0.5. 0 without a match.
 */
export function meteor(text: string, reference: string): number {
  const [tokens, wanted] = [lowered(text), lowered(reference)];
  const matches = align(tokens, wanted);
  if (matches.length === 0) return 0;
  const precision = matches.length / tokens.length;
  const recall = matches.length / wanted.length;
  const mean = (precision * recall) / (ALPHA * precision + (1 - ALPHA) * recall);
  return mean * (1 - GAMMA * (chunksOf(matches) / matches.length) ** BETA);
}

function lowered(text: string): readonly string[] {
  return tokensOf(text).map((token) => token.toLowerCase());
}

/** In order of the text. Each stage looks at what the one before left over. */
function align(tokens: readonly string[], wanted: readonly string[]): readonly Match[] {
  const [taken, used] = [new Set<number>(), new Set<number>()];
  const matches: Match[] = [];
  for (const form of [(token: string) => token, porterStem]) {
    const places = placesOf(wanted, form, used);
    // From the end, each with the last place that is free.
    for (let at = tokens.length - 1; at >= 0; at -= 1) {
      const place = taken.has(at) ? undefined : places.get(form(tokens[at] ?? ''))?.pop();
      if (place === undefined) continue;
      taken.add(at);
      used.add(place);
      matches.push([at, place]);
    }
  }
  return matches.toSorted(([a], [b]) => a - b);
}

function placesOf(
  tokens: readonly string[],
  form: (token: string) => string,
  used: ReadonlySet<number>,
): ReadonlyMap<string, number[]> {
  const places = new Map<string, number[]>();
  tokens.forEach((token, at) => {
    if (used.has(at)) return;
    const key = form(token);
    const known = places.get(key);
    if (known === undefined) places.set(key, [at]);
    else known.push(at);
  });
  return places;
}

/** Runs of matches that are neighbours in both texts. */
function chunksOf(matches: readonly Match[]): number {
  return matches.filter(([at, place], index) => {
    const before = matches[index - 1];
    return before === undefined || before[0] + 1 !== at || before[1] + 1 !== place;
  }).length;
}
