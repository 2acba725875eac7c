// The gate before anything is paid for: passages that no model needs to look at. Every rule is a share or a count with a
// limit in the recipe, and a drop states what was measured.

import { z } from 'zod';

import { asPassage, type PassageItem } from '../item.ts';
import { dropped, kept, stageKind, type Outcome } from '../stage.ts';
import { LANGUAGES, languageOf } from './languages.ts';
import { boilerplateShare, garbledShare, letterShare, pieceCount, repeatedShare } from './text-signals.ts';

const share = (fallback: number) => z.number().min(0).max(1).default(fallback);

const heuristicsOptions = () =>
  z.strictObject({
    /** Webscale-RL (arXiv 2510.06499) drops documents below 50 tokens. */
    min_tokens: z.int().min(0).default(50),
    max_chars: z.int().min(1).default(60_000),
    boilerplate_max: share(0.3),
    repeated_lines_max: share(0.3),
    garbled_max: share(0.1),
    letters_min: share(0.4),
    /** Passages that are clearly in another of the known languages are dropped; null takes any. */
    language: z.enum(LANGUAGES).nullable().default(null),
  });
type HeuristicsOptions = z.output<ReturnType<typeof heuristicsOptions>>;

interface Flaw {
  readonly reason: string;
  readonly detail: string;
}

export const heuristics = stageKind({
  name: 'heuristics',
  summary:
    'Drops passages that are too short, too large, damaged, repetitive or page furniture. Asks no model.',
  takes: 'passage',
  gives: 'passage',
  model: undefined,
  options: heuristicsOptions,
  estimate: () => ({ calls: 0, promptTokens: 0, showsPassage: false, completionTokens: 0, yield: 0.9 }),
  build: (options: HeuristicsOptions) => ({
    kind: 'each',
    apply: async (item) => sift(asPassage(item), options),
  }),
});

function sift(item: PassageItem, options: HeuristicsOptions): Outcome {
  const flaw = flawOf(item.passage.text, options);
  return flaw === undefined ? kept(item) : dropped(flaw.reason, flaw.detail);
}

/** The first rule that the text breaks: sizes first, which are cheap and bound the work of the others. */
function flawOf(text: string, options: HeuristicsOptions): Flaw | undefined {
  if (text.length > options.max_chars) {
    return { reason: 'too_large', detail: `${text.length} characters, at most ${options.max_chars}` };
  }
  const tokens = pieceCount(text);
  if (tokens < options.min_tokens) {
    return { reason: 'too_short', detail: `${tokens} tokens, at least ${options.min_tokens}` };
  }
  const garbled = garbledShare(text);
  if (garbled > options.garbled_max) return { reason: 'garbled', detail: `${percent(garbled)} is damaged` };
  const letters = letterShare(text);
  if (letters < options.letters_min) return { reason: 'garbled', detail: `${percent(letters)} is letters` };
  const boilerplate = boilerplateShare(text);
  if (boilerplate > options.boilerplate_max) {
    return { reason: 'boilerplate', detail: `${percent(boilerplate)} belongs to the page` };
  }
  const repeated = repeatedShare(text);
  if (repeated > options.repeated_lines_max) {
    return { reason: 'repeated_lines', detail: `${percent(repeated)} stands there before` };
  }
  const language = options.language === null ? undefined : languageOf(text);
  if (language !== undefined && language !== options.language) {
    return { reason: 'other_language', detail: `looks like "${language}", not "${options.language}"` };
  }
  return undefined;
}

function percent(part: number): string {
  return `${(part * 100).toFixed(1)} %`;
}
