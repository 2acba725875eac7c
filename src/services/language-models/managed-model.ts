// A model with everything around it that makes asking safe, for those who take any reply: the generators of the dataset engine.
// It reads no reply and keeps none.

import type { ModelLimits } from '../../core/model-access.ts';
import {
  LanguageModelError,
  type LanguageModel,
  type LanguageModelReply,
} from '../../ports/language-model.ts';
import type { ManagedModel, ManagedReply, ManagedRequest, ModelBill } from '../../ports/managed-model.ts';
import { askModel, type AskOptions } from './ask-model.ts';
import { assembleAsking, type AskingParts } from './assemble-asking.ts';
import type { BreakerOptions } from './breaker.ts';
import { limitTime } from './waiting.ts';

export interface ManagedModelSettings extends ModelLimits {
  /** For errors: `teacher`. */
  readonly name: string;
  readonly model: string;
  readonly breaker?: Omit<BreakerOptions, 'clock'> | undefined;
}

export const MANAGED_MODEL_DEFAULTS = {
  /** From question to reply: an outage may last so long before a question is given up. */
  deadlineMs: 15 * 60_000,
  /** Of one attempt: small machines write slowly. */
  attemptTimeoutMs: 5 * 60_000,
  attemptsMax: 12,
  concurrencyMax: 64,
} as const;

/** Throws `invalid_argument` with the name of the setting as its field. */
export function assembleManagedModel(settings: ManagedModelSettings, parts: AskingParts): ManagedModel {
  const { name, model, requestsPerMinute = Infinity } = settings;
  const deadlineMs = settings.deadlineMs ?? MANAGED_MODEL_DEFAULTS.deadlineMs;
  const concurrencyMax = settings.concurrencyMax ?? MANAGED_MODEL_DEFAULTS.concurrencyMax;
  const endpoints = parts.endpoints.map((endpoint) => ({
    ...endpoint,
    model: forGenerators(endpoint.model),
  }));
  const options = assembleAsking(
    {
      ...settings,
      asker: `model "${name}"`,
      deadlineMs,
      concurrencyMax,
      // Whoever asks keeps to `concurrencyMax`; retries are never turned away.
      queueMax: Infinity,
      // Nobody waits for a generator: a server that is kept busy is what is wanted.
      watchesLatency: false,
      attemptsMax: settings.attemptsMax ?? MANAGED_MODEL_DEFAULTS.attemptsMax,
      attemptTimeoutMs:
        settings.attemptTimeoutMs ?? Math.min(MANAGED_MODEL_DEFAULTS.attemptTimeoutMs, deadlineMs),
      seed: 0,
    },
    { ...parts, endpoints },
  );
  // More than a minute's requests at once would only wait for their turn while their time runs.
  const placesMax = Math.min(concurrencyMax * endpoints.length, requestsPerMinute);
  return new EndpointsModel({ model, options, deadlineMs, placesMax });
}

class EndpointsModel implements ManagedModel {
  readonly model: string;
  readonly concurrencyMax: number;
  readonly #options: AskOptions;
  readonly #deadlineMs: number;

  constructor({
    model,
    options,
    deadlineMs,
    placesMax,
  }: {
    readonly model: string;
    readonly options: AskOptions;
    readonly deadlineMs: number;
    readonly placesMax: number;
  }) {
    this.model = model;
    this.concurrencyMax = placesMax;
    this.#options = options;
    this.#deadlineMs = deadlineMs;
  }

  async reply(asked: ManagedRequest, signal: AbortSignal): Promise<ManagedReply> {
    const request = { ...asked, model: this.model };
    const { gates } = this.#options;
    const limit = limitTime(gates.clock, this.#deadlineMs, signal);
    try {
      const outcome = await askModel(
        this.#options,
        { request: () => request, read },
        { limit, onPaid: ignore },
      );
      if (outcome.kind === 'read') {
        return { kind: 'reply', reply: outcome.value, costUsd: this.#costOf(outcome.value) };
      }
      if (outcome.fault === 'budget_exhausted') return { kind: 'budget_exhausted' };
      const kind = outcome.fault === 'too_long' ? 'too_long' : 'unavailable';
      return { kind, detail: outcome.detail };
    } catch (error) {
      if (!limit.hasPassed()) throw error;
      return { kind: 'unavailable', detail: `no reply within ${this.#deadlineMs} ms` };
    } finally {
      limit.end();
    }
  }

  bill(): ModelBill {
    const { calls, promptTokens, completionTokens, costUsd } = this.#options.gates.books.snapshot();
    return { calls, promptTokens, completionTokens, costUsd };
  }

  /** Of this reply alone, or the same reply would have another price after another day's failures. */
  #costOf({ usage }: LanguageModelReply): number | null {
    return usage === undefined ? null : this.#options.gates.books.costOf(usage);
  }
}

/** Any reply will do. */
function read(reply: LanguageModelReply): LanguageModelReply {
  return reply;
}

function ignore(): void {
  // The books count what was paid.
}

/**
 * A model that refuses has answered: nothing is down, and asking the same again would be paid for again. What else a server says is
 * told: whoever generates may read what was sent.
 */
function forGenerators(model: LanguageModel): LanguageModel {
  return {
    complete: async (request, signal) => {
      try {
        return await model.complete(request, signal);
      } catch (error) {
        if (!(error instanceof LanguageModelError)) throw error;
        if (error.fault !== 'refused') throw withWords(error);
        return { text: '', finishReason: 'other', usage: error.usage, model: request.model };
      }
    },
  };
}

function withWords(error: LanguageModelError): LanguageModelError {
  const { fault, message, said, usage, retryAfterMs } = error;
  if (said === undefined) return error;
  return new LanguageModelError(fault, `${message}: ${said}`, { usage, retryAfterMs, cause: error });
}
