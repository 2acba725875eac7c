// A judge behind an API: words a question, gathers its votes within one deadline, and makes one verdict of them. It keeps no
// verdicts; its books keep what they cost.

import { unfitAnswer } from '../../core/judge-refusals.ts';
import {
  readVote,
  replySchema,
  swappedVote,
  type VerdictScale,
  type Vote,
} from '../../core/judge-verdict.ts';
import { isDecisive, tallyVotes } from '../../core/judge-votes.ts';
import type {
  LanguageModelReply,
  LanguageModelRequest,
  LanguageModelUsage,
} from '../../ports/language-model.ts';
import type { JudgePromptValues, JudgeTemplate } from '../../ports/judge-templates.ts';
import { askModel, type AskFault, type AskOptions } from '../language-models/ask-model.ts';
import type { BooksSnapshot } from '../language-models/books.ts';
import { limitTime, type TimeLimit } from '../language-models/waiting.ts';
import type { Judge, JudgeCause, JudgeOutcome, JudgeQuestion, JudgeSampling } from './judge.ts';

type VoteOutcome =
  | { readonly kind: 'vote'; readonly vote: Vote }
  | { readonly kind: 'fault'; readonly cause: JudgeCause; readonly detail: string };

const CAUSES = {
  unavailable: 'judge_unavailable',
  unreadable: 'judge_unreadable',
  budget_exhausted: 'judge_budget_exhausted',
  too_long: 'judge_unavailable',
} as const satisfies Record<AskFault, JudgeCause>;

export interface ApiJudgeOptions extends AskOptions {
  readonly name: string;
  readonly model: string;
  readonly template: JudgeTemplate;
  readonly sampling: JudgeSampling;
  /** Least share of votes that decides a question of which some votes could not be had. */
  readonly agreement: number;
  /** From the question to its verdict, all waiting and repetition included. */
  readonly deadlineMs: number;
  /** Longer answers are refused. */
  readonly answerCharsMax: number;
}

export class ApiJudge implements Judge {
  readonly name: string;
  readonly model: string;
  readonly template: string;
  readonly sampling: JudgeSampling;
  readonly #options: ApiJudgeOptions;
  readonly #schema: LanguageModelRequest['schema'];

  constructor(options: ApiJudgeOptions) {
    this.name = options.name;
    this.model = options.model;
    this.template = options.template.id;
    this.sampling = options.sampling;
    this.#options = options;
    this.#schema = {
      name: options.template.scale.kind === 'range' ? 'grade' : 'verdict',
      schema: replySchema(options.template.scale),
    };
  }

  /** All calls since the start. */
  get books(): BooksSnapshot {
    return this.#options.gates.books.snapshot();
  }

  async judge(question: JudgeQuestion, signal: AbortSignal): Promise<JudgeOutcome> {
    signal.throwIfAborted();
    const refusal = this.#refusalOf(question);
    if (refusal !== undefined) return { kind: 'refused', reason: refusal };
    const { gates, deadlineMs } = this.#options;
    const limit = limitTime(gates.clock, deadlineMs, signal);
    const paid = { promptTokens: 0, completionTokens: 0 };
    const onPaid = (usage: LanguageModelUsage | undefined): void => {
      paid.promptTokens += usage?.promptTokens ?? 0;
      paid.completionTokens += usage?.completionTokens ?? 0;
    };
    try {
      const orders = this.#options.template.isPairwise ? [false, true] : [false];
      const asked = orders.flatMap((isSwapped) =>
        Array.from({ length: this.sampling.votes }, (_, index) =>
          this.#vote(question, { isSwapped, index, limit, onPaid }),
        ),
      );
      return this.#verdictOf(await Promise.all(asked), paid);
    } finally {
      limit.end();
    }
  }

  #refusalOf({ answer, other, groundTruth, aliases }: JudgeQuestion): string | undefined {
    const { template, answerCharsMax } = this.#options;
    const truths = template.usesGroundTruth ? [groundTruth, ...aliases] : [];
    const refusal = unfitAnswer(answer, truths, answerCharsMax);
    if (refusal !== undefined || !template.isPairwise || other === undefined) return refusal;
    return other.length > answerCharsMax ? 'the other answer is too long to be judged' : undefined;
  }

  async #vote(
    question: JudgeQuestion,
    vote: {
      readonly isSwapped: boolean;
      readonly index: number;
      readonly limit: TimeLimit;
      readonly onPaid: (usage: LanguageModelUsage | undefined) => void;
    },
  ): Promise<VoteOutcome> {
    const { limit, isSwapped, index, onPaid } = vote;
    const { template, deadlineMs } = this.#options;
    const messages = template.render(valuesOf(question, isSwapped));
    const { temperature, maxTokens, votes, seed, topP, reasoningEffort } = this.sampling;
    const request = (asking: number): LanguageModelRequest => ({
      model: this.model,
      messages,
      temperature,
      maxTokens,
      schema: this.#schema,
      ...(topP !== undefined && { topP }),
      ...(reasoningEffort !== undefined && { reasoningEffort }),
      // Another seed for every vote and every asking: two samples of one seed are one sample.
      seed: seed + index + votes * asking,
    });
    try {
      // A reply that was cut off may have been about to say something else.
      const read = ({ text, finishReason }: LanguageModelReply): Vote | undefined =>
        finishReason === 'length' ? undefined : readVote(text, template.scale);
      const asked = await askModel(this.#options, { request, read }, { limit, onPaid });
      if (asked.kind === 'fault') return { kind: 'fault', cause: CAUSES[asked.fault], detail: asked.detail };
      return isSwapped ? inRightOrder(asked.value, template.scale) : { kind: 'vote', vote: asked.value };
    } catch (error) {
      if (!limit.hasPassed()) throw error;
      return { kind: 'fault', cause: 'deadline_exceeded', detail: `no verdict within ${deadlineMs} ms` };
    }
  }

  #verdictOf(
    outcomes: readonly VoteOutcome[],
    paid: { readonly promptTokens: number; readonly completionTokens: number },
  ): JudgeOutcome {
    const { gates, template, agreement } = this.#options;
    const votes = outcomes.flatMap((outcome) => (outcome.kind === 'vote' ? [outcome.vote] : []));
    const fault = outcomes.find((outcome) => outcome.kind === 'fault');
    const tally = tallyVotes(votes, { asked: outcomes.length, scale: template.scale });
    const costUsd = gates.books.costOf(paid);
    if (tally === undefined || (fault !== undefined && !isDecisive(tally.agreement, agreement))) {
      const { cause, detail } = fault ?? { cause: 'judge_unreadable' as const, detail: 'no vote' };
      return { kind: 'fault', cause, detail, costUsd, ...paid };
    }
    const { model, template: id } = this;
    const verdict = { ...tally, costUsd, ...paid, model, template: id, at: gates.clock.now() };
    return { kind: 'verdict', verdict };
  }
}

function valuesOf(question: JudgeQuestion, isSwapped: boolean): JudgePromptValues {
  const { answer, other = '' } = question;
  return {
    question: question.question,
    groundTruth: question.groundTruth,
    aliases: question.aliases,
    answer: isSwapped ? other : answer,
    other: isSwapped ? answer : other,
    variables: question.variables,
  };
}

function inRightOrder(given: Vote, scale: VerdictScale): VoteOutcome {
  const vote = swappedVote(given, scale);
  if (vote !== undefined) return { kind: 'vote', vote };
  return { kind: 'fault', cause: 'judge_unreadable', detail: 'the label has no mirror image' };
}
