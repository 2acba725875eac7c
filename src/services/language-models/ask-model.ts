// Gets one reply that can be read: asks, and asks again where that can help, at the endpoints that are up, until there is one,
// the attempts or the time are used up, or nobody can answer. One deadline, the caller's, is over all of it.

import type { Random } from '../../core/random.ts';
import type {
  LanguageModelError,
  LanguageModelFault,
  LanguageModelReply,
  LanguageModelRequest,
} from '../../ports/language-model.ts';
import { pickReady, type Endpoint } from './endpoint.ts';
import { send, type Gates, type OnPaid } from './send.ts';
import { pause, type TimeLimit } from './waiting.ts';

export interface AskOptions {
  readonly endpoints: readonly Endpoint[];
  readonly gates: Gates;
  readonly random: Random;
  /** Most calls for one question, refusals of a form apart. */
  readonly attemptsMax: number;
}

export interface Question<Value> {
  /** The request for the first asking, and another for the second one after a reply that cannot be read. */
  request(asking: number): LanguageModelRequest;
  /** Undefined: the reply does not say what was asked for. */
  read(reply: LanguageModelReply): Value | undefined;
}

/** Why there is no reply that can be read. */
export type AskFault = 'unavailable' | 'unreadable' | 'too_long' | 'budget_exhausted';

export type AskOutcome<Value> =
  | { readonly kind: 'read'; readonly value: Value }
  | { readonly kind: 'fault'; readonly fault: AskFault; readonly detail: string };

/** One re-ask for replies that cannot be read: a model that cannot keep to the form will not learn it. */
const ASKINGS_MAX = 2;
const FIRST_DELAY_MS = 200;
const DELAY_MS_MAX = 10_000;
/** How often endpoints that are closed are looked at again: one may open early. */
const LOOK_AGAIN_MS = 500;
/** What an endpoint will answer to the same request whenever it is asked. */
const REFUSALS: ReadonlySet<LanguageModelFault> = new Set(['unauthorized', 'bad_request', 'too_long']);
const ENDINGS: Readonly<Partial<Record<LanguageModelFault, 'unreadable' | 'too_long'>>> = {
  malformed_reply: 'unreadable',
  too_long: 'too_long',
};
/** A form has seven parts that can be refused. */
const FORM_REFUSALS_MAX = 7;

/** Rejects only with the signal's reason. */
export async function askModel<Value>(
  options: AskOptions,
  question: Question<Value>,
  { limit, onPaid }: { readonly limit: TimeLimit; readonly onPaid: OnPaid },
): Promise<AskOutcome<Value>> {
  const { gates, attemptsMax } = options;
  const progress = new Progress(options);
  let request = question.request(0);
  for (;;) {
    const endpoint = await progress.choose(limit);
    if (endpoint === undefined)
      return progress.given(progress.last ?? 'no endpoint is up before the deadline');
    const sent = await send(endpoint, request, { gates, signal: limit.signal, onPaid });
    switch (sent.kind) {
      case 'closed':
        continue;
      case 'queue_full':
        return unavailable('too many questions wait for the model');
      case 'budget_exhausted':
        return {
          kind: 'fault',
          fault: 'budget_exhausted',
          detail: 'one more call may cost more than the budget has left',
        };
      case 'reply': {
        progress.attempts += 1;
        const value = question.read(sent.reply);
        if (value !== undefined) return { kind: 'read', value };
        progress.askings += 1;
        progress.last =
          sent.reply.finishReason === 'length'
            ? 'the reply was cut at its length limit'
            : 'the reply does not hold what was asked for';
        break;
      }
      case 'fault':
        progress.failed(endpoint, sent.error);
        break;
    }
    if (progress.askings >= ASKINGS_MAX) {
      return { kind: 'fault', fault: 'unreadable', detail: progress.last ?? '' };
    }
    if (progress.attempts >= attemptsMax) return progress.exhausted();
    // The same object while nothing was said: it carries what was learnt of its form.
    if (progress.askings > progress.asked) {
      progress.asked = progress.askings;
      request = question.request(progress.askings);
    }
  }
}

type Faulty = Extract<AskOutcome<never>, { readonly kind: 'fault' }>;

function unavailable(detail: string): Faulty {
  return { kind: 'fault', fault: 'unavailable', detail };
}

/** One question on its way. */
class Progress {
  readonly #options: AskOptions;
  /** Endpoints that refuse this request for good. */
  readonly #refused = new Set<Endpoint>();
  #failedLast: Endpoint | undefined;
  #delays = 0;
  #formRefusals = 0;
  /** Of the last call that failed, where it says how the question ends. */
  #ending: Extract<AskFault, 'unavailable' | 'unreadable' | 'too_long'> = 'unavailable';
  attempts = 0;
  /** Replies that came and could not be read. */
  askings = 0;
  asked = 0;
  /** The last thing that went wrong, for the fault's detail. */
  last: string | undefined;

  constructor(options: AskOptions) {
    this.#options = options;
  }

  /**
   * An endpoint that may be called now; waits for one where none may, and backs off before it asks the one that failed last.
   * Undefined when none will be up before the deadline.
   */
  async choose(limit: TimeLimit): Promise<Endpoint | undefined> {
    const { endpoints, random, gates } = this.#options;
    const { clock } = gates;
    const usable = endpoints.filter((endpoint) => !this.#refused.has(endpoint));
    const fresh = usable.filter((endpoint) => endpoint !== this.#failedLast);
    const another = pickReady(fresh, clock.now(), random);
    if (another !== undefined || usable.length === 0) return another;
    if (this.#failedLast !== undefined) await pause(clock, this.#delayMs(), limit.signal);
    for (;;) {
      const now = clock.now();
      const endpoint = pickReady(usable, now, random);
      if (endpoint !== undefined) return endpoint;
      const soonest = Math.min(...usable.map(({ breaker }) => breaker.readyAt));
      if (soonest >= limit.at) return undefined;
      await pause(clock, Math.min(soonest - now, LOOK_AGAIN_MS), limit.signal);
    }
  }

  failed(endpoint: Endpoint, error: LanguageModelError): void {
    this.last = `${error.message} (${error.fault}, ${endpoint.name})`;
    if (error.fault === 'form_refused') {
      this.#formRefusals += 1;
      if (this.#formRefusals > FORM_REFUSALS_MAX * this.#options.endpoints.length)
        this.#refused.add(endpoint);
      return;
    }
    this.attempts += 1;
    if (error.fault === 'refused') {
      this.askings += 1;
      return;
    }
    this.#ending = ENDINGS[error.fault] ?? 'unavailable';
    if (REFUSALS.has(error.fault)) this.#refused.add(endpoint);
    else this.#failedLast = endpoint;
  }

  exhausted(): Faulty {
    return this.given(`gave up after ${this.attempts} calls: ${this.last ?? ''}`);
  }

  /** By the last thing that came, however the question ends. */
  given(detail: string): Faulty {
    return { kind: 'fault', fault: this.#ending, detail };
  }

  /** Full jitter: anything from 0 to a doubling delay, so that those who failed together do not return together. */
  #delayMs(): number {
    const most = Math.min(DELAY_MS_MAX, FIRST_DELAY_MS * 2 ** this.#delays);
    this.#delays += 1;
    return this.#options.random.next() * most;
  }
}
