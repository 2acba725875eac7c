// Years of birth and death behind a name: "Niels Bohr (1885–1962)".

import { personAt } from '../names.ts';
import type { Proposal, QuestionKind } from '../question-kind.ts';
import { textOf, tokenAt } from '../sentence.ts';
import type { Sentence } from '../sentence.ts';

const LIFESPAN = /\s\((?:born\s)?(?<born>1\d{3}|20\d{2})\s?[–-]\s?(?<died>1\d{3}|20\d{2})\)/gu;
const AGE_MIN = 20;
const AGE_MAX = 110;

export const lifespanKind: QuestionKind = {
  name: 'lifespan',
  propose(sentence) {
    return [...sentence.text.matchAll(LIFESPAN)].flatMap((match) => lifespan(sentence, match));
  },
};

function lifespan(sentence: Sentence, match: RegExpExecArray): readonly Proposal[] {
  const { born = '', died = '' } = match.groups ?? {};
  const age = Number(died) - Number(born);
  if (age < AGE_MIN || age > AGE_MAX) return [];
  const name = nameBefore(sentence, match.index);
  if (name === undefined) return [];
  const start = match.index + match[0].indexOf(born);
  const end = match.index + match[0].lastIndexOf(died);
  return [year(`In which year was ${name} born?`, start), year(`In which year did ${name} die?`, end)];
}

function year(question: string, start: number): Proposal {
  return { question, answer: { start, end: start + 4 }, aliases: [], answerType: 'date' };
}

/** The name of a person that ends at `end`, with the profession in front of it. */
function nameBefore(sentence: Sentence, end: number): string | undefined {
  const last = tokenAt(sentence, end) - 1;
  for (let first = Math.max(0, last - 5); first < last; first += 1) {
    const person = personAt(sentence, first);
    if (person?.last !== last) continue;
    const name = textOf(sentence, person);
    const before = sentence.text.slice(0, sentence.tokens[person.first]?.start ?? 0);
    const role = /(?:\bthe\s)(?<role>(?:\p{Lu}\p{Ll}+\s)?(?:\p{Ll}+ and )?\p{Ll}+\s)$/iu.exec(before)
      ?.groups?.['role'];
    return role === undefined ? name : `the ${role}${name}`;
  }
  return undefined;
}
