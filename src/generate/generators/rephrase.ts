// The rephrasing of MetaMath (arXiv 2309.12284): the same question in other words, with the same answer. A wording that changes what is asked
// is found by solving it: the answer that is known must come out.

import { z } from 'zod';

import { asPair, type Drop, type PairItem } from '../item.ts';
import { kept, stageKind, type Answer, type Outcome, type StageTools } from '../stage.ts';
import { rougeL } from '../../core/similarity/rouge-l.ts';
import { derived, withOriginal, isFresh } from './families.ts';
import { proofShape, proveAll } from './proof.ts';

const rephraseOptions = () =>
  z.strictObject({
    /** New wordings of each question. */
    wordings: z.int().min(1).max(32).default(1),
    temperature: z.number().min(0).max(2).default(0.7),
    keep_original: z.boolean().default(true),
    prove: proofShape(),
  });
type RephraseOptions = z.output<ReturnType<typeof rephraseOptions>>;

const questionReply = () => z.strictObject({ question: z.string() });
type QuestionReply = ReturnType<typeof questionReply>;

export const rephrase = stageKind({
  name: 'rephrase',
  summary: 'Puts each question in other words; the known answer must come out of them (MetaMath).',
  takes: 'pair',
  gives: 'pair',
  model: 'teacher',
  options: rephraseOptions,
  estimate: ({ wordings, prove, keep_original: keeps }: RephraseOptions) => ({
    calls: wordings * (1 + prove.samples),
    promptTokens: 250,
    showsPassage: false,
    completionTokens: 250,
    yield: (keeps ? 1 : 0) + 0.9 * wordings,
    varies: { keepsOriginal: keeps },
  }),
  build: (options: RephraseOptions) => {
    const reply = questionReply();
    return { kind: 'each', apply: async (item, tools) => reword(asPair(item), { options, tools, reply }) };
  },
});

async function reword(
  item: PairItem,
  {
    options,
    tools,
    reply,
  }: { readonly options: RephraseOptions; readonly tools: StageTools; readonly reply: QuestionReply },
): Promise<Outcome> {
  if (!isFresh(item, 'rephrase')) return kept(item);
  const { draft } = item;
  const done = (children: readonly PairItem[], drops: readonly Drop[]): Outcome =>
    withOriginal(item, { method: 'rephrase', children, drops, keepOriginal: options.keep_original });
  if (draft.answer === '') {
    return done([], [{ reason: 'no_answer', detail: `nothing to compare by: ${draft.question}` }]);
  }
  const answers = await Promise.all(
    Array.from({ length: options.wordings }, (_, sample) =>
      tools.ask({
        prompt: 'rephrase/question',
        values: { question: draft.question, choices: draft.choices ?? [] },
        reply,
        sample,
        temperature: options.temperature,
      }),
    ),
  );
  const { children, drops } = wordingsOf(item, answers);
  const checked = await proveAll(children, options.prove, tools);
  return done(checked.proved, [...drops, ...checked.drops]);
}

function wordingsOf(
  item: PairItem,
  answers: readonly Answer<{ readonly question: string }>[],
): { readonly children: readonly PairItem[]; readonly drops: readonly Drop[] } {
  const { answer: known, aliases, answerType, choices } = item.draft;
  const questions = [item.draft.question];
  const children: PairItem[] = [];
  const drops: Drop[] = [];
  for (const [index, answer] of answers.entries()) {
    if (answer.kind === 'unreadable') {
      drops.push({ reason: 'unreadable_reply', detail: answer.detail });
      continue;
    }
    const question = answer.value.question.trim();
    // The same words in the same order: case and punctuation make no other question.
    if (question === '' || questions.some((other) => rougeL(other, question) === 1)) {
      drops.push({ reason: 'same_wording', detail: question });
      continue;
    }
    questions.push(question);
    const { costUsd, written } = answer;
    const draft = { question, answer: known, aliases, answerType, choices, written };
    children.push(derived(item, { method: 'rephrase', index, draft, costUsd, note: { wording: index + 1 } }));
  }
  return { children, drops };
}
