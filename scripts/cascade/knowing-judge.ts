// A judge behind a real API on loopback that knows the labels of a file: what a perfect judge would say of each answer, as
// it is shown it. An answer that is not in the file gets no verdict, so that nothing is right by accident.

import { extractAnswer } from '../../src/core/answer.ts';
import { withoutMarkers } from '../../src/core/judge-data.ts';
import {
  startOpenAiServer,
  type Behaviour,
  type ChatBody,
  type OpenAiServer,
} from '../../test/support/openai-server.ts';

export interface LabelledRow {
  readonly question: string;
  readonly ground_truth: string;
  readonly completions: readonly { readonly text: string; readonly is_correct: boolean }[];
}

export interface KnowingJudge extends OpenAiServer {
  /** Different questions with their answers: what it can be asked. */
  readonly questions: number;
  /** Of those, answers that the file calls right in one completion and wrong in another; the majority is taken. */
  readonly contradictions: number;
}

/** @param onCall told of each request, counted from 0, before it is answered */
export async function startKnowingJudge(
  rows: readonly LabelledRow[],
  onCall: (index: number) => void,
): Promise<KnowingJudge> {
  const votes = new Map<string, { yes: number; no: number }>();
  for (const { question, completions } of rows) {
    for (const { text, is_correct: isCorrect } of completions) {
      const answer = extractAnswer(text, 'line')?.answer;
      if (answer === undefined) continue;
      const key = keyOf(question, answer);
      const vote = votes.get(key) ?? { yes: 0, no: 0 };
      votes.set(key, vote);
      if (isCorrect) vote.yes += 1;
      else vote.no += 1;
    }
  }
  const behave = (body: ChatBody, index: number): Behaviour => {
    onCall(index);
    const vote = votes.get(keyOf(shown(body, 'question'), shown(body, 'answer')));
    if (vote === undefined) return { kind: 'reply', text: 'I have never seen this answer' };
    const verdict = vote.yes > vote.no ? 'equivalent' : 'different';
    return { kind: 'reply', text: JSON.stringify({ reasoning: 'as the label says', verdict }) };
  };
  const server = await startOpenAiServer(behave);
  const contradictions = [...votes.values()].filter(({ yes, no }) => yes > 0 && no > 0).length;
  return { ...server, questions: votes.size, contradictions };
}

function keyOf(question: string, answer: string): string {
  return JSON.stringify([withoutMarkers(question), withoutMarkers(answer)]);
}

/** The text of one fence of the request. */
function shown({ messages }: ChatBody, name: string): string {
  const user = messages.at(-1)?.content ?? '';
  return new RegExp(`<(data-\\w+) ${name}>\\n([\\s\\S]*?)\\n</\\1>`, 'u').exec(user)?.[2] ?? '';
}
