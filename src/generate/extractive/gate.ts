// What a proposed question must be before it is a pair: asked of an unbroken sentence, self-contained, grammatical as far as
// form shows it, not telling its answer, and with an answer that its verifier can use.

import { whyUnusable } from '../../core/ground-truth-check.ts';
import type { TextAnalyser } from '../../ports/text-analysis.ts';
import { leaks } from './phrases.ts';
import { plainBlock } from './plain-block.ts';
import type { Proposal } from './question-kind.ts';
import { whyNotSelfContained } from './self-contained.ts';
import { sentencesOf } from './sentence.ts';
import type { Sentence } from './sentence.ts';
import type { Drop } from '../item.ts';

const SENTENCE_CHARS_MIN = 20;
const SENTENCE_CHARS_MAX = 420;
const QUESTION_WORDS_MIN = 5;
const QUESTION_WORDS_MAX = 40;
const ANSWER_CHARS_MAX = 70;
const LIST_CHARS_MAX = 120;

/** Where a figure, a formula or a sentence end fell out of the text, or where it speaks of an instance at hand. */
const BROKEN =
  /\(\s*\)|\b(?:in|by|see|from|with|as|to|and|the|a|an)\s?[.,;)](?:\s|$)|(?<![\p{L}.])\p{L}{1,3}\.\s(?:The|This|Its|In|A|An|These|When|For|That|If|We|It|Thus|So|Note|Notice|You|As|At|To|On)\s|[a-z]\.[A-Z]/u;
const INSTANCE =
  /^(?:Suppose|Imagine|Consider|Let|Assume|If|Say|Think|Take|(?:Notice|Remember)(?! that)|Try|Compare|Look|Figure|Table|Example|Ask|What|How|Why|Which|Is|Are|Do|Does|Can|Could|Would)\b|\b(?:[Ii]n this (?:case|example|section|chapter|figure|problem|way|video)|as shown|for example,? (?:if|suppose|consider)|the figure|you|your)\b/u;

/** Why nothing is asked of a sentence; undefined when something may be. */
export function whyPassedOver({ text }: Sentence): string | undefined {
  if (text.length < SENTENCE_CHARS_MIN || text.length > SENTENCE_CHARS_MAX) return 'too short or too long';
  if (!/^[\p{Lu}\d]/u.test(text) || !/[.!]['”"’)]?$/u.test(text)) return 'not a whole sentence';
  if (BROKEN.test(text)) return 'a gap in the text';
  if (INSTANCE.test(text)) return 'speaks of an instance or to a reader';
  return undefined;
}

export interface Judged {
  readonly answer: string;
  readonly drop: Drop | undefined;
}

/** The answer in the words of the text, and why the proposal goes no further, if it does not. */
export function judge(sentence: Sentence, proposal: Proposal, analyser: TextAnalyser): Judged {
  const answer = sentence.text.slice(proposal.answer.start, proposal.answer.end);
  const drop = whyDropped(sentence, { ...proposal, text: answer }, analyser);
  return { answer, drop };
}

function whyDropped(
  sentence: Sentence,
  proposal: Proposal & { readonly text: string },
  analyser: TextAnalyser,
): Drop | undefined {
  const { question, text: answer } = proposal;
  const drop = (reason: string, detail: string): Drop => ({
    reason,
    detail: `${detail}: ${question} → ${answer}`,
  });
  const words = question.split(' ').length;
  if (words < QUESTION_WORDS_MIN || words > QUESTION_WORDS_MAX)
    return drop('question_length', `${words} words`);
  if (
    answer.trim() === '' ||
    answer.length > (proposal.answerType === 'list' ? LIST_CHARS_MAX : ANSWER_CHARS_MAX)
  )
    return drop('answer_length', 'no short answer');
  const why = proposal.question.startsWith('In the formula ')
    ? undefined
    : whyNotSelfContained(asOneSentence(question, sentence, analyser));
  if (why !== undefined) return drop('not_self_contained', why);
  if ([answer, ...proposal.aliases].some((form) => leaks(question, form)))
    return drop('leaks_answer', 'the question holds the answer');
  const groundTruth = { answer, aliases: proposal.aliases };
  const unusable = whyUnusable(proposal.answerType, groundTruth);
  return unusable === undefined ? undefined : drop('unusable_answer', unusable);
}

/** The analysis of a question, as one sentence whatever full stops it holds. */
function asOneSentence(question: string, { lowerCaseWords }: Sentence, analyser: TextAnalyser): Sentence {
  const block = plainBlock(question, { start: 0, end: question.length }, []);
  const parts = sentencesOf(block, analyser, lowerCaseWords);
  return {
    text: question,
    start: 0,
    tokens: parts.flatMap((part) =>
      part.tokens.map((token) => ({
        ...token,
        start: token.start + part.start,
        end: token.end + part.start,
      })),
    ),
    tags: parts.map(({ tags }) => tags).join(''),
    block,
    lowerCaseWords,
  };
}
