// Answers that a sentence or a label announces: "the final answer is", "Answer:", "A:". The last one counts. A hedged claim is
// taken whole, for the verifier to refuse.

import { lastExpression } from './answer-fallbacks.ts';
import { lineEnd } from './answer-markers.ts';
import type { ExtractedAnswer, Fallback } from './answer.ts';

/** Labels are looked for in this many places, from the end. */
const LABEL_TRIES_MAX = 16;

/** "Answer" in other languages, as a line begins with it: a capital is rare, which makes the search fast. */
const LABELS = [
  'Respuesta',
  'Réponse',
  'Antwort',
  'Risposta',
  'Resposta',
  'Ответ',
  '答案',
  '答え',
  '回答',
  '정답',
  'उत्तर',
];
/** Behind the word: perhaps emphasis or a bracket, then what says that the answer comes. */
const SAYS = /^[*_\s)\]]{0,4}(?:(is|are|was)\b[\s:：]{0,3}|[:：]|＝|=|$)/;

export function findLabelled(text: string, fallback: Fallback): ExtractedAnswer | undefined {
  // "nswer" would stop at every n.
  if (text.includes('wer') && text.includes('nswer')) {
    const found = labelled(text, 'nswer', fallback);
    if (found !== undefined) return found;
  }
  const short = findShortLabel(text, fallback);
  if (short !== undefined || !(text.includes(':') || text.includes('：'))) return short;
  for (const label of LABELS) {
    const found = text.includes(label) ? labelled(text, label, fallback) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The last "answer is" or "answer:" that is followed by something. */
function labelled(text: string, word: string, fallback: Fallback): ExtractedAnswer | undefined {
  let at = text.lastIndexOf(word);
  for (let tries = 0; at >= 0 && tries < LABEL_TRIES_MAX; tries += 1) {
    const after = at + word.length;
    const line = text.slice(after, Math.min(lineEnd(text, after), after + 24));
    const says = SAYS.exec(line);
    if (says !== null) {
      const content = contentAt(text, after + says[0].length);
      const source = says[1] === undefined ? 'answer_label' : 'final_answer';
      const found = answerOf(content, source, fallback);
      if (found !== undefined) return found;
    }
    at = at === 0 ? -1 : text.lastIndexOf(word, at - 1);
  }
  return undefined;
}

/** A last line `A: 18`. */
function findShortLabel(text: string, fallback: Fallback): ExtractedAnswer | undefined {
  if (!text.includes('A:')) return undefined;
  const at = text.includes('\nA:') ? text.lastIndexOf('\nA:') : -1;
  const start = at >= 0 ? at + 3 : text.startsWith('A:') ? 2 : -1;
  if (start < 0) return undefined;
  return answerOf(contentAt(text, start), 'answer_label', fallback);
}

const DISPLAYS = [
  ['\\[', '\\]'],
  ['$$', '$$'],
] as const;

/** The rest of the line, or the next line that is not empty; a display formula to its end. */
function contentAt(text: string, from: number): string {
  let start = from;
  while (start < text.length && ' \t\n\r*_'.includes(text.charAt(start))) start += 1;
  for (const [open, close] of DISPLAYS) {
    if (!text.startsWith(open, start)) continue;
    const end = text.indexOf(close, start + 2);
    if (end >= 0) return text.slice(start + 2, end).trim();
  }
  const content = text.slice(start, lineEnd(text, start));
  const hope = content.indexOf('I hope it is correct');
  return (hope < 0 ? content : content.slice(0, hope)).replace(/[*_\s]+$/, '');
}

/** Words that make a claim weaker or wider: what they stand in is kept whole, for the verifier to judge. */
const HEDGES =
  /\b(?:or|and|either|neither|nor|not|maybe|perhaps|possibly|probably|between|if|unless|but|could|might)\b/i;

/** A formula or number, and behind it a reason, an aside or another sentence: "64, since 8·8 = 64", "$7$, not $8$". */
const EXPLAINED =
  /^(\$[^$]+\$|\\\(.+?\\\)|[-+]?(?:\\?\$)?\d[\d,]*(?:\.\d+)?(?:\/\d+)?%?)(?=[.!]\s+[A-Z]|!$|,?\s+(?:since|because|as|so|which|where)\s|,\s+(?:not|i\.e\.)\s|\s+\((?:since|because|as|i\.e\.|which)\s)/;
const OFFERS = /\b(?:or|maybe|perhaps|possibly|alternatively|could|might|unless|if|but|wait|actually)\b/i;

/** Where maths is expected, the value that a sentence ends with; elsewhere what was written. A full stop alone is no answer. */
function answerOf(
  content: string,
  source: 'answer_label' | 'final_answer',
  fallback: Fallback,
): ExtractedAnswer | undefined {
  const plain = content.replace(/[.*_\s]+$/, '');
  if (plain === '') return undefined;
  // Without a letter or an exclamation mark there is no sentence, and no reason behind the value.
  if ((fallback !== 'expression' && fallback !== 'number') || !/[A-Za-z!]/.test(plain))
    return { answer: plain, source };
  const explained = EXPLAINED.exec(plain);
  const [, value = ''] = explained ?? [];
  if (value !== '' && !OFFERS.test(plain.slice(value.length))) return { answer: value, source };
  if (!/[A-Za-z]{2}/.test(plain) || HEDGES.test(plain)) return { answer: plain, source };
  const verb = Math.max(plain.lastIndexOf(' is '), plain.lastIndexOf(' are '), plain.lastIndexOf(' equals '));
  const claim = verb < 0 ? plain : plain.slice(plain.indexOf(' ', verb + 1)).trim();
  if (!isProse(claim)) return { answer: claim, source };
  return { answer: lastExpression(claim)?.answer ?? claim, source };
}

/** At least two words of three letters outside formulas. */
function isProse(text: string): boolean {
  const words = text.replaceAll(/\$[^$]*\$|\\[A-Za-z]+/g, ' ').match(/[A-Za-z]{3,}/g);
  return (words?.length ?? 0) >= 2;
}
