// Answers that no judge is asked about. A colon, "Thought process:" or "Solution" is no answer, yet judges call such texts
// right up to 80 % of the time ("One token to fool LLM-as-a-judge", arXiv 2507.08794). Rules only, no model: a text that may
// be an answer passes, and so does whatever the ground truth itself looks like.

/** Openers that say that an answer follows, in words joined by single blanks; compared without case and punctuation. */
const OPENERS: ReadonlySet<string> = new Set([
  'answer',
  'final answer',
  'the answer is',
  'the final answer is',
  'answer is',
  'solution',
  'the solution is',
  'explanation',
  'reasoning',
  'analysis',
  'thought',
  'thoughts',
  'thought process',
  'thinking process',
  'chain of thought',
  'let me think',
  'let us think step by step',
  'lets think step by step',
  'let us solve this problem step by step',
  'lets solve this problem step by step',
  'lets solve this step by step',
  'step by step',
  'step by step solution',
  'here is the answer',
  'here is the solution',
  'see above',
  'as above',
  '解',
  '解答',
  '答案',
  '答え',
  'かいせつ',
  '解説',
  'respuesta',
  'solución',
  'réponse',
  'antwort',
  'lösung',
  'ответ',
  'решение',
]);

/** An opener of our own making that ends with a colon has at most so many words. */
const OPENER_WORDS_MAX = 8;

/** Why `answer` is none, or undefined when a judge may be asked. `groundTruths` may look as they like. */
export function unfitAnswer(
  answer: string,
  groundTruths: readonly string[],
  answerCharsMax: number,
): string | undefined {
  if (answer.length > answerCharsMax) return 'the answer is too long to be judged';
  const kind = emptyKind(answer);
  if (kind === undefined || groundTruths.some((truth) => emptyKind(truth) === kind)) return undefined;
  return REASONS[kind];
}

type EmptyKind = 'blank' | 'punctuation' | 'opener';

const REASONS: Readonly<Record<EmptyKind, string>> = {
  blank: 'the answer is empty',
  punctuation: 'the answer is nothing but punctuation',
  opener: 'the answer only announces one',
};

function emptyKind(text: string): EmptyKind | undefined {
  // Format characters (zero width, direction) and the fillers of Hangul and Braille show nothing.
  const shown = text.replaceAll(/[\p{White_Space}\p{C}\p{M}\u115F\u1160\u2800\u3164\uFFA0]+/gu, ' ').trim();
  if (shown === '') return 'blank';
  // Symbols such as ∞ and + can be answers; marks of punctuation and Markdown cannot.
  if (/^[\p{P}\p{Sk}\s|~$<>=]+$/u.test(shown)) return 'punctuation';
  const words = shown
    .toLowerCase()
    .replaceAll(/['’`]/gu, '')
    .split(/[\p{P}\p{S}\s]+/u)
    .filter((word) => word !== '');
  if (OPENERS.has(words.join(' '))) return 'opener';
  const endsOpen =
    /[:：]\s*[*_`]*$/u.test(shown) && words.length <= OPENER_WORDS_MAX && !/\p{N}/u.test(shown);
  return endsOpen ? 'opener' : undefined;
}
