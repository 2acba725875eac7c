// From a stage's question to its answer: render, look up, buy, keep, read. A reply is in the journal, on disk, before it is used,
// and whoever asks the same at the same time waits for the one that is being bought.

import type { z } from 'zod';

import { invalidArgument } from '../../core/errors.ts';
import type { JsonObject } from '../../core/json.ts';
import type { GenerationPrompts } from '../../ports/generation-prompts.ts';
import type { LanguageModelReply } from '../../ports/language-model.ts';
import type { ManagedModel } from '../../ports/managed-model.ts';
import type { JournalledReply, ReplyJournal } from '../../ports/reply-journal.ts';
import { costSum } from '../costs.ts';
import type { Answer, Ask, Question } from '../stage.ts';
import { type Halt, ModelDown, PromptTooLong } from './halt.ts';
import { Places } from './places.ts';
import { replyKey, type AskedRequest } from './reply-key.ts';
import { jsonSchemaOf, readReply } from './reply-reader.ts';

/** One of the recipe's models, with what questions are asked at unless they say otherwise. */
export interface RecipeModel {
  readonly managed: ManagedModel;
  readonly temperature: number;
  /** Of one reply. */
  readonly maxTokens: number;
  readonly seed: number;
}

/** One reply that was asked for, as the funnel counts it. */
export interface AskedReply {
  /** False: it was there, or someone else was buying it. */
  readonly isBought: boolean;
  readonly isReadable: boolean;
  readonly promptTokens: number | null;
  readonly completionTokens: number | null;
  readonly costUsd: number | null;
}

export interface AskerOptions {
  readonly models: ReadonlyMap<string, RecipeModel>;
  readonly prompts: GenerationPrompts;
  readonly journal: ReplyJournal;
  readonly halt: Halt;
  /** Gives up replies that are under way, paid or not. */
  readonly giveUp: AbortSignal;
  /** Told of every reply that came, and of every question that none came for. */
  readonly onReply?: ((isAnswered: boolean) => void) | undefined;
}

/** What a stage asks at. `temperature` and `maxTokens` of the recipe's stage win over those of questions and models. */
export interface AskingStage {
  /** Name of the model for questions that name none. */
  readonly model: string | undefined;
  readonly temperature?: number | undefined;
  readonly maxTokens?: number | undefined;
}

/** How often a question is asked that gets no reply that can be read. */
const ASKINGS_MAX = 3;
/** At temperature 0 a model would say the same again. */
const SECOND_TEMPERATURE_MIN = 0.5;

interface Bought {
  readonly reply: JournalledReply;
  readonly isBought: boolean;
}

export class Asker {
  readonly #options: AskerOptions;
  readonly #flights = new Map<string, Promise<Bought>>();
  readonly #places: ReadonlyMap<string, Places>;
  readonly #schemas = new WeakMap<z.ZodType, JsonObject>();

