// All questions that a passage answers, each with the bytes that answer it, and why others were passed over.

import type { ByteSpan, Passage } from '../../core/document.ts';
import type { AnswerType } from '../../core/qa-pair.ts';
import type { TextAnalyser } from '../../ports/text-analysis.ts';
import type { Drop } from '../item.ts';
import { proseBlocks } from './blocks.ts';
import { clausesOf } from './clauses.ts';
import { judge, whyPassedOver } from './gate.ts';
import { QUESTION_KINDS } from './kinds/table.ts';
import type { Proposal } from './question-kind.ts';
import { sourceSpan } from './plain-block.ts';
import { topicOf, withReferents } from './referents.ts';
import { lowerCaseWordsOf, sentencesOf } from './sentence.ts';
import type { Sentence } from './sentence.ts';

export interface FoundQuestion {
  readonly kind: string;
  readonly question: string;
  /** In the words of the passage. */
  readonly answer: string;
  readonly aliases: readonly string[];
  readonly answerType: AnswerType;
  /** Bytes of the document: the sentence that answers. */
  readonly evidence: ByteSpan;
}

export interface PassageQuestions {
  readonly found: readonly FoundQuestion[];
  readonly drops: readonly Drop[];
}

/** Reads one passage. Same passage, same questions, in the order of the text. */
export function questionsOf(passage: Passage, analyser: TextAnalyser): PassageQuestions {
  const lowerCaseWords = lowerCaseWordsOf(passage.text);
  const found: FoundQuestion[] = [];
  const drops: Drop[] = [];
  const paragraphs = proseBlocks(passage.text).map((block) => sentencesOf(block, analyser, lowerCaseWords));
  const topic = topicOf(paragraphs[0]?.[0], passage.title);
  for (const paragraph of paragraphs) {
    for (const sentence of withReferents(paragraph, topic)) {
      if (whyPassedOver(sentence) !== undefined) continue;
      const taken = new Set<number>();
      for (const part of clausesOf(sentence)) {
        for (const { kind, proposal } of proposalsOf(part.sentence)) {
          const place = part.offset + proposal.answer.start;
          if (taken.has(place)) continue;
          const { answer, drop } = judge(part.sentence, proposal, analyser);
          const evidence = evidenceOf(passage, sentence, answer);
          if (drop !== undefined) drops.push(drop);
          else if (evidence === undefined)
            drops.push({ reason: 'evidence_lacks_answer', detail: `${proposal.question} → ${answer}` });
          else {
            taken.add(place);
            const { question, aliases, answerType } = proposal;
            found.push({ kind, question, answer, aliases, answerType, evidence });
          }
        }
      }
    }
  }
  return { found, drops };
}

function proposalsOf(sentence: Sentence): { readonly kind: string; readonly proposal: Proposal }[] {
  return QUESTION_KINDS.flatMap((kind) =>
    kind.propose(sentence).map((proposal) => ({ kind: kind.name, proposal })),
  );
}

/** The sentence in the document, in bytes; undefined where marks inside it cut the answer in two. */
function evidenceOf(passage: Passage, sentence: Sentence, answer: string): ByteSpan | undefined {
  const { start, end } = sourceSpan(sentence.block, sentence.start, sentence.start + sentence.text.length);
  const source = passage.text.slice(start, end);
  if (!source.includes(answer)) return undefined;
  const from = passage.span.start + Buffer.byteLength(passage.text.slice(0, start));
  return { start: from, end: from + Buffer.byteLength(source) };
}
