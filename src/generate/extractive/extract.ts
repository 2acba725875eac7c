// The generator that needs no key: reads sentences, asks about what they state, and hands on pairs as a language model's
// would be. What it cannot ask well it passes over; what it proposed and gave up is a drop with a reason.

import { z } from 'zod';

import { EnvError } from '../../core/errors.ts';
import { LOOSE_TEXT, normalizeText } from '../../core/normalize.ts';
import type { TextAnalyser } from '../../ports/text-analysis.ts';
import { childKey } from '../item.ts';
import type { Drop, PairItem, PassageItem } from '../item.ts';
import { kept, stageKind } from '../stage.ts';
import type { Outcome } from '../stage.ts';
import { QUESTION_KINDS } from './kinds/table.ts';
import { questionsOf } from './questions.ts';
import type { FoundQuestion } from './questions.ts';

const GENERATOR = 'extractive';

const extractOptions = () =>
  z.strictObject({
    /** Kinds of questions to leave out, by name. */
    without: z.array(z.enum(QUESTION_KINDS.map(({ name }) => name))).default([]),
  });
type ExtractOptions = z.output<ReturnType<typeof extractOptions>>;

export const extract = stageKind<ExtractOptions>({
  name: 'extract',
  summary: 'Asks about dates, quantities, names, terms and relations that sentences state. Asks no model.',
  takes: 'passage',
  gives: 'pair',
  model: undefined,
  needs: ['analyser'],
  options: extractOptions,
  estimate: () => ({ calls: 0, promptTokens: 0, showsPassage: false, completionTokens: 0, yield: 4 }),
  build: ({ without }) => ({
    kind: 'each',
    apply: (item, { analyser }) => {
      if (item.kind !== 'passage') return Promise.resolve(kept(item));
      if (analyser === undefined)
        throw new EnvError('failed_precondition', 'Cannot extract questions: the run has no text analyser');
      return Promise.resolve(questionsFrom(item, analyser, new Set(without)));
    },
  }),
});

function questionsFrom(item: PassageItem, analyser: TextAnalyser, without: ReadonlySet<string>): Outcome {
  const { found, drops } = questionsOf(item.passage, analyser);
  const pairs: PairItem[] = [];
  const repeated: Drop[] = [];
  const asked = new Map<string, string>();
  for (const question of found) {
    if (without.has(question.kind)) continue;
    const facts = factsOf(question);
    const earlier = facts.map((fact) => asked.get(fact)).find((known) => known !== undefined);
    if (earlier !== undefined) {
      repeated.push({ reason: 'same_fact', detail: `"${question.question}" repeats "${earlier}"` });
      continue;
    }
    for (const fact of facts) asked.set(fact, question.question);
    pairs.push(pairOf(item, question, pairs.length));
  }
  if (pairs.length === 0 && drops.length === 0 && repeated.length === 0)
    return { kept: [], drops: [{ reason: 'no_question', detail: item.passage.source }] };
  return { kept: pairs, drops: [...drops, ...repeated] };
}

/** A passage that defines a term three times is asked for it once; one person may have done several things. */
function factsOf({ kind, question, answer, aliases, answerType }: FoundQuestion): string[] {
  const isName = /^(?:Who|By whom|After whom|What was the nationality)\b/u.test(question);
  // Born in a year, and born on a day: one fact.
  const life = /\b(?:was|did)\s(?<who>.+?)\s(?<what>born|die)\b/u.exec(question)?.groups;
  if (answerType === 'date' && life !== undefined)
    return [`${life['what'] ?? ''}:${(life['who'] ?? '').split(' ').slice(-2).join(' ')}`];
  if (answerType !== 'text' || isName) return [question];
  const topic = kind === 'abbreviation' || kind === 'unit' || kind === 'formula' ? kind : '';
  return [answer, ...aliases].map((form) => `${topic}:${normalizeText(form, LOOSE_TEXT)}`);
}

function pairOf(item: PassageItem, found: FoundQuestion, index: number): PairItem {
  const { question, answer, aliases, answerType, evidence, kind } = found;
  return {
    kind: 'pair',
    key: childKey(item.key, index),
    draft: {
      question,
      answer,
      aliases,
      answerType,
      domain: item.domain,
      evidence,
      generator: GENERATOR,
    },
    passage: item.passage,
    costUsd: 0,
    notes: { ...item.notes, extract: { kind } },
  };
}