  constructor(options: AskerOptions) {
    this.#options = options;
    this.#places = new Map(
      [...options.models].map(([name, { managed }]) => [name, new Places(managed.concurrencyMax)]),
    );
  }

  for(stage: AskingStage, onAsked: (reply: AskedReply) => void): Ask {
    return (question) => this.#ask(question, stage, onAsked);
  }

  async #ask<Value>(
    question: Question<Value>,
    stage: AskingStage,
    onAsked: (reply: AskedReply) => void,
  ): Promise<Answer<Value>> {
    const { name, model } = this.#modelFor(question.model ?? stage.model, question.prompt);
    const prompt = this.#options.prompts.find(question.prompt);
    const messages = prompt.render(question.values);
    const written = { prompt: prompt.id, model: model.managed.model };
    const schema =
      question.reply === 'text'
        ? undefined
        : { name: schemaName(question.prompt), schema: this.#schemaOf(question.reply) };
    let costUsd: number | null = 0;
    let detail = '';
    for (let asking = 0; asking < ASKINGS_MAX; asking += 1) {
      const request = requestOf(question, { stage, model }, { messages, schema, asking });
      const { reply, isBought } = await this.#obtain(name, model.managed, request);
      const reading = readReply(reply, question.reply);
      const { promptTokens, completionTokens } = reply;
      const isReadable = reading.kind === 'read';
      onAsked({ isBought, isReadable, promptTokens, completionTokens, costUsd: reply.costUsd });
      costUsd = costSum(costUsd, reply.costUsd);
      if (isReadable) return { kind: 'answer', value: reading.value, costUsd, written };
      detail = reading.detail;
    }
    return { kind: 'unreadable', detail, costUsd };
  }

  #modelFor(
    name: string | undefined,
    prompt: string,
  ): { readonly name: string; readonly model: RecipeModel } {
    const model = name === undefined ? undefined : this.#options.models.get(name);
    if (name !== undefined && model !== undefined) return { name, model };
    throw invalidArgument(
      'models',
      `Cannot ask "${prompt}": ${name === undefined ? 'its stage has no model' : `there is no model "${name}"`}`,
    );
  }

  #schemaOf(form: z.ZodType): JsonObject {
    let schema = this.#schemas.get(form);
    if (schema === undefined) {
      schema = jsonSchemaOf(form);
      this.#schemas.set(form, schema);
    }
    return schema;
  }

  /** The reply from the journal, from whoever is buying it, or bought. */
  async #obtain(name: string, model: ManagedModel, request: AskedRequest): Promise<Bought> {
    const key = replyKey(request);
    const running = this.#flights.get(key);
    if (running !== undefined) return { ...(await running), isBought: false };
    const flight = this.#look(key, name, model, request).finally(() => this.#flights.delete(key));
    this.#flights.set(key, flight);
    return flight;
  }

  async #look(key: string, name: string, model: ManagedModel, request: AskedRequest): Promise<Bought> {
    const { journal, onReply } = this.#options;
    const there = await journal.find(key);
    if (there !== undefined) return { reply: there, isBought: false };
    const reply = await this.#buy(name, model, request);
    await journal.add(key, reply);
    onReply?.(true);
    // Another process may have been faster; from now on its reply is the one.
    return { reply: (await journal.find(key)) ?? reply, isBought: true };
  }

  /** Waits for its turn, in which a stop ends it; what is asked after that is awaited, since it will be paid. */
  async #buy(name: string, model: ManagedModel, request: AskedRequest): Promise<JournalledReply> {
    const { halt, giveUp, onReply } = this.#options;
    const { messages, temperature, maxTokens, schema, seed } = request;
    const asked = await this.#inTurn(name, async () => {
      const outcome = await model.reply({ messages, temperature, maxTokens, schema, seed }, giveUp);
      if (outcome.kind !== 'budget_exhausted') return outcome;
      // Before the next one gets its turn.
      throw halt.stop('budget_spent', `The budget is spent; the next question was for "${name}"`);
    });
    if (asked.kind === 'reply') return journalled(asked.reply, asked.costUsd);
    // A model that refuses one question is there for the next.
    onReply?.(asked.kind === 'too_long');
    if (asked.kind === 'too_long') throw new PromptTooLong(`${name}: ${asked.detail}`);
    throw new ModelDown(`${name}: ${asked.detail}`);
  }

  async #inTurn<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
    const places = this.#places.get(name);
    const { signal } = this.#options.halt;
    await places?.enter(signal);
    try {
      signal.throwIfAborted();
      return await work();
    } finally {
      places?.leave();
    }
  }
}

function requestOf<Value>(
  question: Question<Value>,
  { stage, model }: { readonly stage: AskingStage; readonly model: RecipeModel },
  { messages, schema, asking }: Pick<AskedRequest, 'messages' | 'schema' | 'asking'>,
): AskedRequest {
  const sample = question.sample ?? 0;
  const temperature = stage.temperature ?? question.temperature ?? model.temperature;
  return {
    model: model.managed.model,
    messages,
    temperature: asking === 0 ? temperature : Math.max(temperature, SECOND_TEMPERATURE_MIN),
    maxTokens: stage.maxTokens ?? question.maxTokens ?? model.maxTokens,
    schema,
    // Another seed for every sample and every asking: two samples of one seed are one sample.
    seed: model.seed + sample * ASKINGS_MAX + asking,
    sample,
    asking,
  };
}

function journalled(
  { text, finishReason, usage, model }: LanguageModelReply,
  costUsd: number | null,
): JournalledReply {
  const { promptTokens = null, completionTokens = null } = usage ?? {};
  return { text, finishReason, promptTokens, completionTokens, costUsd, model };
}

/** `check/pair` as servers take names: `check_pair`. */
function schemaName(prompt: string): string {
  return prompt.replaceAll(/[^A-Za-z0-9]/gu, '_');
}
