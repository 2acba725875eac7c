// Whether a text states the answer of a draft, in whatever form: "7 November 1867" for 1867-11-07, "two" for 2. The draft's own
// verifier says what is the same; this file only says where to look.

import { normalizeText, LOOSE_TEXT } from '../../core/normalize.ts';
import { looseText } from '../../core/verifiers/exact.ts';
import { compareTexts, verifierOf } from '../draft-answers.ts';
import type { Draft } from '../item.ts';

/** Verifiers that know one amount or day in several spellings. Of the others, words are compared. */
const READERS: ReadonlySet<string> = new Set(['numeric', 'date']);
const WINDOW_WORDS_MAX = 6;
const TEXT_WORDS_MAX = 600;
/** Part of every number and every date. */
const NUMERAL =
  /\p{N}|^(?:an?|one|two|twi|three|thir|four|for|five|fif|six|seven|eight|nin|ten|eleven|twel|half|quarter|dozen|score|hundred|thousand|million|billion|trillion|first|second|zero|no|nil|thrice|once|double|single)/iu;

/** The stretch of `text` that says the same as the answer, or one of its aliases; undefined when none does. */
export function statedIn(text: string, draft: Draft): string | undefined {
  const { verifier } = verifierOf(draft);
  if (READERS.has(verifier.name)) return readIn(text, draft);
  const words = ` ${normalizeText(text, LOOSE_TEXT)} `;
  return [draft.answer, ...draft.aliases].find((answer) => {
    const wanted = looseText(answer);
    return wanted !== '' && words.includes(` ${wanted} `);
  });
}

/** Tries every stretch of up to six words with something in it that may be a numeral. Linear in the text. */
function readIn(text: string, draft: Draft): string | undefined {
  // Both ends of "1642–1727" are stated.
  const ends = text.replace(/(?<=\d)[–—](?=\d)/gu, ' – ');
  const tokens = (ends.match(/\S+/gu) ?? []).slice(0, TEXT_WORDS_MAX).map(withoutMarks);
  const truth = { answer: draft.answer, aliases: draft.aliases };
  // The question must not lend a bare number its unit: what it names is not what the text states.
  const asked = { ...draft, question: '' };
  const numerals = tokens.map((token) => NUMERAL.test(token));
  for (let size = 1; size <= WINDOW_WORDS_MAX; size += 1) {
    for (let at = 0; at + size <= tokens.length; at += 1) {
      if (!numerals.slice(at, at + size).includes(true)) continue;
      const stretch = tokens.slice(at, at + size).join(' ');
      if (compareTexts(asked, stretch, truth).kind === 'correct') return stretch;
    }
  }
  return undefined;
}

/** Without brackets, quotes and the marks that end a clause; a sign, a currency and a percent stay. */
function withoutMarks(token: string): string {
  return token.replace(/^[("'“‘[{]+/u, '').replace(/[)"'”’\]},;:.!?…]+$/u, '');
}
