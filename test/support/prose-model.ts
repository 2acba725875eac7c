// What a stand-in model says to the stages of Webscale-RL about any prose: it asks for the numbers and the long words of its
// sentences, and of each thing that it is shown it decides by a hash, so that every way through the stages is taken.

import { createHash } from 'node:crypto';
import type { Asked, Handlers } from './generation-model.ts';

const READERS = ['teacher of physics', 'laboratory technician', 'student before an examination'];

/** A fixed number in [0, 1) for a text. */
function shareOf(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32LE() / 2 ** 32;
}

/** Sentences on one line with something to ask for, each with that. */
function factsIn(passage: string): readonly { readonly sentence: string; readonly answer: string }[] {
  return passage
    .split('\n')
    .flatMap((line) => line.split(/(?<=[.!?])\s+(?=[A-Z])/u))
    .flatMap((sentence) => {
      const answer = /\b\d+(?:\.\d+)?\b/u.exec(sentence)?.[0] ?? /\b[a-z]{9,}\b/u.exec(sentence)?.[0];
      return answer === undefined || sentence.length < 40 || sentence.length > 300
        ? []
        : [{ sentence, answer }];
    });
}

function pairsFor({ first, shown }: Asked): object {
  const passage = first('passage');
  const facts = factsIn(passage).toSorted((a, b) => shareOf(a.sentence) - shareOf(b.sentence));
  const readers = Math.max(1, shown('personas').length);
  return {
    pairs: facts.slice(0, readers).map(({ sentence, answer }, index) => ({
      reader: index + 1,
      question: `Which word or number belongs into the gap of the physics statement "${sentence.replaceAll(answer, '____')}"?`,
      answer,
      aliases: [],
      answer_type: /^\d/u.test(answer) ? 'number' : 'text',
      evidence: sentence,
    })),
  };
}

export const PROSE_HANDLERS: Handlers = {
  filter_passage: ({ first }) => ({
    reasoning: 'read',
    informative: true,
    self_contained: shareOf(first('passage')) > 0.1,
    deep_enough: true,
    answerable: factsIn(first('passage')).length > 0,
  }),
  identify_passage: ({ first }) => ({
    reasoning: 'read',
    domain: shareOf(first('passage')) > 0.5 ? 'Natural Science' : 'Education',
    personas: READERS,
  }),
  generate_pairs: pairsFor,
  repair_question: ({ first }) => ({ possible: true, question: `Of physics: ${first('question')}` }),
  check_pair: ({ first, body }) => {
    const drawn = shareOf(first('question'));
    return {
      reasoning: 'compared',
      correct: drawn > 0.1,
      leaks_answer: false,
      // A close call, on which votes differ.
      enough_context: drawn < 0.9 || shareOf(JSON.stringify(body)) > 0.4,
      sure: drawn < 0.8,
    };
  },
};
