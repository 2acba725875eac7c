// Self-verification (arXiv 2212.09561) as MetaMath uses it: question and answer become one statement, a number of it is hidden and asked for.
// The model rewrites the whole question: cutting a question at its last comma or period breaks those that end otherwise.

import { z } from 'zod';

import { asPair, type Drop, type PairItem } from '../item.ts';
import { stageKind, type StageTools } from '../stage.ts';
import { askBackward, backwardShape, type BackwardText } from './backward.ts';
import { numberOf, numbersIn } from './numbers.ts';

const selfVerificationOptions = () => z.strictObject(backwardShape());
type SelfVerificationOptions = z.output<ReturnType<typeof selfVerificationOptions>>;

const statementReply = () => z.strictObject({ statement: z.string() });
type StatementReply = ReturnType<typeof statementReply>;

export const selfVerification = stageKind({
  name: 'self_verification',
  summary: 'Makes a statement of question and answer, hides each number in turn and asks for it (MetaMath).',
  takes: 'pair',
  gives: 'pair',
  model: 'teacher',
  options: selfVerificationOptions,
  estimate: ({ prove, keep_original: keeps }: SelfVerificationOptions) => ({
    calls: 1 + 3 * prove.samples,
    promptTokens: 250,
    showsPassage: false,
    completionTokens: 300,
    yield: (keeps ? 1 : 0) + 2,
    varies: { keepsOriginal: keeps },
  }),
  build: (options: SelfVerificationOptions) => {
    const reply = statementReply();
    return {
      kind: 'each',
      apply: async (item, tools) =>
        askBackward(asPair(item), {
          method: 'self_verification',
          options,
          tools,
          textOf: (pair, by) => statementOf(pair, by, reply),
        }),
    };
  },
});

/** The statement, held to its purpose: it asks nothing, and states the answer. */
async function statementOf(
  { draft }: PairItem,
  tools: StageTools,
  reply: StatementReply,
): Promise<BackwardText | Drop> {
  const answer = await tools.ask({
    prompt: 'self_verification/statement',
    values: { question: draft.question, answer: draft.answer },
    reply,
    temperature: 0,
  });
  if (answer.kind === 'unreadable') return { reason: 'unreadable_reply', detail: answer.detail };
  const text = answer.value.statement.trim();
  if (text === '' || text.includes('?')) return { reason: 'not_a_statement', detail: text };
  const known = numberOf(draft.answer);
  if (!numbersIn(text).some(({ value }) => value === known)) {
    return { reason: 'answer_not_in_statement', detail: `"${draft.answer}": ${text}` };
  }
  return { text, costUsd: answer.costUsd, written: answer.written };
}
